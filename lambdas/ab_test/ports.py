"""What only this function needs from the world, beside the ports that all handlers share."""

from collections.abc import Collection, Mapping
from typing import Protocol


class ConfigAge(Protocol):
    """When endpoint configurations were made."""

    def created_at(self, config_name: str) -> float:
        """Return when a configuration was created, in seconds since 1970."""


class Floors(Protocol):
    """The least instances that automatic scaling keeps of each variant."""

    def read(self, variants: Collection[str]) -> Mapping[str, int]:
        """Return the minimum capacity of the variants that are scaled."""

    def lower(self, variant: str, *, to: int) -> None:
        """Set the minimum capacity of a scaled variant, and nothing else of it."""


class Topic(Protocol):
    """Where people are told."""

    def publish(self, *, subject: str, text: str) -> None:
        """Send one message."""
