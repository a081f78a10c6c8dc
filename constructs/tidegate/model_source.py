"""Where a model comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self

from aws_cdk import Token

from tidegate._validation import Faults
from tidegate.model_container import ModelContainer, check_containers

_NO_ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """Where a model comes from: an image with an artifact, a model package version, or whole containers.

    Use the factories; exactly one kind of source is set.

    Attributes:
        image_uri: Address of the container image in ECR, by digest or by a tag that never moves.
        artifact_uri: `s3://` address of the `model.tar.gz`; None when the image holds the model.
        model_package_arn: ARN of a model package version, may be a token.
        environment: Environment variables of the container.
        containers: Containers with their images and artifacts, 1 to 15.
        execution: How several containers are called: `Serial`, one after the other, or `Direct`, the one
            that the request names; None for one container.

    """

    image_uri: str | None = None
    artifact_uri: str | None = None
    model_package_arn: str | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: _NO_ENVIRONMENT)
    containers: tuple[ModelContainer, ...] = ()
    execution: str | None = None

    def __post_init__(self) -> None:
        faults = Faults("model source")
        faults.rule(
            "model-source",
            ok=[self.image_uri, self.model_package_arn, self.containers or None].count(None) == 2,
            message="exactly one of image_uri and model_package_arn must be set, "
            f"got {self.image_uri!r} and {self.model_package_arn!r}",
        )
        image = self.image_uri
        faults.rule(
            "image-tag-latest",
            ok=image is None or Token.is_unresolved(image) or not image.endswith(":latest"),
            message=f"image_uri must name one image, got {image!r}",
        )
        faults.rule(
            "model-source",
            ok=_starts(self.artifact_uri, "s3://"),
            message=f"artifact_uri must start with s3://, got {self.artifact_uri!r}",
        )
        faults.rule(
            "model-source",
            ok=_starts(self.model_package_arn, "arn:"),
            message=f"model_package_arn must be an ARN, got {self.model_package_arn!r}",
        )
        faults.raise_if_any()
        check_containers(self.containers, self.execution)

    @classmethod
    def image(
        cls,
        image_uri: str,
        *,
        artifact_uri: str | None = None,
        environment: Mapping[str, str] = _NO_ENVIRONMENT,
    ) -> Self:
        """Return the source of a model in a container image, with its artifact in S3."""
        return cls(image_uri=image_uri, artifact_uri=artifact_uri, environment=environment)

    @classmethod
    def model_package(
        cls, model_package_arn: str, *, environment: Mapping[str, str] = _NO_ENVIRONMENT
    ) -> Self:
        """Return the source of a registered model package version; the ARN may be a deploy-time token."""
        return cls(model_package_arn=model_package_arn, environment=environment)

    @classmethod
    def container(cls, container: ModelContainer) -> Self:
        """Return the source of a model in one container; with many models it is a multi-model one."""
        return cls(containers=(container,))

    @classmethod
    def pipeline(cls, containers: Sequence[ModelContainer]) -> Self:
        """Return an inference pipeline: 2 to 15 containers, each works on the answer of the one before."""
        return cls(containers=tuple(containers), execution="Serial")

    @classmethod
    def direct(cls, containers: Sequence[ModelContainer]) -> Self:
        """Return 2 to 15 containers that are called one by one, by `TargetContainerHostname`."""
        return cls(containers=tuple(containers), execution="Direct")


def _starts(value: str | None, prefix: str) -> bool:
    return value is None or Token.is_unresolved(value) or value.startswith(prefix)
