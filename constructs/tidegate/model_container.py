"""One container of a model: image, files and environment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from aws_cdk import Token
from aws_cdk import aws_iam as iam

from tidegate._rulebook_models import (
    LARGEST_ENVIRONMENT,
    LONGEST_VARIABLE,
    MOST_CONTAINERS,
    MOST_VARIABLES,
)
from tidegate._validation import Faults
from tidegate.container_image import ContainerImage
from tidegate.model_artifact import ArtifactKind, ModelArtifact

_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelContainer:
    """A container that serves one model, or many models of one framework.

    Attributes:
        image: The container image.
        artifact: The files of the model; None when the image holds them.
        environment: At most 100 variables; names and values of at most 1024 bytes each.
        hostname: Name of the container among several, at most 63 characters.
        cached: Whether a container of many models keeps them in memory; turn it off when each model is
            asked for rarely. On by default, without meaning for one model.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    Example:
        ModelContainer(image=image, artifact=ModelArtifact.folder("s3://models/digits/7/"))

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html

    """

    image: ContainerImage
    artifact: ModelArtifact | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    hostname: str | None = None
    cached: bool = True

    def __post_init__(self) -> None:
        faults = Faults("model container")
        if self.hostname is not None:
            faults.require_name(self.hostname, field="hostname")
        check_environment(faults, [self.environment])
        faults.raise_if_any()

    @property
    def multi_model(self) -> bool:
        """Whether the container loads models on demand."""
        return self.artifact is not None and self.artifact.kind is ArtifactKind.MANY_MODELS

    def statements(self) -> list[iam.PolicyStatement]:
        """Return what the execution role needs to start the container."""
        artifact = [] if self.artifact is None else self.artifact.statements()
        return [*self.image.statements(), *artifact]


def check_environment(faults: Faults, environments: Sequence[Mapping[str, str]]) -> None:
    """Record what SageMaker refuses about the variables of the containers of one model."""
    texts = [
        text
        for environment in environments
        for pair in environment.items()
        for text in pair
        if not Token.is_unresolved(text)
    ]
    sizes = [len(text.encode()) for text in texts]
    most = max((len(environment) for environment in environments), default=0)
    faults.rule(
        "environment-variables",
        ok=most <= MOST_VARIABLES,
        message=f"environment must have at most {MOST_VARIABLES} variables, got {most}",
    )
    longest = max(sizes, default=0)
    faults.rule(
        "environment-size",
        ok=longest <= LONGEST_VARIABLE and sum(sizes) <= LARGEST_ENVIRONMENT,
        message=f"environment must have names and values of at most {LONGEST_VARIABLE} bytes and "
        f"{LARGEST_ENVIRONMENT} bytes in all, got {longest} and {sum(sizes)}",
    )


def check_containers(containers: Sequence[ModelContainer], execution: str | None) -> None:
    """Refuse containers that cannot be one model.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    """
    faults = Faults("model source")
    check_environment(faults, [container.environment for container in containers])
    if execution is not None:
        _check_several(faults, containers, direct=execution == "Direct")
    faults.raise_if_any()


def _check_several(faults: Faults, containers: Sequence[ModelContainer], *, direct: bool) -> None:
    names = [container.hostname for container in containers if container.hostname is not None]
    complete = len(names) == len(containers) or (not direct and not names)
    many = sum(container.multi_model for container in containers)
    faults.rule(
        "container-count",
        ok=2 <= len(containers) <= MOST_CONTAINERS,
        message=f"containers must be 2 to {MOST_CONTAINERS}, got {len(containers)}",
    )
    faults.rule(
        "container-hostnames",
        ok=complete,
        message=f"hostname must be set on {'every container' if direct else 'all containers or none'}, "
        f"got {names}",
    )
    faults.rule(
        "container-hostnames",
        ok=len(set(names)) == len(names),
        message=f"hostnames must differ, got {names}",
    )
    faults.rule(
        "container-multi-model",
        ok=many <= (0 if direct else 1),
        message=f"at most {0 if direct else 1} of several containers may be multi-model, got {many}",
    )
