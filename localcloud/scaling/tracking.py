"""The arithmetic of target tracking.

Sources: How target tracking scaling for Application Auto Scaling works,
https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
(proportional, rounded up, cooldowns, scale-out wins); Suspend and resume scaling,
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html
"""

import math
from collections.abc import Callable, Sequence

from localcloud.scaling.target import Activity, Policy, Target

OUT_MINUTES = 3
"""Minutes in a row above the target before a scale-out, as in the high alarm that AWS creates."""
IN_MINUTES = 15
"""Minutes in a row below `IN_SHARE` of the target before a scale-in, as in AWS's low alarm."""
IN_SHARE = 0.9

Loads = Sequence[float | None]


def proposal(policy: Policy, target: Target, loads: Loads, *, current: int, now: float) -> int:
    """Return how many instances a policy wants.

    Args:
        policy: the policy.
        target: the target it belongs to.
        loads: invocations of one instance in each of the last `IN_MINUTES` complete minutes, oldest first,
            None where there is no data point.
        current: instances now.
        now: epoch seconds of the cloud clock.

    Returns:
        A number within the target's bounds; `current` where nothing is to be done.

    """
    if _all(loads[-OUT_MINUTES:], lambda load: load > policy.target_value):
        return _scale_out(policy, target, loads, current=current, now=now)
    if _all(loads[-IN_MINUTES:], lambda load: load < policy.target_value * IN_SHARE):
        return _scale_in(policy, target, loads, current=current, now=now)
    return current


def wanted(load: float, *, target_value: float, current: int) -> int:
    """Return the instances that bring a load of each instance back to its target, rounded up."""
    # Without the rounding, 3 * 70 / 70 and the like may end just above a whole number and add an instance.
    return math.ceil(round(current * load / target_value, 9))


def _scale_out(policy: Policy, target: Target, loads: Loads, *, current: int, now: float) -> int:
    """During the cooldown, what the last scale-out added counts towards the next one."""
    if target.suspended.get("DynamicScalingOutSuspended", False):
        return current
    last = target.last
    cooling = last is not None and last.is_out and _cooling(policy, last, now)
    base = last.before if cooling and last is not None else current
    count = wanted(_latest(loads), target_value=policy.target_value, current=base)
    return max(current, min(count, target.maximum))


def _scale_in(policy: Policy, target: Target, loads: Loads, *, current: int, now: float) -> int:
    """Scale in, unless the cooldown of the last activity runs, in whichever direction that went."""
    if not policy.may_scale_in or target.suspended.get("DynamicScalingInSuspended", False):
        return current
    if target.last is not None and _cooling(policy, target.last, now):
        return current
    count = wanted(_latest(loads), target_value=policy.target_value, current=current)
    return min(current, max(count, target.minimum))


def _cooling(policy: Policy, last: Activity, now: float) -> bool:
    """Whether the cooldown runs: it starts when the activity ends, and a failed activity has none."""
    if last.status == "Failed":
        return False
    return last.ended_at is None or now < last.ended_at + policy.cooldown_seconds(out=last.is_out)


def _latest(loads: Loads) -> float:
    return loads[-1] or 0.0


def _all(loads: Loads, breaches: Callable[[float], bool]) -> bool:
    return bool(loads) and all(load is not None and breaches(load) for load in loads)
