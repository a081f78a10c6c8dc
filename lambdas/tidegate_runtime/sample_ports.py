"""What asking a variant needs from the world."""

from typing import Protocol

from tidegate_runtime.expectations import Answer
from tidegate_runtime.samples import Sample


class Invoker(Protocol):
    """Sends requests to one variant of the endpoint, whatever its weight."""

    def invoke(self, variant: str, sample: Sample) -> Answer:
        """Return the variant's answer, also one that says no; raises Transient while it gives none."""
