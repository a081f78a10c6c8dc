"""What an operator declares about a service's traffic, for questions about a rollout plan."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTraffic:
    """The traffic of an endpoint, and the regression that its rollouts should see.

    Attributes:
        requests_per_second: Requests a second of all variants together, above 0.
        base_error_rate: Share of live's requests that are bad, above 0 and below 1. Each signal's `max_rate`
            when None: the most that is tolerated, so that what cannot be seen then cannot be seen at all.
        ratio: The candidate's rate over live's that should be seen, above 1.

    Raises:
        ValueError: naming every fault at once.

    Example:
        DeclaredTraffic(requests_per_second=50, base_error_rate=0.005, ratio=3)

    """

    requests_per_second: float
    base_error_rate: float | None = None
    ratio: float = 3.0

    def __post_init__(self) -> None:
        faults = []
        if not 0 < self.requests_per_second < float("inf"):
            faults.append(f"requests_per_second must be above 0, got {self.requests_per_second}")
        if self.base_error_rate is not None and not 0 < self.base_error_rate < 1:
            faults.append(f"base_error_rate must be above 0 and below 1, got {self.base_error_rate}")
        if not 1 < self.ratio < float("inf"):
            faults.append(f"ratio must be above 1, got {self.ratio}")
        if faults:
            raise ValueError(f"declared traffic: {'; '.join(faults)}")
