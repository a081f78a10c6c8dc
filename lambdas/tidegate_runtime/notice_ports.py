"""Who is told about the end of a rollout, as Protocols; adapters and tests implement them."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

ROLLOUT_CHANGED: Final = "Tidegate Rollout State Change"
LIVE_REJECTED: Final = "Tidegate Live Version Rejected"


class Topic(Protocol):
    """Where people read what happened."""

    def publish(self, *, subject: str, text: str) -> None:
        """Send a message; the subject is at most 100 characters of ASCII."""


class Meter(Protocol):
    """The rollouts' own metrics."""

    def ended(self, *, outcome: str, at: float, seconds: float) -> None:
        """Count an end, and how long the rollout took; `at` is in seconds since 1970."""


class Events(Protocol):
    """The event bus."""

    def publish(self, detail: Mapping[str, Any], *, kind: str = ROLLOUT_CHANGED) -> None:
        """Tell the world what happened; `kind` is the event's detail type."""
