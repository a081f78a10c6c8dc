"""Bounds, suspension and cooldowns, which every policy keeps.

Sources: Cooldown period,
https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html#step-scaling-cooldown
and Define cooldown periods,
https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-cooldown;
Suspend and resume scaling,
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html
"""

from collections.abc import Callable
from typing import Protocol

from localcloud.scaling.activity import Activity
from localcloud.scaling.target import Target


class _Cools(Protocol):
    def cooldown_seconds(self, *, out: bool) -> float: ...


def out_count(rule: _Cools, target: Target, *, current: int, now: float, wanted: Callable[[int], int]) -> int:
    """Return the units after a scale-out; `current` where there is none.

    During the cooldown of a scale-out, what it added counts towards the next one.

    Args:
        rule: knows its cooldowns.
        target: what is scaled.
        current: units now.
        now: epoch seconds of the cloud clock.
        wanted: the units that the rule wants, counted from a number of units.

    """
    if target.is_suspended("DynamicScalingOut"):
        return current
    last = target.last
    cooling = last is not None and last.is_out and _cools(rule, last, now)
    base = last.before if cooling and last is not None else current
    return max(current, min(wanted(base), target.maximum))


def in_count(rule: _Cools, target: Target, *, current: int, now: float, wanted: Callable[[int], int]) -> int:
    """Return the units after a scale-in; `current` where there is none.

    A scale-in waits for the cooldown of the last activity, in whichever direction that went.
    """
    if target.is_suspended("DynamicScalingIn"):
        return current
    if target.last is not None and _cools(rule, target.last, now):
        return current
    return min(current, max(wanted(current), target.minimum))


def _cools(rule: _Cools, last: Activity, now: float) -> bool:
    """Whether the cooldown runs: it starts when the activity ends, and a failed activity has none."""
    if last.status == "Failed":
        return False
    return last.ended_at is None or now < last.ended_at + rule.cooldown_seconds(out=last.is_out)
