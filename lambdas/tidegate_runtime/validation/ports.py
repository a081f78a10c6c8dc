"""What the validation gate needs from the world, as Protocols; adapters and tests implement them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

IN_PROGRESS: Final = ("InProgress", "Stopping")
COMPLETED: Final = "Completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """A transform job as it is: SageMaker's status, and why it failed."""

    status: str
    reason: str = ""

    @property
    def in_progress(self) -> bool:
        """Whether it has not ended."""
        return self.status in IN_PROGRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """An endpoint as it is: SageMaker's status, and why it failed."""

    status: str
    reason: str = ""


class Models(Protocol):
    """Models that are made to be asked."""

    def create(self, definition: Mapping[str, Any]) -> None:
        """Create a model; one of the same name counts as created."""

    def delete(self, name: str) -> None:
        """Delete a model; one that is not there is deleted."""


class Endpoints(Protocol):
    """Endpoints that are made to be asked, and their configurations."""

    def describe(self, name: str) -> Hosted | None:
        """Return an endpoint, or None when there is none of that name."""

    def create_config(self, definition: Mapping[str, Any]) -> None:
        """Create a configuration; one of the same name counts as created."""

    def create(self, definition: Mapping[str, Any]) -> None:
        """Create an endpoint; one of the same name counts as created."""

    def delete(self, name: str) -> None:
        """Delete an endpoint; one that is gone is deleted; raises EndpointBusy while it takes no change."""

    def delete_config(self, name: str) -> None:
        """Delete a configuration; one that is not there is deleted."""


class Transforms(Protocol):
    """Batch transform jobs."""

    def describe(self, name: str) -> Transform | None:
        """Return a job, or None when there is none of that name."""

    def start(self, definition: Mapping[str, Any]) -> None:
        """Start a job; one of the same name counts as started."""

    def stop(self, name: str) -> None:
        """Stop a job; one that has ended stays as it is."""


class Objects(Protocol):
    """The objects of one bucket."""

    def uri(self, key: str) -> str:
        """Return the address of an object."""

    def write(self, key: str, content: bytes) -> None:
        """Store an object."""

    def read(self, key: str) -> bytes | None:
        """Return an object, or None when there is none."""


class Specifications(Protocol):
    """The model registry."""

    def containers(self, arn: str) -> list[dict[str, Any]]:
        """Return a package version's containers as CreateModel takes them; raises NotApproved without one.

        A model of a package's *name* needs its approval, which the gate comes before.
        """
