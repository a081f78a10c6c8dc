"""How long a contest needs to tell two arms apart at a declared traffic."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, expm1, log, log1p
from typing import Final

from tidegate._validation import Faults
from tidegate.contest import Contest
from tidegate.rollout_plan import RolloutPlan
from tidegate.rollout_step import RolloutStep

# As in the judge, which the tests compare with.
_MORE: Final = tuple(log(ratio) for ratio in (1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewards:
    """What a contest is asked to see.

    Attributes:
        rate: Rewards of live for a request, above 0.
        ratio: The candidate's rate over live's, above 0 and not 1.

    Raises:
        ValueError: naming every fault at once.

    """

    rate: float
    ratio: float

    def __post_init__(self) -> None:
        faults = Faults("rewards")
        faults.require(ok=self.rate > 0, message=f"rate must be above 0, got {self.rate}")
        fine = self.ratio > 0 and self.ratio != 1
        faults.require(ok=fine, message=f"ratio must be above 0 and not 1, got {self.ratio}")
        faults.raise_if_any()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestForecast:
    """When the evidence that is to be expected reaches its threshold: about half of such contests end sooner.

    Attributes:
        weight_percent: The split, which stays for this figure.
        rewards: What should be seen.
        rewards_needed: Rewards of both arms together.
        requests_needed: Requests of both arms together.
        seconds: How long that takes, with the time that rewards are waited for and buckets settle.
        max_seconds: The longest that the step bakes.
        moves: Whether a bandit moves the split, which takes longer to tell the arms apart.

    """

    weight_percent: int
    rewards: Rewards
    rewards_needed: int
    requests_needed: int
    seconds: int
    max_seconds: int
    moves: bool

    @property
    def fits(self) -> bool:
        """Whether the step is long enough."""
        return self.seconds <= self.max_seconds


def contest_step(plan: RolloutPlan) -> RolloutStep | None:
    """Return the step with the plan's contest, None without one."""
    return next((step for step in plan.steps if step.contest is not None), None)


def contest_forecast(
    plan: RolloutPlan, rewards: Rewards, *, requests_per_second: float
) -> ContestForecast | None:
    """Return how long the plan's contest needs; None without a contest.

    Args:
        plan: The plan.
        rewards: What should be seen.
        requests_per_second: Requests to both arms together.

    Example:
        contest_forecast(plan, Rewards(rate=0.05, ratio=1.1), requests_per_second=50)

    """
    step = contest_step(plan)
    if step is None or step.contest is None:
        return None
    share = step.weight_percent / 100
    needed = _rewards_needed(share, rewards.ratio, alpha=_alpha(plan, step.contest))
    requests = needed / (rewards.rate * (1 - share + share * rewards.ratio))
    planned = max(requests / requests_per_second, step.min_bake_seconds)
    waited = 60 * step.contest.reward_delay_minutes + plan.settle_seconds
    return ContestForecast(
        weight_percent=step.weight_percent,
        rewards=rewards,
        rewards_needed=ceil(needed),
        requests_needed=ceil(requests),
        seconds=ceil(planned + waited),
        max_seconds=step.max_bake_seconds,
        moves=step.contest.is_bandit,
    )


def _alpha(plan: RolloutPlan, contest: Contest) -> float:
    return contest.alpha if contest.alpha is not None else plan.alpha


def _rewards_needed(share: float, ratio: float, *, alpha: float) -> float:
    """Return the rewards after which the expected log e-value reaches its threshold.

    A reward of the better arm's test adds this much on average, whichever alternative grows fastest; the
    others cost the logarithm of their number.
    """
    mine = share * ratio / (1 - share + share * ratio)
    growth = max(_growth(mine, share, tilt) for tilt in _tilts(ratio))
    return (log(1 / alpha) + log(len(_MORE))) / growth


def _tilts(ratio: float) -> Sequence[float]:
    return _MORE if ratio > 1 else [-tilt for tilt in _MORE]


def _growth(mine: float, share: float, tilt: float) -> float:
    # Far below the smallest alternative no test grows: it then takes for ever.
    return max(mine * tilt - log1p(share * expm1(tilt)), exp(-40))
