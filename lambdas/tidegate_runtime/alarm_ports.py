"""What looking at alarms needs from the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

BURNING: Final = "ALARM"
"""The state of an alarm that has gone off, as CloudWatch calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAlarm:
    """An alarm's state, and why it is in it, as CloudWatch says."""

    state: str
    reason: str


class NamedAlarms(Protocol):
    """Metric alarms and composite alarms by their names."""

    def find(self, names: Sequence[str]) -> Mapping[str, NamedAlarm]:
        """Return the alarms that there are, by name."""
