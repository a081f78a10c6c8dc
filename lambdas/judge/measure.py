"""Turns CloudWatch's sums into the judge's buckets."""

from collections.abc import Mapping
from typing import Final

from tidegate_runtime.errors import MetricUnusable
from tidegate_runtime.judge.contest_counts import Pair
from tidegate_runtime.judge.counts import Bucket, Counts
from tidegate_runtime.judge.judgement import Comparison
from tidegate_runtime.metric_ports import Metrics
from tidegate_runtime.plan import Plan
from tidegate_runtime.plan_contest import Contest
from tidegate_runtime.ports import CANDIDATE, LIVE, SHADOW
from tidegate_runtime.state import SHADOWING, WATCHING, RunState

REQUESTS: Final = "Invocations"
MAX_BUCKETS: Final = 120
"""Most buckets read in one call: what a stopped machine missed is caught up step by step."""

_COMPARED: Final = {WATCHING: (LIVE, ""), SHADOWING: (SHADOW, LIVE)}
"""The variant that is judged and the one beside it, where they are not `candidate` and `live`."""

Sums = Mapping[tuple[str, str], Mapping[int, float]]


def measure(state: RunState, *, plan: Plan, metrics: Metrics, now: float) -> list[Bucket]:
    """Return the settled buckets not yet read; none unless CloudWatch's answer is complete.

    Of a shadow its copies count, beside live's own requests. After the promotion `live` plays the candidate's
    part, against nothing.

    Args:
        state: Holds the phase and the next bucket to read.
        plan: Length of a bucket, settling time, signals.
        metrics: CloudWatch.
        now: Seconds since 1970.

    """
    period, end = plan.bucket_seconds, readable_until(state, plan=plan, now=now)
    if end <= state.cursor:
        return []
    contest, (judged, other) = contest_of(state, plan), compared(state)
    wanted = [(variant, name) for variant in (other, judged) if variant for name in metric_names(plan)]
    sums = metrics.sums(wanted, start=state.cursor, end=end, period=period)
    rewards = _rewards(contest, metrics, start=state.cursor, end=end, period=period)
    if sums is None or rewards is None:
        return []
    return [
        Bucket(
            start=start,
            seconds=period,
            live=_counts(sums, other, start, plan),
            candidate=_counts(sums, judged, start, plan),
            rewards=_reward(contest, rewards, start, state),
        )
        for start in range(state.cursor, end, period)
    ]


def compared(state: RunState) -> tuple[str, str]:
    """Return the variant that is judged and the one it is compared with; "" where nothing is a yardstick.

    A candidate with all traffic has nobody beside it, and one that is to put out a fire nobody to be held to.
    """
    judged, other = _COMPARED.get(state.phase, (CANDIDATE, LIVE))
    return judged, "" if state.weight_percent == 100 or state.fix_forward else other


def comparison(state: RunState) -> Comparison:
    """Return what the judged variant is compared with: live, or the tolerated rates."""
    return "relative" if compared(state)[1] else "absolute"


def settled_until(plan: Plan, now: float) -> int:
    """Return the end of the newest bucket that has settled, in seconds since 1970."""
    return int(now - plan.settle_seconds) // plan.bucket_seconds * plan.bucket_seconds


def contest_of(state: RunState, plan: Plan) -> Contest | None:
    """Return the contest that is under way, None without one."""
    return plan.steps[state.step].contest if compared(state) == (CANDIDATE, LIVE) else None


def readable_until(state: RunState, *, plan: Plan, now: float) -> int:
    """Return the end of the buckets that have settled, at most `MAX_BUCKETS` from the cursor on."""
    return min(settled_until(plan, now), state.cursor + MAX_BUCKETS * plan.bucket_seconds)


def metric_names(plan: Plan) -> list[str]:
    """Return the metrics of one variant."""
    return [REQUESTS, *(signal.metric for signal in plan.signals)]


def _rewards(contest: Contest | None, metrics: Metrics, *, start: int, end: int, period: int) -> Sums | None:
    """Return the rewards of both variants; none outside a contest, None unless the answer is complete."""
    if contest is None:
        return {}
    names = [(variant, contest.metric) for variant in (LIVE, CANDIDATE)]
    return metrics.sums(names, start=start, end=end, period=period, namespace=contest.namespace)


def _reward(contest: Contest | None, rewards: Sums, start: int, state: RunState) -> Pair | None:
    """Return a bucket's rewards, unless they may still belong to requests under another split.

    Raises:
        MetricUnusable: a sum is no count.

    """
    if contest is None or start < state.since + contest.reward_delay_seconds:
        return None

    def count(variant: str) -> int:
        value = rewards.get((variant, contest.metric), {}).get(start, 0)
        if value < 0 or value != round(value):
            raise MetricUnusable(
                f"{contest.namespace} {contest.metric} must count rewards, one each: got the sum {value:g} "
                f"for {variant}"
            )
        return round(value)

    return Pair(count(LIVE), count(CANDIDATE))


def _counts(sums: Sums, variant: str, start: int, plan: Plan) -> Counts:
    def value(metric: str) -> int:
        return round(sums.get((variant, metric), {}).get(start, 0))

    bad = {signal.name: value(signal.metric) for signal in plan.signals}
    # A bad answer is an answer: its request may be counted in the bucket before.
    return Counts(requests=max(value(REQUESTS), *bad.values()), bad=bad)
