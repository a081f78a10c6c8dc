"""What is watched, how sure the judge must be, and how much evidence a step needs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signal:
    """One kind of bad request, with a relative and an absolute tolerance.

    Args:
        name: Name of the signal in plans, counts and reports.
        metric: CloudWatch metric whose sum counts the bad requests.
        max_ratio: Tolerated ratio of the candidate's rate to live's, at least 1.
        max_rate: Tolerated share of bad requests where there is no live variant to compare with, above 0 and
            below 1.

    Raises:
        ValueError: A tolerance is out of range.

    """

    name: str
    metric: str
    max_ratio: float = 1.0
    max_rate: float = 0.01

    def __post_init__(self) -> None:
        if not self.max_ratio >= 1:
            raise ValueError(f"max_ratio of {self.name} must be at least 1, got {self.max_ratio}")
        if not 0 < self.max_rate < 1:
            raise ValueError(f"max_rate of {self.name} must be between 0 and 1, got {self.max_rate}")


@dataclass(frozen=True, slots=True)
class JudgeConfig:
    """The signals and the error rates the judge guarantees.

    Args:
        signals: The watched signals, at least one, with different names.
        alpha: Bound on the chance to fail a candidate that is within its tolerances, per comparison.
        alpha_promote: Bound on the chance that a promotion route accepts a candidate beyond its limit.
        promote_margin: How many times the tolerated ratio a candidate must be shown to stay below, above 1.
        paired: Whether the candidate's requests are copies of live's, so that one request may be bad on
            both sides or on one because of the other: then only the form that holds for any such dependence
            is used.

    Raises:
        ValueError: No signal, two signals of one name, or a number out of range.

    """

    signals: tuple[Signal, ...]
    alpha: float = 0.01
    alpha_promote: float = 0.05
    promote_margin: float = 1.5
    paired: bool = False

    def __post_init__(self) -> None:
        names = self.names
        if not names or len(set(names)) < len(names):
            raise ValueError(f"signals must have different names and be at least one, got {list(names)}")
        for field, value in (("alpha", self.alpha), ("alpha_promote", self.alpha_promote)):
            if not 0 < value <= 0.5:
                raise ValueError(f"{field} must be above 0 and at most 0.5, got {value}")
        if not self.promote_margin > 1:
            raise ValueError(f"promote_margin must be above 1, got {self.promote_margin}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the signals, in order."""
        return tuple(signal.name for signal in self.signals)

    @property
    def threshold(self) -> float:
        """The e-value at which one signal alone fails the candidate: the number of signals over alpha."""
        return len(self.signals) / self.alpha

    def margin(self, signal: Signal) -> float:
        """Return the ratio of rates that a promotion by comparison must rule out for this signal."""
        return self.promote_margin * signal.max_ratio


@dataclass(frozen=True, slots=True)
class Requirement:
    """How much evidence a step needs before it may pass, and when to stop waiting for it.

    Args:
        min_requests: Candidate requests that the step must have judged; 0 counts as 1, since nothing passes
            without data.
        min_seconds: Observed time that the step must last.
        max_seconds: Observed time after which the step ends, whatever the evidence.
        bucket_seconds: Length of one bucket.

    Raises:
        ValueError: A number is negative, the bucket has no length, or the step must end before it may pass.

    """

    min_requests: int
    min_seconds: int
    max_seconds: int
    bucket_seconds: int

    def __post_init__(self) -> None:
        if self.min_requests < 0 or self.min_seconds < 0:
            raise ValueError(f"min_requests and min_seconds must be at least 0, got {self}")
        if self.bucket_seconds < 1:
            raise ValueError(f"bucket_seconds must be at least 1, got {self.bucket_seconds}")
        if self.max_seconds < max(self.min_seconds, 1):
            raise ValueError(
                f"max_seconds must be at least min_seconds and at least 1, got {self.max_seconds} "
                f"with min_seconds {self.min_seconds}"
            )
