"""How long a rollout waits for a human, and what happens then."""

from dataclasses import dataclass
from typing import Final

from tidegate._validation import Faults

ON_DEADLINE: Final = ("roll_back", "keep")
LONGEST_HOURS: Final = 14 * 24
"""A rollout that nobody has looked at for two weeks is nobody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsHuman:
    """How often people are reminded of a rollout that waits for them, and what happens when nobody comes.

    Reminders go to the rollout's `notify` topic. The deadline holds without one, too.

    Attributes:
        remind_hours: Time between two reminders, 1 to 336.
        deadline_hours: Time after which `on_deadline` is done, `remind_hours` to 336.
        on_deadline: `roll_back`, or `keep`: everything stays as it is, and the reminders go on.

    Raises:
        ValueError: naming every fault at once.

    Example:
        NeedsHuman(remind_hours=2, deadline_hours=8, on_deadline="roll_back")

    """

    remind_hours: int = 4
    deadline_hours: int = 24
    on_deadline: str = "roll_back"

    def __post_init__(self) -> None:
        faults = Faults("needs_human")
        for message in self.faults():
            faults.require(ok=False, message=message)
        faults.raise_if_any()

    def faults(self) -> list[str]:
        """Return what is wrong with these values, one sentence each."""
        checks = {
            f"remind_hours must be 1 to {LONGEST_HOURS}, got {self.remind_hours}": (
                1 <= self.remind_hours <= LONGEST_HOURS
            ),
            f"deadline_hours must be remind_hours ({self.remind_hours}) to {LONGEST_HOURS}, "
            f"got {self.deadline_hours}": self.remind_hours <= self.deadline_hours <= LONGEST_HOURS,
            f"on_deadline must be one of {ON_DEADLINE}, got {self.on_deadline!r}": (
                self.on_deadline in ON_DEADLINE
            ),
        }
        return [message for message, ok in checks.items() if not ok]
