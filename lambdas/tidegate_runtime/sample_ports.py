"""What asking a variant needs from the world."""

from typing import Final, Protocol

from tidegate_runtime.expectations import Answer
from tidegate_runtime.samples import Sample

ANY_VARIANT: Final = ""
"""In place of a variant's name: whichever the weights choose."""


class Invoker(Protocol):
    """Sends requests to one variant of the endpoint, whatever its weight, or where the weights say."""

    def invoke(self, variant: str, sample: Sample) -> Answer:
        """Return the variant's answer, also one that says no; raises Transient while it gives none."""
