"""A signal: one kind of bad event that the judge counts."""

from dataclasses import dataclass
from typing import Self

from tidegate._validation import NAME_PATTERN, Faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A counted bad event with a relative and an absolute tolerance.

    Attributes:
        name: Short name in reports and alarm names, for example `5xx`.
        metric: Name of the CloudWatch metric in `AWS/SageMaker` whose sum is the number of bad events.
        max_ratio: Tolerated ratio of the candidate's rate to live's rate, at least 1.
        max_rate: Tolerated rate of the candidate, above 0 and below 1.

    Raises:
        ValueError: naming every fault at once.

    Example:
        Signal.server_errors(max_rate=0.005)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html

    """

    name: str
    metric: str
    max_ratio: float = 1.0
    max_rate: float = 0.01

    def __post_init__(self) -> None:
        faults = Faults(f"signal {self.name!r}")
        faults.require(
            ok=NAME_PATTERN.fullmatch(self.name.replace("_", "-")) is not None,
            message=f"name must be letters, digits, hyphens and underscores, got {self.name!r}",
        )
        faults.require(ok=bool(self.metric), message="metric must not be empty")
        faults.require(ok=self.max_ratio >= 1, message=f"max_ratio must be at least 1, got {self.max_ratio}")
        faults.require(
            ok=0 < self.max_rate < 1, message=f"max_rate must be above 0 and below 1, got {self.max_rate}"
        )
        faults.raise_if_any()

    @classmethod
    def server_errors(cls, *, max_ratio: float = 1.0, max_rate: float = 0.01) -> Self:
        """Return the signal `5xx`: invocations that ended in a server error."""
        return cls(name="5xx", metric="Invocation5XXErrors", max_ratio=max_ratio, max_rate=max_rate)

    @classmethod
    def model_errors(cls, *, max_ratio: float = 1.0, max_rate: float = 0.01) -> Self:
        """Return the signal `model_errors`: invocations that the container did not answer with 2xx."""
        return cls(
            name="model_errors", metric="InvocationModelErrors", max_ratio=max_ratio, max_rate=max_rate
        )
