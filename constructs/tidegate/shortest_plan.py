"""The shortest plan that keeps a stated risk, found by trying every ladder of a small family.

A ladder has one to three shares out of 1, 2, 5, 10, 25 and 50 %, then 100 %, and bakes equally long at each
and under watch. For each ladder the shortest bake that keeps the risk is found by bisection; the ladder with
the shortest rollout wins, of two equal ones the one with fewer bad answers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import Final

from tidegate._evidence_course import Rates, compared, course
from tidegate._forecast_clock import ForecastClock, bad_answers
from tidegate.bake import Bake
from tidegate.declared_traffic import DeclaredTraffic
from tidegate.rollout_forecast import RolloutForecast, different_signals, forecast, rates_of
from tidegate.rollout_plan import RolloutPlan
from tidegate.rollout_step import RolloutStep
from tidegate.signal import Signal

SHARES: Final = (1, 2, 5, 10, 25, 50)
LONGEST_LADDER: Final = 3

# The longest bake of a phase: traffic may fall to a third before its evidence does not come.
_LONGEST_BAKES: Final = 3
_POLLS: Final = 2_000
# A step asks for nine tenths of the requests that it should get, so that it may end in time.
_EXPECTED_REQUESTS: Final = 0.9
# Share of good candidates that should have their proof before the last step ends.
_PROVEN: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The risk that a plan must keep.

    Attributes:
        bad_answers: Most bad answers to expect of a regressed candidate; any number when None.
        detect_probability: Least chance, above 0 and below 1, that it fails before it gets all traffic; none
            when None.

    Raises:
        ValueError: naming every fault at once.

    Example:
        Risk(bad_answers=50, detect_probability=0.9)

    """

    bad_answers: float | None = None
    detect_probability: float | None = None

    def __post_init__(self) -> None:
        faults = []
        if self.bad_answers is None and self.detect_probability is None:
            faults.append("needs bad_answers, detect_probability or both, got neither")
        if self.bad_answers is not None and not self.bad_answers > 0:
            faults.append(f"bad_answers must be above 0, got {self.bad_answers}")
        if self.detect_probability is not None and not 0 < self.detect_probability < 1:
            faults.append(f"detect_probability must be above 0 and below 1, got {self.detect_probability}")
        if faults:
            raise ValueError(f"risk: {'; '.join(faults)}")

    def keeps(self, *, seen: float, bad_answers: float) -> bool:
        """Tell whether these figures keep the risk."""
        enough = self.detect_probability is None or seen >= self.detect_probability
        return enough and (self.bad_answers is None or bad_answers <= self.bad_answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """One ladder with its shortest bake."""

    seconds: int
    bad_answers: float
    plan: RolloutPlan


def shortest_plan(plan: RolloutPlan, traffic: DeclaredTraffic, risk: Risk) -> RolloutPlan:
    """Return the shortest plan of the family that keeps a risk.

    Args:
        plan: Gives everything but steps and watch: signals, tolerances, buckets, policies.
        traffic: The declared traffic and regression.
        risk: The risk to keep.

    Raises:
        LookupError: no plan of the family keeps it.
        ValueError: the plan has a contest: how long that takes is a question of rewards, not of errors.

    Example:
        shortest_plan(
            RolloutPlan.canary(),
            DeclaredTraffic(requests_per_second=50, base_error_rate=0.005, ratio=2),
            Risk(detect_probability=0.9),
        )

    """
    if any(step.contest for step in plan.steps):
        raise ValueError("a plan with a contest cannot be searched: its length follows from the rewards")
    best: _Trial | None = None
    for shares in ladders():
        found = _shortest_bake(plan, traffic, risk, shares, best)
        if found is not None:
            best = found
    if best is None:
        raise LookupError(f"no plan keeps this risk at {traffic.requests_per_second:g} requests a second")
    return _provable(best.plan, traffic, risk)


def ladders() -> Iterator[tuple[int, ...]]:
    """Yield the shares of each ladder before 100 %, short ladders first."""
    return chain.from_iterable(combinations(SHARES, count) for count in range(1, LONGEST_LADDER + 1))


def laddered(plan: RolloutPlan, traffic: DeclaredTraffic, shares: tuple[int, ...], looks: int) -> RolloutPlan:
    """Return a plan with these shares, then 100 %, and this bake in buckets at each and under watch."""
    shortest = looks * plan.bucket_seconds
    longest = _LONGEST_BAKES * shortest

    def requests(percent: int) -> int:
        return max(1, int(_EXPECTED_REQUESTS * traffic.requests_per_second * shortest * percent / 100))

    return replace(
        plan,
        steps=tuple(
            RolloutStep(
                weight_percent=percent,
                min_bake_seconds=shortest,
                max_bake_seconds=longest,
                min_requests=requests(percent),
            )
            for percent in (*shares, 100)
        ),
        watch=Bake(min_bake_seconds=shortest, max_bake_seconds=longest, min_requests=requests(100)),
    )


def _shortest_bake(
    plan: RolloutPlan,
    traffic: DeclaredTraffic,
    risk: Risk,
    shares: tuple[int, ...],
    best: _Trial | None,
) -> _Trial | None:
    """Return a ladder's shortest bake, None when none keeps the risk or beats the best plan so far."""
    phases = len(shares) + 2
    lag = plan.bucket_seconds / 2 + plan.settle_seconds
    most = _POLLS // (_LONGEST_BAKES * phases)
    if best is not None:
        most = min(most, int((best.seconds / phases - lag) // plan.bucket_seconds))
    found = _tried(plan, traffic, risk, shares, most) if most >= 1 else None
    least = 0
    while found is not None and most - least > 1:
        middle = (least + most) // 2
        tried = _tried(plan, traffic, risk, shares, middle)
        least, most = (middle, most) if tried is None else (least, middle)
        found = tried if tried is not None else found
    if found is None or best is None:
        return found
    return found if (found.seconds, found.bad_answers) < (best.seconds, best.bad_answers) else None


def _tried(
    plan: RolloutPlan, traffic: DeclaredTraffic, risk: Risk, shares: tuple[int, ...], looks: int
) -> _Trial | None:
    """Return the ladder with this bake if it keeps the risk."""
    tried = laddered(plan, traffic, shares, looks)
    clock = ForecastClock(plan=tried, requests=traffic.requests_per_second * plan.bucket_seconds)
    if not all(pace.reachable for pace in clock.paces):
        return None
    seen = min(compared(tried, *one)[-1][-1] for one in _signals(tried, traffic))
    # The last step, which takes longest to compute, is asked only when the others suffice.
    if not risk.keeps(seen=seen, bad_answers=0):
        return None
    bad = max(
        bad_answers(clock, rates, course(tried, signal, rates))[-1]
        for signal, rates in _signals(tried, traffic)
    )
    if not risk.keeps(seen=seen, bad_answers=bad):
        return None
    return _Trial(seconds=(len(shares) + 2) * clock.wall(looks), bad_answers=bad, plan=tried)


def _signals(plan: RolloutPlan, traffic: DeclaredTraffic) -> list[tuple[Signal, Rates]]:
    return [
        (signal, rates_of(plan, traffic, signal, ratio=traffic.ratio)) for signal in different_signals(plan)
    ]


def kept(risk: Risk, expected: RolloutForecast) -> bool:
    """Tell whether the forecast of a plan keeps a risk."""
    before = expected.steps[-2].seen if len(expected.steps) > 1 else 0.0
    return not expected.unreachable and risk.keeps(seen=before, bad_answers=expected.bad_answers)


def _provable(plan: RolloutPlan, traffic: DeclaredTraffic, risk: Risk) -> RolloutPlan:
    """Let the last step wait until nearly all good candidates have their proof.

    Not longer than there are polls left, and than the risk allows: whoever waits there serves everybody.
    """
    budget = _POLLS * plan.bucket_seconds - plan.max_seconds
    *steps, last = plan.steps
    found, waits = plan, last.max_bake_seconds
    while forecast(found, traffic, alone=False).healthy_promoted < _PROVEN:
        waits *= 2
        longer = replace(plan, steps=(*steps, replace(last, max_bake_seconds=waits)))
        if waits - last.max_bake_seconds > budget or not kept(risk, forecast(longer, traffic, alone=False)):
            break
        found = longer
    return found
