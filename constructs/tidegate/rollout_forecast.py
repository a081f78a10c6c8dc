"""What a rollout plan sees at a declared traffic: how likely, how soon, and what it costs until then.

The numbers are computed, not simulated: the distribution of the bad answers is carried from look to look
through the judge's own boundaries. `docs/planning.md` says what is exact and what is approximate.
"""

from dataclasses import dataclass
from math import prod
from typing import Final

from tidegate._evidence_course import Course, Rates, course, step_alone
from tidegate._forecast_clock import ForecastClock, bad_answers, bad_answers_unseen, first_look
from tidegate.declared_traffic import DeclaredTraffic
from tidegate.rollout_plan import RolloutPlan
from tidegate.signal import Signal

_COMPARISONS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StepForecast:
    """What to expect of one step.

    Times are wall time without SageMaker's own: waiting for the first whole bucket and for the last one to
    settle is counted, changing weights is not.

    Attributes:
        weight_percent: The candidate's share.
        min_seconds: Shortest the step can last.
        planned_seconds: How long it lasts at this traffic, unless the candidate fails.
        max_seconds: Longest it can last.
        requests_needed: Candidate requests that the step needs.
        requests: Candidate requests that it gets in its planned time.
        reachable: Whether the needed requests come within the longest bake.
        seen: Chance that a regressed candidate has failed by the end of this step.
        alone_seconds: Time after which this step by itself would have failed half of the regressed
            candidates; None when its longest bake is too short for that.
        alone_requests: Candidate requests until then.
        bad_answers: Bad answers of a regressed candidate to expect until it fails or this step ends, all
            steps up to here together.
        bad_answers_unseen: The same if it never failed.

    """

    weight_percent: int
    min_seconds: int
    planned_seconds: int
    max_seconds: int
    requests_needed: int
    requests: int
    reachable: bool
    seen: float
    alone_seconds: int | None
    alone_requests: int | None
    bad_answers: float
    bad_answers_unseen: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutForecast:
    """What to expect of a whole rollout.

    Attributes:
        traffic: The declared traffic.
        signal: Name of the signal that sees the regression least; the figures are for a regression that
            shows in this one alone.
        base_error_rate: Live's share of bad requests.
        steps: The steps.
        watch_seconds: Shortest, planned and longest time of the watch.
        watch_reachable: Whether the requests that the watch needs come within its longest bake.
        median_seconds_until_seen: Time from the first shift until half of the regressed candidates have
            failed; None when half of them never do.
        healthy_promoted: Chance that a candidate as good as live is promoted by its proof.
        healthy_seconds: Shortest, median and longest time of its rollout, with the watch; no median when less
            than half get there.
        promoted_at_most: Bound on the chance that the regressed candidate is promoted.
        false_rollback_at_most: The judge's bound on the chance to roll a candidate back that is within all
            its tolerances: `alpha` for each of its three comparisons.

    """

    traffic: DeclaredTraffic
    signal: str
    base_error_rate: float
    steps: tuple[StepForecast, ...]
    watch_seconds: tuple[int, int, int]
    watch_reachable: bool
    median_seconds_until_seen: int | None
    healthy_promoted: float
    healthy_seconds: tuple[int, int | None, int]
    promoted_at_most: float
    false_rollback_at_most: float

    @property
    def seen(self) -> float:
        """Chance that a regressed candidate fails before the promotion."""
        return self.steps[-1].seen

    @property
    def bad_answers(self) -> float:
        """Bad answers of a regressed candidate to expect before it fails or is promoted."""
        return self.steps[-1].bad_answers

    @property
    def unreachable(self) -> tuple[str, ...]:
        """The phases that end without their planned evidence at this traffic."""
        steps = tuple(f"{step.weight_percent} %" for step in self.steps if not step.reachable)
        return steps if self.watch_reachable else (*steps, "watch")


def forecast(plan: RolloutPlan, traffic: DeclaredTraffic, *, alone: bool = True) -> RolloutForecast:
    """Return what to expect of a plan.

    Args:
        plan: The plan.
        traffic: The declared traffic and regression.
        alone: Also tell how soon each step by itself would see the regression; None there otherwise.

    Example:
        forecast(RolloutPlan.canary(), DeclaredTraffic(requests_per_second=50, base_error_rate=0.005))

    """
    if plan.is_by_guardrails:
        raise ValueError("nothing is judged in the steps of a plan by guardrails: see `guardrails_forecast`")
    signal, regressed = _least_seen(plan, traffic)
    rates = rates_of(plan, traffic, signal, ratio=traffic.ratio)
    clock = ForecastClock(plan=plan, requests=rates.requests)
    healthy = _healthy(plan, traffic)
    arrives = all(pace.reachable for pace in clock.paces[:-1])
    return RolloutForecast(
        traffic=traffic,
        signal=signal.name,
        base_error_rate=rates.base,
        steps=_steps(plan, signal, clock, rates, regressed, alone=alone),
        watch_seconds=clock.watch_seconds,
        watch_reachable=clock.watch.reachable,
        median_seconds_until_seen=clock.half(regressed.failed),
        healthy_promoted=healthy[-1] if healthy and arrives else 0.0,
        healthy_seconds=clock.rollout(healthy if arrives else ()),
        promoted_at_most=regressed.promoted[-1] if regressed.promoted and arrives else 0.0,
        false_rollback_at_most=_COMPARISONS * plan.alpha,
    )


def _least_seen(plan: RolloutPlan, traffic: DeclaredTraffic) -> tuple[Signal, Course]:
    """Return the signal in which the regression is seen least, and the candidate's course there."""
    found = [
        (signal, course(plan, signal, rates_of(plan, traffic, signal, ratio=traffic.ratio)))
        for signal in different_signals(plan)
    ]
    return min(found, key=lambda one: sum(curve[-1] for curve in one[1].failed if curve))


def rates_of(plan: RolloutPlan, traffic: DeclaredTraffic, signal: Signal, *, ratio: float) -> Rates:
    """Return one signal's rates where the candidate is so many times as bad as live."""
    base = traffic.base_error_rate if traffic.base_error_rate is not None else signal.max_rate
    requests = traffic.requests_per_second * plan.bucket_seconds
    return Rates(requests=requests, base=base, bad=min(1.0, ratio * base))


def different_signals(plan: RolloutPlan) -> tuple[Signal, ...]:
    """Return one signal for each pair of tolerances: others like it have the same figures."""
    return tuple({_tolerances(signal): signal for signal in reversed(plan.signals)}.values())


def _tolerances(signal: Signal) -> tuple[float, float]:
    return signal.max_ratio, signal.max_rate


def _healthy(plan: RolloutPlan, traffic: DeclaredTraffic) -> tuple[float, ...]:
    """Return the chance by each look at the last step that every signal has its proof."""
    curves = {
        _tolerances(signal): course(plan, signal, rates_of(plan, traffic, signal, ratio=1.0)).promoted
        for signal in different_signals(plan)
    }
    every = [curves[_tolerances(signal)] for signal in plan.signals]
    return tuple(prod(looks) for looks in zip(*every, strict=True))


def _steps(
    plan: RolloutPlan,
    signal: Signal,
    clock: ForecastClock,
    rates: Rates,
    regressed: Course,
    *,
    alone: bool,
) -> tuple[StepForecast, ...]:
    bad, unseen = bad_answers(clock, rates, regressed), bad_answers_unseen(clock, rates, regressed)
    found = []
    for index, (step, pace) in enumerate(zip(plan.steps, clock.paces, strict=True)):
        look = first_look(step_alone(plan, signal, rates, step)) if alone else None
        found.append(
            StepForecast(
                weight_percent=step.weight_percent,
                min_seconds=step.min_bake_seconds + plan.settle_seconds,
                planned_seconds=clock.wall(pace.lasts),
                max_seconds=clock.longest(step.max_bake_seconds),
                requests_needed=step.min_requests,
                requests=round(pace.requests * pace.lasts),
                reachable=pace.reachable,
                seen=regressed.failed[index][-1] if regressed.failed[index] else 0.0,
                alone_seconds=None if look is None else clock.wall(look),
                alone_requests=None if look is None else round(look * pace.requests),
                bad_answers=bad[index],
                bad_answers_unseen=unseen[index],
            )
        )
    return tuple(found)
