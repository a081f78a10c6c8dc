"""How a package version is asked the rows of the validation set: what every way of asking can do."""

from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from tidegate_runtime.naming import content_name, validation_prefix

FOLDER: Final = "delivery/validation"
"""Below it lies everything that the gate writes into the artifact bucket."""

NEW: Final = "NEW"
WORKING: Final = "WORKING"
READY: Final = "READY"
ANSWERED: Final = "ANSWERED"
FAILED: Final = "FAILED"
STOPPED: Final = "STOPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One package version before the validation set.

    Attributes:
        who: `candidate` or `live`.
        package: ARN of the version.
        name: Of everything that is made to ask it.

    """

    who: str
    package: str
    name: str

    @classmethod
    def of(cls, who: str, package: str, *, endpoint: str, execution: str, attempt: str) -> Self:
        """Return a version with a name that is a hash: making something twice is making it once.

        Args:
            who: `candidate` or `live`.
            package: ARN of the version.
            endpoint: Name of the endpoint: how the name begins.
            execution: Id of the pipeline's execution.
            attempt: What tells a retried stage from the stage's first run.

        """
        content = {"execution": execution, "package": package, "attempt": attempt}
        return cls(who=who, package=package, name=content_name(validation_prefix(endpoint), content))

    @property
    def number(self) -> str:
        """The version's number, as people call it."""
        return self.package.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How far the asking of a version is.

    Attributes:
        state: NEW (nothing runs for it), WORKING (something does, and needs no help), READY (it waits to be
            asked), ANSWERED, FAILED, or STOPPED.
        told: The same for people, as `its endpoint e is Creating`.
        answers: The predictions so far, as far as they are known before the end.
        trouble: What has kept it from going further in this call.

    """

    state: str
    told: str
    answers: tuple[Any, ...] = ()
    trouble: str = ""

    @property
    def is_at_work(self) -> bool:
        """Whether something runs that will end, or must be stopped."""
        return self.state in (WORKING, READY)


class Asking(Protocol):
    """A way of asking. Each call may come twice, and after a call that has died in its middle."""

    def look(self, asked: Asked) -> Look:
        """Tell how far it is; a failure is told again whenever it is asked for."""

    def go_on(self, asked: Asked, look: Look) -> Look:
        """Start what is NEW, ask what is READY; return how far it is then."""

    def stop(self, asked: Asked) -> None:
        """Stop what runs for it, as far as that can be stopped at this moment."""

    def predictions(self, asked: Asked, look: Look) -> list[Any]:
        """Return each row's prediction once it has ANSWERED; raises AnswersInvalid when one is missing."""

    def clean(self, asked: Asked) -> None:
        """Delete what was made for it; raises EndpointBusy for what cannot be deleted at this moment."""
