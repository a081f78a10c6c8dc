"""A contest: a step in which candidate and live compete for a reward."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

from tidegate._validation import Faults

BETTER: Final = ("more", "fewer")
ON_NO_DIFFERENCE: Final = ("roll_back", "promote", "needs_human")

_LEAST_REWEIGH_SECONDS: Final = 300
_LONGEST_DELAY_SECONDS: Final = 7 * 86_400
_REWEIGHING_SECONDS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """What champion (live) and challenger (candidate) compete for, and what becomes of the traffic.

    The reward is a CloudWatch metric that you publish with the dimensions `EndpointName` and `VariantName`
    (`live` or `candidate`, as `InvokedProductionVariant` says), one for each reward, at the time of the
    reward. A challenger that is shown to be better passes the step, one that is shown to be worse is rolled
    back, each at any time. Without `floor_percent` the split stays as the step says: an A/B test. With it the
    step is a bandit: the challenger's share follows its probability of being better.

    Attributes:
        metric: Name of the metric whose sum counts the rewards.
        namespace: Its namespace.
        better: Whether `more` or `fewer` rewards are better.
        alpha: Bound on the chance that an arm wins that is not better; the plan's `alpha` when None.
        floor_percent: The least share of either arm of a bandit, 1 to 49; None for a split that stays.
        reweigh_minutes: How long a bandit observes each split at least, 5 or more; an hour when None.
        reward_delay_minutes: How long after its request a reward may come, up to a week: rewards that come
            within that time of a new split do not count.
        on_no_difference: When neither wins in the step's longest time: `roll_back` (the champion stays),
            `promote` (the challenger goes on if the plan's proof for a promotion holds for its errors) or
            `needs_human`.

    Raises:
        ValueError: naming every fault at once.

    Example:
        Contest(metric="Purchases", namespace="Shop", floor_percent=10)

    """

    metric: str
    namespace: str
    better: str = "more"
    alpha: float | None = None
    floor_percent: int | None = None
    reweigh_minutes: float | None = None
    reward_delay_minutes: float = 0
    on_no_difference: str = "roll_back"

    def __post_init__(self) -> None:
        faults = Faults("contest")
        for message, ok in self._checks().items():
            faults.require(ok=ok, message=message)
        faults.raise_if_any()

    @property
    def is_bandit(self) -> bool:
        """Whether the split follows the rewards."""
        return self.floor_percent is not None

    @property
    def reweigh_seconds(self) -> int:
        """How long a bandit observes each split at least."""
        return 3600 if self.reweigh_minutes is None else round(60 * self.reweigh_minutes)

    def allows(self, share_percent: int) -> bool:
        """Tell whether both arms have their least share at this share of the challenger."""
        floor = self.floor_percent
        return floor is None or floor <= share_percent <= 100 - floor

    def updates_seconds(self, bake_seconds: int) -> int:
        """Return how long the bandit's changes of the weights take at most within a bake."""
        if not self.is_bandit:
            return 0
        return bake_seconds // self.reweigh_seconds * _REWEIGHING_SECONDS

    def to_dict(self) -> dict[str, Any]:
        """Return what the handlers read: seconds, and nothing that is as usual."""
        usual = {field.name: field.default for field in fields(self)}
        said = {name: getattr(self, name) for name in usual if getattr(self, name) != usual[name]}
        said.pop("reweigh_minutes", None)
        delay = said.pop("reward_delay_minutes", None)
        return {
            **said,
            **({"reweigh_seconds": self.reweigh_seconds} if self.is_bandit else {}),
            **({} if delay is None else {"reward_delay_seconds": round(60 * delay)}),
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Return the contest that `to_dict` wrote; raises TypeError and ValueError for anything else."""
        rest = dict(raw)
        reweigh, delay = rest.pop("reweigh_seconds", None), rest.pop("reward_delay_seconds", 0)
        return cls(
            **rest,
            reweigh_minutes=None if reweigh is None else reweigh / 60,
            reward_delay_minutes=delay / 60,
        )

    def _checks(self) -> dict[str, bool]:
        floor, alpha = self.floor_percent, self.alpha
        reweigh, delay = self.reweigh_minutes, self.reward_delay_minutes
        return {
            "metric must not be empty": bool(self.metric),
            "namespace must not be empty": bool(self.namespace),
            f"namespace must be one of your own, got {self.namespace!r}: AWS publishes no rewards": (
                not self.namespace.startswith("AWS/")
            ),
            f"better must be one of {BETTER}, got {self.better!r}": self.better in BETTER,
            f"alpha must be above 0 and at most 0.5, got {alpha}": alpha is None or 0 < alpha <= 0.5,
            f"floor_percent must be 1 to 49, got {floor}": floor is None or 1 <= floor <= 49,
            f"reweigh_minutes needs floor_percent, got {reweigh} without: only a bandit changes the split": (
                reweigh is None or floor is not None
            ),
            f"reweigh_minutes must be at least {_LEAST_REWEIGH_SECONDS // 60}, got {reweigh}: "
            "the endpoint takes about a minute for each new split": (
                self.reweigh_seconds >= _LEAST_REWEIGH_SECONDS
            ),
            f"reward_delay_minutes must be 0 to {_LONGEST_DELAY_SECONDS // 60}, got {delay:g}": (
                0 <= 60 * delay <= _LONGEST_DELAY_SECONDS
            ),
            f"reward_delay_minutes must be below reweigh_minutes ({self.reweigh_seconds / 60:g}), "
            f"got {delay:g}: no reward of any split would count": (
                floor is None or 60 * delay < self.reweigh_seconds
            ),
            f"on_no_difference must be one of {ON_NO_DIFFERENCE}, got {self.on_no_difference!r}": (
                self.on_no_difference in ON_NO_DIFFERENCE
            ),
        }
