"""The course of the judge's evidence through a plan: when it fails a candidate, when it lets it pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, log
from typing import Final, Self

from tidegate._absolute_evidence import AbsoluteEvidence
from tidegate._count_walk import CountWalk, spacing
from tidegate._relative_evidence import BETTER, WORSE, RelativeEvidence, Split
from tidegate.bake import Bake
from tidegate.rollout_plan import RolloutPlan
from tidegate.rollout_step import RolloutStep
from tidegate.signal import Signal

# Rare bad answers are counted as if one in twenty trials were bad: fewer trials, nearly the same counts.
_TRIAL_CHANCE: Final = 0.05
_NEVER: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long one phase lasts at a declared traffic, in whole buckets.

    Attributes:
        requests: Requests of the judged variant in one bucket.
        planned: Buckets until the planned evidence is there; more than `limit` when it cannot come.
        limit: Buckets that fit into the longest bake.

    """

    requests: float
    planned: int
    limit: int

    @classmethod
    def of(cls, bake: Bake, share: float, requests: float, *, bucket_seconds: int) -> Self:
        """Return the pace of a bake.

        Args:
            bake: The evidence that the phase needs.
            share: Share of the traffic of the judged variant.
            requests: Requests of all variants in one bucket.
            bucket_seconds: Length of a bucket.

        """
        mine = share * requests
        planned = max(ceil(bake.min_bake_seconds / bucket_seconds), ceil(bake.min_requests / mine), 1)
        return cls(requests=mine, planned=planned, limit=bake.max_bake_seconds // bucket_seconds)

    @property
    def reachable(self) -> bool:
        """Whether the planned evidence comes in time."""
        return self.planned <= self.limit

    @property
    def lasts(self) -> int:
        """Buckets that the phase lasts unless the candidate fails."""
        return min(self.planned, self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What happens to a candidate, look by look.

    Attributes:
        failed: For each step the chance that the candidate has failed by each look, since the beginning.
        promoted: Chance that it has the proof for its promotion by each look at the last step.

    """

    failed: tuple[tuple[float, ...], ...]
    promoted: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """One signal under a declared traffic.

    Attributes:
        requests: Requests of both variants in one bucket.
        base: Live's share of bad requests.
        bad: The candidate's.

    """

    requests: float
    base: float
    bad: float


def paces(plan: RolloutPlan, requests: float) -> tuple[Pace, ...]:
    """Return the pace of each step."""
    return tuple(
        Pace.of(step, step.weight_percent / 100, requests, bucket_seconds=plan.bucket_seconds)
        for step in plan.steps
    )


def course(plan: RolloutPlan, signal: Signal, rates: Rates) -> Course:
    """Return the course of a candidate whose regression shows in this one signal."""
    failed = compared(plan, signal, rates)
    before = next((curve[-1] for curve in reversed(failed) if curve), 0.0)
    pace = paces(plan, rates.requests)[-1]
    seen, promoted = _alone(plan, signal, rates, pace, margin=margin_proof(plan, signal, rates))
    return Course(
        failed=(*failed, tuple(before + (1 - before) * one for one in seen)),
        promoted=tuple((1 - before) * one for one in promoted),
    )


def compared(plan: RolloutPlan, signal: Signal, rates: Rates) -> tuple[tuple[float, ...], ...]:
    """Return the chances of a failure by each look of the steps before the last, by comparison with live."""
    steps = zip(plan.steps[:-1], paces(plan, rates.requests), strict=False)
    return tuple(_compared(plan, signal, rates, list(steps)))


def step_alone(plan: RolloutPlan, signal: Signal, rates: Rates, step: RolloutStep) -> tuple[float, ...]:
    """Return the chance of a failure by each look if this step were all there is, up to its longest bake."""
    pace = Pace.of(step, step.weight_percent / 100, rates.requests, bucket_seconds=plan.bucket_seconds)
    if step.weight_percent == 100:
        return _alone(plan, signal, rates, pace, margin=0.0)[0]
    whole = Pace(requests=pace.requests, planned=pace.limit, limit=pace.limit)
    return next(iter(_compared(plan, signal, rates, [(step, whole)])))


def margin_proof(plan: RolloutPlan, signal: Signal, rates: Rates) -> float:
    """Return the chance that the steps before the last prove the candidate better than the margin."""
    ratio = plan.promote_margin * signal.max_ratio
    splits = [_split(rates, step.weight_percent, ratio) for step in plan.steps[:-1]]
    if not splits:
        return 0.0
    evidence = RelativeEvidence(BETTER, log_threshold=-log(plan.alpha_promote))
    walk = CountWalk(width=spacing(min(split.trials for split in splits), looks=len(splits)))
    for pace, split in zip(paces(plan, rates.requests), splits, strict=False):
        walk.begin_phase()
        evidence.add(walk.walk(split.trials * pace.lasts, split.chance), split.null_chance)
    return walk.take_up_to(evidence.boundary())


def _split(rates: Rates, weight_percent: int, ratio: float) -> Split:
    return Split.of(rates.requests, weight_percent / 100, base=rates.base, bad=rates.bad, ratio=ratio)


def _log_fail(plan: RolloutPlan) -> float:
    """Return the log e-value at which one signal fails the candidate while the others show nothing."""
    return log(len(plan.signals) / plan.alpha)


def _compared(
    plan: RolloutPlan, signal: Signal, rates: Rates, steps: Sequence[tuple[RolloutStep, Pace]]
) -> Iterator[tuple[float, ...]]:
    """Yield each step's chances: one evidence for all of them."""
    splits = [_split(rates, step.weight_percent, signal.max_ratio) for step, _ in steps]
    evidence = RelativeEvidence(WORSE, log_threshold=_log_fail(plan))
    width = spacing(
        min((split.trials for split in splits), default=1.0), looks=sum(pace.lasts for _, pace in steps)
    )
    walk = CountWalk(width=width)
    seen = 0.0
    for (_, pace), split in zip(steps, splits, strict=True):
        walk.begin_phase()
        curve = []
        for _ in range(pace.lasts):
            evidence.add(walk.walk(split.trials, split.chance), split.null_chance)
            seen += walk.take_from(evidence.boundary())
            curve.append(min(seen, 1.0))
        yield tuple(curve)


def _alone(
    plan: RolloutPlan, signal: Signal, rates: Rates, pace: Pace, *, margin: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the chances of failure and of promotion at 100 %, from fresh evidence.

    Args:
        plan: The plan.
        signal: The signal.
        rates: Its rates.
        pace: Of the step at 100 %.
        margin: Chance that the steps before have proven the margin: then the tolerated rate is enough.

    """
    above = AbsoluteEvidence(rate=signal.max_rate, side="above", log_threshold=_log_fail(plan))
    below = AbsoluteEvidence(rate=signal.max_rate, side="below", log_threshold=-log(plan.alpha_promote))
    chance = max(rates.bad, min(_TRIAL_CHANCE, rates.bad * pace.requests / 2))
    trials = pace.requests * rates.bad / chance
    width = spacing(trials, looks=pace.limit)
    # What is enough of a proof depends on whether the margin is proven already.
    worlds = [
        (CountWalk(width=width), weight, tolerated)
        for weight, tolerated in ((1 - margin, 0.0), (margin, signal.max_rate))
        if weight > _NEVER
    ]
    failed: list[float] = []
    promoted: list[float] = []
    for look in range(1, pace.limit + 1):
        requests = look * pace.requests
        now_failed = now_promoted = 0.0
        least, most = above.boundary(requests), below.boundary(requests)
        for walk, weight, tolerated in worlds:
            walk.walk(trials, chance)
            now_failed += weight * walk.take_from(least)
            if look >= pace.planned:
                enough = max(most, tolerated * requests) if tolerated else most
                now_promoted += weight * walk.take_up_to(enough)
        failed.append(now_failed)
        promoted.append(now_promoted)
    return tuple(accumulate(failed)), tuple(accumulate(promoted))
