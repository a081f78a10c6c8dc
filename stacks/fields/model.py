"""What a fleet serves: a model package, a container, many models, or several containers."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from aws_cdk import Aws
from pydantic import Field, model_validator

from stacks.fields.values import (
    BucketArn,
    Digest,
    ImageUri,
    PackageArn,
    RepositoryArn,
    S3Prefix,
    S3Uri,
    Text,
)
from stacks.findings import NOTHING, Finding, refuse
from stacks.part import Part
from tidegate.compatibility import Feature, Mode

if TYPE_CHECKING:
    from tidegate import ContainerImage, ModelArtifact, ModelContainer, ModelSource

_IMAGE: Final = re.compile(r"([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)[:@](.+)")
# The rules of a container that do not depend on the region are checked as if it were this one.
_ANY_REGION: Final = "us-east-1"
_MODES: Final[Mapping[str, Mode]] = {"serial": Mode.SERIAL, "direct": Mode.DIRECT}


class NetworkPart(Part):
    """The user's own network, which the containers are attached to."""

    vpc: Annotated[str, Field(pattern=r"^vpc-[0-9a-f]+$")]
    subnets: Annotated[
        tuple[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")], ...], Field(strict=False, min_length=1)
    ]
    security_groups: Annotated[
        tuple[Annotated[str, Field(pattern=r"^sg-[0-9a-f]+$")], ...], Field(strict=False, min_length=1)
    ]


class SurroundingsPart(Part):
    """What a model gets from around it: variables, permissions, network."""

    environment: dict[str, str] = Field(default_factory=dict)
    repositories: Annotated[tuple[RepositoryArn, ...], Field(strict=False)] = ()
    network: NetworkPart | None = None
    network_isolation: bool = False
    open_network_because: Text | None = None

    def features(self) -> Iterator[tuple[Feature, str]]:
        """Yield what the compatibility table is asked for, with the field that asks."""
        if self.network is not None:
            yield Feature.VPC, "network"
        if self.network_isolation:
            yield Feature.NETWORK_ISOLATION, "network_isolation"


class ContainerPart(Part):
    """One container: an image of your own or one of AWS's, and its files."""

    image: ImageUri | None = None
    immutable_tag: bool = False
    framework: Text | None = None
    version: Text | None = None
    digest: Digest | None = None
    artifact: S3Uri | None = None
    artifact_version: Text | None = None
    models: S3Prefix | None = None
    cached: bool = True
    environment: dict[str, str] = Field(default_factory=dict)

    def container(self, region: str) -> "ModelContainer":
        """Return the container for the library.

        Args:
            region: Region of the endpoint, whose registry AWS's own images are pulled from.

        Raises:
            ValueError: naming what the library refuses.

        """
        return self._container(region, hostname=None)

    def _container(self, region: str, *, hostname: str | None) -> "ModelContainer":
        from tidegate import ModelContainer

        return ModelContainer(
            image=self._image(region),
            artifact=self._artifact(),
            environment=self.environment,
            hostname=hostname,
            cached=self.cached,
        )

    def _image(self, region: str) -> "ContainerImage":
        from tidegate import ContainerImage

        if self.image is not None:
            return _own_image(self.image)
        version, named = str(self.version), str(self.framework)
        if named == "scikit-learn":
            return ContainerImage.scikit_learn(version, region=region, digest=self.digest)
        if named == "xgboost":
            return ContainerImage.xgboost(version, region=region, digest=self.digest)
        return ContainerImage.deep_learning(named, version, region=region, digest=self.digest)

    def _artifact(self) -> "ModelArtifact | None":
        from tidegate import ModelArtifact

        if self.models is not None:
            return ModelArtifact.many_models(self.models)
        if self.artifact is None:
            return None
        if self.artifact.endswith("/"):
            return ModelArtifact.folder(self.artifact)
        if self.artifact.endswith(".tar.gz"):
            return ModelArtifact.archive(self.artifact, version_id=self.artifact_version)
        return ModelArtifact.file(self.artifact, version_id=self.artifact_version)

    def _faults(self) -> Iterator[Finding]:
        if (self.image is None) == (self.framework is None):
            yield Finding(at=(), message="must have either an image or a framework", got=NOTHING)
        if self.framework is not None and self.version is None:
            yield Finding(at=("version",), message="is missing: a framework needs a version", got=NOTHING)
        for name in ("version", "digest"):
            if self.framework is None and getattr(self, name) is not None:
                yield Finding(at=(name,), message="belongs to a framework; an image names it itself")
        if self.image is not None and "@" not in self.image and not self.immutable_tag:
            message = (
                "must name a digest (@sha256:...), or say immutable_tag: true for a tag that never moves"
            )
            yield Finding(at=("image",), message=message)
        yield from self._artifact_faults()

    def _artifact_faults(self) -> Iterator[Finding]:
        if self.models is not None and self.artifact is not None:
            yield Finding(at=("models",), message="excludes an artifact: each request names its model")
        one_object = self.artifact is not None and not self.artifact.endswith("/")
        if self.artifact_version is not None and not one_object:
            yield Finding(at=("artifact_version",), message="needs an artifact that is one object")


class NamedContainerPart(ContainerPart):
    """One of several containers."""

    hostname: Text | None = None

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        refuse(self, self._faults())
        self.container(_ANY_REGION)
        return self

    def container(self, region: str) -> "ModelContainer":
        """Return the container for the library, with its name."""
        return self._container(region, hostname=self.hostname)


class ModelPart(SurroundingsPart, ContainerPart):
    """The model: exactly one of a package, a container (one model or many), and several containers."""

    package: PackageArn | None = None
    buckets: Annotated[tuple[BucketArn, ...], Field(strict=False)] = ()
    containers: Annotated[tuple[NamedContainerPart, ...], Field(strict=False)] = ()
    execution: Literal["serial", "direct"] | None = None

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        refuse(self, self._faults())
        self.source(_ANY_REGION)
        return self

    @property
    def mode(self) -> Mode:
        """The kind of inference on instances."""
        if self.execution is not None:
            return _MODES[self.execution]
        return Mode.MULTI_MODEL if self.models is not None else Mode.REAL_TIME

    @property
    def hosted(self) -> int | None:
        """How many models it is; None when a prefix may hold any number."""
        if self.models is not None:
            return None
        return len(self.containers) if self.execution == "direct" else 1

    def source(self, region: str) -> "ModelSource":
        """Return where the model comes from, for the library.

        Raises:
            ValueError: naming what the library refuses.

        """
        from tidegate import ModelSource

        if self.package is not None:
            return ModelSource.model_package(self.package, environment=self.environment)
        if not self.containers:
            return ModelSource.container(self.container(region))
        containers = [one.container(region) for one in self.containers]
        several = ModelSource.pipeline if self.execution == "serial" else ModelSource.direct
        return several(containers)

    def features(self) -> Iterator[tuple[Feature, str]]:
        """Yield what the compatibility table is asked for, with the field that asks."""
        yield from super().features()
        if self.models is not None or any(one.models is not None for one in self.containers):
            yield Feature.MULTI_MODEL, "models" if self.models is not None else "containers"
        if self.execution == "serial":
            yield Feature.PIPELINE, "execution"

    def _faults(self) -> Iterator[Finding]:
        if self.package is None and not self.containers:
            if self.image is None and self.framework is None:
                message = "must have one of package, image, framework or containers"
                yield Finding(at=(), message=message, got=NOTHING)
            else:
                yield from super()._faults()
            if self.execution is not None:
                yield Finding(at=("execution",), message="is for containers")
            return
        chosen = "package" if self.package is not None else "containers"
        own = ["image", "framework", "version", "digest", "artifact", "artifact_version", "models"]
        own += ["containers", "execution"] if self.package is not None else ["environment"]
        for name in own:
            if getattr(self, name):
                yield Finding(at=(name,), message=f"does not go with {chosen}")
        if self.containers and self.execution is None:
            message = "is missing: containers are called serial or direct"
            yield Finding(at=("execution",), message=message, got=NOTHING)


def _own_image(uri: str) -> "ContainerImage":
    from tidegate import ContainerImage

    found = _IMAGE.fullmatch(uri)
    if found is None:
        raise ValueError(f"image must be the address of an image in ECR, got {uri!r}")
    account, region, repository, version = found.groups()
    return ContainerImage(
        uri=uri,
        repository_arn=f"arn:{Aws.PARTITION}:ecr:{region}:{account}:repository/{repository}",
        digest=version if version.startswith("sha256:") else None,
    )
