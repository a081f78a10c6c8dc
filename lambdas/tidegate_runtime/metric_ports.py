"""What the handlers need of CloudWatch's metrics."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

SAGEMAKER: Final = "AWS/SageMaker"
"""The namespace of an endpoint's own metrics."""


class Metrics(Protocol):
    """Sums of the endpoint's metrics."""

    def sums(
        self,
        names: Sequence[tuple[str, str]],
        *,
        start: int,
        end: int,
        period: int,
        namespace: str = SAGEMAKER,
    ) -> Mapping[tuple[str, str], Mapping[int, float]] | None:
        """Return sums by (variant, metric) and bucket start; None unless every answer is complete."""
