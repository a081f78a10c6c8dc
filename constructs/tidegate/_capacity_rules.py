"""What Application Auto Scaling refuses, and what would never scale."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Token

from tidegate._metric_facts import ASYNC_PAGE
from tidegate._refusal import guide
from tidegate._scaling_kind import ScalingKind
from tidegate._validation import Faults
from tidegate.scaling_target import ScalingTarget
from tidegate.scheduled_capacity import ScheduledCapacity
from tidegate.step_policy import StepPolicy
from tidegate.tracking_policy import TrackingPolicy

WAKE_UP: Final = "wake-up"
_PREREQUISITES: Final = guide("endpoint-auto-scaling-prerequisites")
_TO_ZERO: Final = guide("endpoint-auto-scaling-zero-instances")
_TYPES: Final = guide("endpoint-auto-scaling")


def check_capacity(
    target: ScalingTarget,
    min_capacity: int,
    max_capacity: int,
    policies: Sequence[TrackingPolicy | StepPolicy],
    schedules: Sequence[ScheduledCapacity],
) -> None:
    """Refuse scaling that AWS would refuse, or that would do nothing.

    Raises:
        ValueError: naming every fault at once.

    """
    shown = "a component" if Token.is_unresolved(target.name) else repr(target.name)
    faults = Faults(f"scaling the {target.kind.noun} of {shown}")
    _check_bounds(faults, target, min_capacity, max_capacity)
    _check_policies(faults, target, min_capacity, policies, schedules)
    for schedule in schedules:
        _check_schedule(faults, target, schedule)
    faults.raise_if_any()


def _check_bounds(faults: Faults, target: ScalingTarget, low: int, high: int) -> None:
    _check_floor(faults, target, "min_capacity", low)
    faults.require(
        ok=high >= max(low, 1),
        message=f"max_capacity must be at least 1 and at least min_capacity ({low}), got {high}",
    )
    _check_ceiling(faults, target, "max_capacity", high)
    faults.require(
        ok=target.initial is None or low <= target.initial <= high,
        message=f"the capacity at creation must be {low} to {high}, got {target.initial}",
    )
    faults.require(
        ok=target.instance_type is None or not target.instance_type.startswith("ml.t"),
        message=f"burstable instance types cannot be scaled, got {target.instance_type} ({_TYPES})",
    )


def _check_floor(faults: Faults, target: ScalingTarget, field: str, low: int) -> None:
    faults.require(
        ok=low >= target.kind.fewest,
        message=f"{field} must be at least {target.kind.fewest}, got {low}: only asynchronous endpoints and "
        f"inference components scale to zero ({_TO_ZERO})",
    )


def _check_ceiling(faults: Faults, target: ScalingTarget, field: str, high: int) -> None:
    faults.require(
        ok=target.ceiling is None or high <= target.ceiling,
        message=f"{field} must be at most max_concurrency ({target.ceiling}), got {high}: warm workers are "
        f"a part of the concurrency ({guide('serverless-endpoints-autoscale')})",
    )


def _check_policies(
    faults: Faults,
    target: ScalingTarget,
    low: int,
    policies: Sequence[TrackingPolicy | StepPolicy],
    schedules: Sequence[ScheduledCapacity],
) -> None:
    names = [policy.name for policy in policies]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.require(ok=False, message=f"policies must differ in name, got {name!r} twice")
    faults.require(ok=WAKE_UP not in names, message="the policy name 'wake-up' is taken: zero brings its own")
    faults.require(
        ok=bool(policies) or bool(schedules),
        message="policies or schedules must be given, got none to scale by",
    )
    faults.require(
        ok=low > 0 or bool(policies),
        message="a minimum of 0 needs a policy that scales in again; the wake-up only scales out "
        f"({_TO_ZERO})",
    )
    for policy in policies:
        _check_published(faults, target, policy)
        if isinstance(policy, TrackingPolicy):
            faults.require(
                ok=target.kind in policy.kinds,
                message=f"policy {policy.name!r} cannot scale {target.kind.noun}, because they do "
                f"not publish {policy.predefined or (policy.metric and policy.metric.name)} "
                f"({_PREREQUISITES})",
            )


def _check_published(faults: Faults, target: ScalingTarget, policy: TrackingPolicy | StepPolicy) -> None:
    name = policy.metric.name if policy.metric is not None else ""
    faults.require(
        ok=target.kind is not ScalingKind.QUEUE or not name.startswith("Invocations"),
        message=f"policy {policy.name!r} would never scale, because an asynchronous endpoint does not "
        f"publish {name}; follow the backlog ({ASYNC_PAGE})",
    )


def _check_schedule(faults: Faults, target: ScalingTarget, schedule: ScheduledCapacity) -> None:
    if schedule.min_capacity is not None:
        _check_floor(faults, target, f"min_capacity of schedule {schedule.name!r}", schedule.min_capacity)
    if schedule.max_capacity is not None:
        _check_floor(faults, target, f"max_capacity of schedule {schedule.name!r}", schedule.max_capacity)
        _check_ceiling(faults, target, f"max_capacity of schedule {schedule.name!r}", schedule.max_capacity)
