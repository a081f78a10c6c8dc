"""What a rollout needs besides the service itself: instances, hours, money, quota."""

from dataclasses import dataclass
from typing import Any, Final

from tidegate.rollout_forecast import RolloutForecast

NEW_FLEET: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html"
"""Says that an update deploys to a new fleet, moves the traffic there and deletes the old one."""

_HOUR: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutFleet:
    """The instances that serve during a rollout.

    Preparing the rollout is an UpdateEndpoint: the old fleet of `live` serves until the new one, `live` and
    `candidate`, is there. The promotion is another one: `live`, by then at least as large as the candidate,
    is deployed anew while `live` and `candidate` serve.

    Attributes:
        live_instances: Instances of live when the rollout begins, at least 1.
        candidate_instances: Instances of the candidate, at least 1.
        instance_type: Type of all of them, or None.
        price_per_hour: Price of one instance an hour in any currency, or None.
        quota: Instances of this type that the account may use for endpoints, or None.
        shadow: Whether the candidate is a shadow first: then one update more deploys live and the candidate
            beside live and the shadow.

    Raises:
        ValueError: naming every fault at once.

    Example:
        RolloutFleet(live_instances=2, candidate_instances=2, instance_type="ml.m5.large").peak

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html

    """

    live_instances: int
    candidate_instances: int
    instance_type: str | None = None
    price_per_hour: float | None = None
    quota: int | None = None
    shadow: bool = False

    def __post_init__(self) -> None:
        faults = [
            f"{name} must be at least 1, got {value}"
            for name, value in (
                ("live_instances", self.live_instances),
                ("candidate_instances", self.candidate_instances),
            )
            if value < 1
        ]
        if self.price_per_hour is not None and not 0 < self.price_per_hour < float("inf"):
            faults.append(f"price_per_hour must be above 0, got {self.price_per_hour}")
        if self.quota is not None and self.quota < 0:
            faults.append(f"quota must be at least 0, got {self.quota}")
        if faults:
            raise ValueError(f"rollout fleet: {'; '.join(faults)}")

    @property
    def peak(self) -> int:
        """Most instances at one time: while an update deploys the new fleet beside the old one."""
        promoting = 2 * max(self.live_instances, self.candidate_instances) + self.candidate_instances
        return max(promoting, 2 * (self.live_instances + self.candidate_instances) * self.shadow)

    @property
    def quota_name(self) -> str:
        """What Service Quotas calls the quota that `peak` counts against."""
        return f"{self.instance_type if self.instance_type is not None else 'instances'} for endpoint usage"

    @property
    def fits(self) -> bool | None:
        """Whether the quota holds the peak; None without a quota."""
        return None if self.quota is None else self.peak <= self.quota

    def added_hours(self, expected: RolloutForecast) -> tuple[float, float, float]:
        """Return the instance-hours that the rollout adds: shortest, planned and longest.

        The candidate's hours in the steps, and those of what live has more under watch than before. The
        minutes in which SageMaker deploys a fleet are not in it: AWS promises no duration.
        """
        steps = expected.steps
        baked = (
            sum(step.min_seconds for step in steps),
            sum(step.planned_seconds for step in steps),
            sum(step.max_seconds for step in steps),
        )
        more = max(0, self.candidate_instances - self.live_instances)
        least, planned, most = (
            (self.candidate_instances * seconds + more * watched) / _HOUR
            for seconds, watched in zip(baked, expected.watch_seconds, strict=True)
        )
        return least, planned, most

    def added_cost(self, expected: RolloutForecast) -> tuple[float, float, float] | None:
        """Return what these hours cost; None without a price."""
        if self.price_per_hour is None:
            return None
        least, planned, most = self.added_hours(expected)
        return least * self.price_per_hour, planned * self.price_per_hour, most * self.price_per_hour

    def to_json(self, expected: RolloutForecast) -> dict[str, Any]:
        """Return all of it as JSON-safe values."""
        return {
            "live_instances": self.live_instances,
            "candidate_instances": self.candidate_instances,
            "peak_instances": self.peak,
            "added_instance_hours": list(self.added_hours(expected)),
            "added_cost": self.added_cost(expected),
            "quota_name": self.quota_name,
            "quota": self.quota,
            "fits_quota": self.fits,
        }
