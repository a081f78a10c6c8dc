"""One container of a model: image, files and environment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from aws_cdk import Token
from aws_cdk import aws_iam as iam

from tidegate._refusal import api, guide, refusal
from tidegate._validation import Faults
from tidegate.container_image import ContainerImage
from tidegate.model_artifact import ArtifactKind, ModelArtifact

MOST_CONTAINERS: Final = 15
MOST_VARIABLES: Final = 100
LONGEST_VARIABLE: Final = 1024
LARGEST_ENVIRONMENT: Final = 32 * 1024
_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})
_PAGE: Final = api("ContainerDefinition")


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
    faults.require(
        ok=most <= MOST_VARIABLES,
        message=refusal(
            f"environment must have at most {MOST_VARIABLES} variables, got {most}",
            because="that is SageMaker's bound",
            page=_PAGE,
        ),
    )
    longest = max(sizes, default=0)
    faults.require(
        ok=longest <= LONGEST_VARIABLE and sum(sizes) <= LARGEST_ENVIRONMENT,
        message=refusal(
            f"environment must have names and values of at most {LONGEST_VARIABLE} bytes and "
            f"{LARGEST_ENVIRONMENT} bytes in all, got {longest} and {sum(sizes)}",
            because="that is SageMaker's bound for all containers of a model together",
            page=_PAGE,
        ),
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
    page = guide("multi-container-create" if direct else "inference-pipelines")
    names = [container.hostname for container in containers if container.hostname is not None]
    complete = len(names) == len(containers) or (not direct and not names)
    many = sum(container.multi_model for container in containers)
    rules = {
        f"containers must be 2 to {MOST_CONTAINERS}, got {len(containers)}": (
            2 <= len(containers) <= MOST_CONTAINERS,
            "one container needs no pipeline and SageMaker takes no more",
        ),
        f"hostname must be set on {'every container' if direct else 'all containers or none'}, got {names}": (
            complete,
            "requests name their container" if direct else "logs and metrics are kept by hostname",
        ),
        f"hostnames must differ, got {names}": (
            len(set(names)) == len(names),
            "a hostname identifies one container",
        ),
        f"at most {0 if direct else 1} of several containers may be multi-model, got {many}": (
            many <= (0 if direct else 1),
            "a request names one target model" if not direct else "a request names a container or a model",
        ),
    }
    for rule, (holds, because) in rules.items():
        faults.require(ok=holds, message=refusal(rule, because=because, page=page))
