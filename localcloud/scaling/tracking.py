"""The arithmetic of target tracking.

Source: How target tracking scaling for Application Auto Scaling works,
https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
(proportional, rounded up; wakes up from zero only past the target:
https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html)
"""

import math
from collections.abc import Callable, Sequence

from localcloud.scaling.cooldown import in_count, out_count
from localcloud.scaling.target import Target
from localcloud.scaling.tracking_rule import TrackingRule

OUT_PERIODS = 3
"""Periods in a row above the target before a scale-out, as in the high alarm that AWS creates."""
IN_SECONDS = 15 * 60
"""Seconds below `IN_SHARE` of the target before a scale-in, as in AWS's low alarm."""
IN_SHARE = 0.9

Loads = Sequence[float | None]


def proposal(rule: TrackingRule, target: Target, loads: Loads, *, current: int, now: float) -> int:
    """Return how many units a rule wants.

    Args:
        rule: the rule.
        target: the target it belongs to.
        loads: the metric in each complete period of the last `IN_SECONDS`, oldest first, None where there is
            no data point.
        current: units now.
        now: epoch seconds of the cloud clock.

    Returns:
        A number within the target's bounds; `current` where nothing is to be done.

    """

    def proportional(base: int) -> int:
        return wanted(loads[-1] or 0.0, target_value=rule.target_value, current=base)

    if _all(loads[-OUT_PERIODS:], lambda load: load > rule.target_value):
        return out_count(
            rule, target, current=current, now=now, wanted=lambda base: proportional(max(1, base))
        )
    if rule.may_scale_in and _all(loads, lambda load: load < rule.target_value * IN_SHARE):
        return in_count(rule, target, current=current, now=now, wanted=proportional)
    return current


def wanted(load: float, *, target_value: float, current: int) -> int:
    """Return the units that bring a load of each unit back to its target, rounded up."""
    # Without the rounding, 3 * 70 / 70 and the like may end just above a whole number and add a unit.
    return math.ceil(round(current * load / target_value, 9))


def _all(loads: Loads, breaches: Callable[[float], bool]) -> bool:
    return bool(loads) and all(load is not None and breaches(load) for load in loads)
