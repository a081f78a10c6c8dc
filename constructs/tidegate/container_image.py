"""A container image that cannot change under a running endpoint."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aws_cdk import Token, region_info
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam

from tidegate._image_registries import classic_account, deep_learning_account
from tidegate._validation import Faults
from tidegate.compatibility_numbers import refusal

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_RELEASE: Final = re.compile(r"\d+\.\d+.*-v\d+(\.\d+)+")

# Version -> tag. Source: aws/sagemaker-python-sdk, src/sagemaker/image_uri_config/{sklearn,xgboost}.json.
_SCIKIT_LEARN: Final = {version: f"{version}-cpu-py3" for version in ("0.20.0", "0.23-1", "1.0-1", "1.2-1")}
_XGBOOST: Final = {version: f"{version}-cpu-py3" for version in ("0.90-1", "0.90-2", "1.0-1")} | {
    version: version for version in ("1.2-1", "1.2-2", "1.3-1", "1.5-1", "1.7-1")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerImage:
    """The address of an image by digest, by a tag that never moves, or one of AWS's own by version.

    A tag that moves would give the instances of one fleet different images at the next scale-out. Use the
    factories.

    Attributes:
        uri: Address that SageMaker pulls.
        repository_arn: ARN of the repository, for the pull permission.
        digest: `sha256:` digest when known; it is recorded as a tag of the model.

    Raises:
        ValueError: naming the rule, the reason and the AWS page.

    Example:
        ContainerImage.scikit_learn("1.2-1", region="eu-west-1")

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html

    """

    uri: str
    repository_arn: str
    digest: str | None = None

    def __post_init__(self) -> None:
        faults = Faults("container image")
        faults.rule(
            "image-digest",
            ok=_is_digest(self.digest),
            message=f"digest must be sha256: and 64 hexadecimal digits, got {self.digest!r}",
        )
        faults.raise_if_any()

    @classmethod
    def by_digest(cls, repository: ecr.IRepository, digest: str) -> "ContainerImage":
        """Return the image of a repository with this digest; the surest way."""
        return cls(
            uri=f"{repository.repository_uri}@{digest}",
            repository_arn=repository.repository_arn,
            digest=digest,
        )

    @classmethod
    def by_immutable_tag(
        cls, repository: ecr.IRepository, tag: str, *, immutable: bool = False
    ) -> "ContainerImage":
        """Return the image with this tag, of a repository whose tags never move.

        Args:
            repository: A repository that the app defines with immutable tags, or an imported one.
            tag: The tag.
            immutable: The caller's word that the tags of an imported repository are immutable.

        """
        faults = Faults(f"image tag {tag!r}")
        faults.rule("image-tag-latest", ok=tag != "latest", message="a tag must name one image, got 'latest'")
        found = repository.node.default_child
        known = found.image_tag_mutability if isinstance(found, ecr.CfnRepository) else None
        declared = immutable if not isinstance(found, ecr.CfnRepository) else known == "IMMUTABLE"
        faults.rule(
            "image-tag-mutable",
            ok=declared,
            message=f"the repository's tags must be immutable, got {known!r}",
        )
        faults.raise_if_any()
        return cls(uri=f"{repository.repository_uri}:{tag}", repository_arn=repository.repository_arn)

    @classmethod
    def scikit_learn(cls, version: str, *, region: str, digest: str | None = None) -> "ContainerImage":
        """Return AWS's scikit-learn image; without `digest` AWS may patch it under the same version."""
        return _classic("sagemaker-scikit-learn", _SCIKIT_LEARN, version, region, digest)

    @classmethod
    def xgboost(cls, version: str, *, region: str, digest: str | None = None) -> "ContainerImage":
        """Return AWS's XGBoost image; without `digest` AWS may patch it under the same version."""
        return _classic("sagemaker-xgboost", _XGBOOST, version, region, digest)

    @classmethod
    def deep_learning(
        cls, name: str, version: str, *, region: str, digest: str | None = None
    ) -> "ContainerImage":
        """Return an AWS Deep Learning Container.

        Args:
            name: Repository, for example `pytorch-inference` or `huggingface-pytorch-inference`.
            version: Tag of one release, ending in `-v1.2`; another tag only together with `digest`.
            region: Region of the endpoint; the registry's account follows from it.
            digest: Digest of the image.

        """
        faults = Faults(f"deep learning container {name!r}")
        faults.rule(
            "image-release",
            ok=digest is not None or _RELEASE.fullmatch(version) is not None,
            message=f"version must be the tag of one release, ending like -v1.2, got {version!r}",
        )
        faults.raise_if_any()
        return _of_aws(deep_learning_account, name, version, region, digest)

    def statements(self) -> list[iam.PolicyStatement]:
        """Return what the execution role needs to pull the image."""
        return [
            iam.PolicyStatement(sid="LogInToEcr", actions=["ecr:GetAuthorizationToken"], resources=["*"]),
            iam.PolicyStatement(
                sid="PullImages",
                actions=[
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                ],
                resources=[self.repository_arn],
            ),
        ]


def _is_digest(digest: str | None) -> bool:
    return digest is None or Token.is_unresolved(digest) or _DIGEST.fullmatch(digest) is not None


def _classic(
    repository: str, versions: Mapping[str, str], version: str, region: str, digest: str | None
) -> ContainerImage:
    if version not in versions:
        raise ValueError(
            refusal(
                "image-version",
                f"{repository} version must be one of {sorted(versions)}, got {version!r}",
            )
        )
    return _of_aws(classic_account, repository, versions[version], region, digest)


def _of_aws(
    account_in: Callable[[str], str | None], repository: str, tag: str, region: str, digest: str | None
) -> ContainerImage:
    account = None if Token.is_unresolved(region) else account_in(region)
    if account is None:
        shown = "a deploy-time value" if Token.is_unresolved(region) else repr(region)
        raise ValueError(
            refusal(
                "image-region", f"region must be a known one with prebuilt {repository} images, got {shown}"
            )
        )
    facts = region_info.RegionInfo.get(region)
    host = f"{account}.dkr.ecr.{region}.{facts.domain_suffix}"
    return ContainerImage(
        uri=f"{host}/{repository}@{digest}" if digest is not None else f"{host}/{repository}:{tag}",
        repository_arn=f"arn:{facts.partition}:ecr:{region}:{account}:repository/{repository}",
        digest=digest,
    )
