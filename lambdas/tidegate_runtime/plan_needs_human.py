"""How long a rollout waits for a human, and what happens then: frozen values parsed from JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

ON_DEADLINE: Final = ("roll_back", "keep")
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsHuman:
    """How often a human is reminded, and what happens when none has come.

    Attributes:
        remind_hours: Time between two reminders.
        deadline_hours: Time after which `on_deadline` is done.
        on_deadline: `roll_back`, or `keep`: everything stays as it is, and the reminders go on.

    """

    remind_hours: int = 4
    deadline_hours: int = 24
    on_deadline: str = "roll_back"

    def __post_init__(self) -> None:
        if self.remind_hours < 1 or self.deadline_hours < 1:
            raise ValueError(f"needs_human: hours must be at least 1, got {self}")
        if self.on_deadline not in ON_DEADLINE:
            raise ValueError(
                f"needs_human.on_deadline must be one of {ON_DEADLINE}, got {self.on_deadline!r}"
            )

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any] | None) -> Self:
        """Parse the policy; the usual one without any."""
        return cls() if raw is None else cls(**raw)

    @property
    def remind_seconds(self) -> int:
        """Time between two reminders."""
        return self.remind_hours * _HOUR

    @property
    def deadline_seconds(self) -> int:
        """Time after which somebody must have decided."""
        return self.deadline_hours * _HOUR

    @property
    def goes_back(self) -> bool:
        """Whether the deadline ends the waiting."""
        return self.on_deadline == "roll_back"
