"""What a model is needed for, in numbers: the question that `tidegate.advice` answers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tidegate.compatibility import Feature

Traffic = Literal["steady", "spiky", "rare"]
Cost = Literal["lowest", "balanced", "fastest-answer"]

_LARGE_MB: Final = 6
_LONG_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What a model is needed for.

    Attributes:
        payload_mb: Largest request or answer in MB.
        processing_seconds: Longest time that the model works on one request.
        answer_within_seconds: How long a caller may wait for the answer, processing included.
        traffic: `steady`; `spiky`, with bursts and lulls; `rare`, with hours without a request.
        requests_per_second: Requests a second at the peak.
        cost: What matters more: the `lowest` bill, a `balanced` choice, or the `fastest-answer`.
        gpu: Whether the models need GPUs.
        models: How many models.
        frameworks: How many different containers those models need.
        features: What else is wanted, in the words of the compatibility table.

    Raises:
        ValueError: naming every fault at once.

    Example:
        Workload(payload_mb=0.1, processing_seconds=0.05, answer_within_seconds=0.5, requests_per_second=40)

    """

    payload_mb: float = 1.0
    processing_seconds: float = 0.1
    answer_within_seconds: float = 1.0
    traffic: Traffic = "steady"
    requests_per_second: float = 1.0
    cost: Cost = "balanced"
    gpu: bool = False
    models: int = 1
    frameworks: int = 1
    features: frozenset[Feature] = frozenset()

    def __post_init__(self) -> None:
        faults = [
            f"{name} must be above 0, got {value:g}"
            for name, value in self._positive().items()
            if not (math.isfinite(value) and value > 0)
        ]
        if not 1 <= self.frameworks <= max(self.models, 1):
            faults.append(f"frameworks must be 1 to models ({self.models}), got {self.frameworks}")
        if self.models < 1:
            faults.append(f"models must be at least 1, got {self.models}")
        if self.answer_within_seconds < self.processing_seconds:
            faults.append(
                f"answer_within_seconds must be at least processing_seconds ({self.processing_seconds:g}), "
                f"got {self.answer_within_seconds:g}"
            )
        if faults:
            raise ValueError(f"workload: {'; '.join(faults)}")

    @property
    def concurrency(self) -> float:
        """Requests in the works at once, at the peak (Little's law)."""
        return self.requests_per_second * self.processing_seconds

    @property
    def wanted(self) -> frozenset[Feature]:
        """The features that the compatibility table is asked for."""
        implied = {
            Feature.GPU: self.gpu,
            Feature.LARGE_PAYLOADS: self.payload_mb > _LARGE_MB,
            Feature.LONG_PROCESSING: self.processing_seconds > _LONG_SECONDS,
        }
        return self.features | {feature for feature, present in implied.items() if present}

    def _positive(self) -> Mapping[str, float]:
        return {
            "payload_mb": self.payload_mb,
            "processing_seconds": self.processing_seconds,
            "answer_within_seconds": self.answer_within_seconds,
            "requests_per_second": self.requests_per_second,
        }
