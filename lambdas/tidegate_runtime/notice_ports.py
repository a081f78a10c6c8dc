"""Who is told about the end of a rollout, as Protocols; adapters and tests implement them."""

from collections.abc import Mapping
from typing import Any, Protocol


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

    def publish(self, detail: Mapping[str, Any]) -> None:
        """Tell the world that a rollout changed its state."""
