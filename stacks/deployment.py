"""One service in one environment, and the pipeline that it is delivered by."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from stacks.service_file import Environment, Service

if TYPE_CHECKING:
    from stacks.fields.delivery import DeliveryPart

S = TypeVar("S", bound=Service)
T = TypeVar("T", bound=Service)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The pipeline that an environment is delivered by.

    A deployment from a terminal knows it as well: both ways make the same stacks.

    Attributes:
        pipeline: The section `delivery`.
        account: Account that the pipeline lies in.
        region: Its region.
        environments: Where every environment lies, by name.

    """

    pipeline: "DeliveryPart"
    account: str
    region: str
    environments: Mapping[str, Environment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(Generic[S]):
    """One service in one environment.

    Attributes:
        service: The service.
        environment_name: Name of the environment.
        environment: Where it lies.
        source: How messages call the file and the line of its hosting section.
        folder: Folder of the service file; other files that it names are relative to it.
        delivered: The pipeline that delivers here; None when the environment is deployed by hand only.

    """

    service: S
    environment_name: str
    environment: Environment
    source: str
    folder: Path
    delivered: Delivered | None = None

    @property
    def name(self) -> str:
        """Name of the endpoint, of the model package group, and the beginning of the stacks' names."""
        return f"{self.service.service}-{self.environment_name}"

    @property
    def pointer_parameter(self) -> str:
        """Name of the SSM parameter with the live model package version."""
        return f"/tidegate/{self.environment_name}/{self.service.service}/live-model-package"

    def of(self, kind: type[T]) -> "Deployment[T]":
        """Return this deployment as one of a service of this kind.

        Raises:
            TypeError: the service is of another kind.

        """
        if not isinstance(self.service, kind):
            raise TypeError(f"{self.name} must be a {kind.__name__}, got {type(self.service).__name__}")
        return cast("Deployment[T]", self)
