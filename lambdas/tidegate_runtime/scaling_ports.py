"""What guard, attachment and watchdog need of the world to take scaling away and put it back."""

from collections.abc import Collection, Mapping
from typing import Protocol

from tidegate_runtime.attachment import Attachment


class Attachments(Protocol):
    """The automatic scaling of all variants of one endpoint."""

    def registered(self, types: Mapping[str, str]) -> dict[str, Attachment]:
        """Return the attachments of those variants (with their instance types) that are registered."""

    def attach(self, variant: str, wanted: Attachment) -> None:
        """Register the variant with exactly these policies, alarms and scheduled actions."""

    def detach(self, variant: str) -> None:
        """Deregister the variant, which deletes its policies and scheduled actions; none is fine."""

    def remove_alarms(self, names: Collection[str]) -> None:
        """Delete alarms; those that are gone are fine."""


class ScalingRecord(Protocol):
    """What must be attached once the stack is at rest, in case that nobody else does it."""

    def read(self) -> dict[str, Attachment] | None:
        """Return it by variant, or None."""

    def write(self, attachments: Mapping[str, Attachment]) -> None:
        """Replace it."""

    def clear(self, attachments: Mapping[str, Attachment]) -> None:
        """Delete it unless it has changed since it was read."""
