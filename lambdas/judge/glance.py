"""A look at the candidate alone, for half the price, where live's counts could not change the answer."""

from typing import Final

from judge.measure import compared, contest_of, metric_names, readable_until
from tidegate_runtime.metric_ports import Metrics
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import CANDIDATE, LIVE
from tidegate_runtime.state import RunState

GLANCED_BUCKETS: Final = 4
"""After so many buckets everything is read, so that what is on record is never older."""


def nothing_to_judge(state: RunState, *, plan: Plan, metrics: Metrics, now: float, step_seconds: int) -> bool:
    """Tell whether the new buckets of a step that compares cannot end it.

    A step passes once its shortest bake is over, and fails on a bad event of the candidate: without either,
    buckets may wait for their comparison. The evidence against a candidate does not grow while it does
    nothing bad, whatever live does. A contest may end at any look.

    Args:
        state: Holds the next bucket to count.
        plan: The plan.
        metrics: CloudWatch.
        now: Seconds since 1970.
        step_seconds: Time that this step has counted.

    """
    if compared(state) != (CANDIDATE, LIVE) or contest_of(state, plan) is not None:
        return False
    end = readable_until(state, plan=plan, now=now)
    waiting = end - state.cursor
    ends = step_seconds + waiting >= plan.steps[state.step].min_bake_seconds
    if ends or not 0 < waiting < GLANCED_BUCKETS * plan.bucket_seconds:
        return False
    wanted = [(CANDIDATE, name) for name in metric_names(plan)]
    sums = metrics.sums(wanted, start=state.cursor, end=end, period=plan.bucket_seconds)
    bad = [(CANDIDATE, signal.metric) for signal in plan.signals]
    return sums is not None and not any(any(sums.get(key, {}).values()) for key in bad)
