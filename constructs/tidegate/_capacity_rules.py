"""What Application Auto Scaling refuses, and what would never scale."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Token

from tidegate._compatibility_values import check_scaled_type
from tidegate._metric_facts import HOSTS
from tidegate._scaling_kind import ScalingKind
from tidegate._validation import Faults
from tidegate.instance_sizes import units_of
from tidegate.scaling_metric import ScalingMetric
from tidegate.scaling_target import ScalingTarget
from tidegate.scheduled_capacity import ScheduledCapacity
from tidegate.step_policy import StepPolicy
from tidegate.tracking_policy import TrackingPolicy

WAKE_UP: Final = "wake-up"
_OF_ONE_INSTANCE: Final = ("Average", "Maximum", "Minimum")


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
    faults.rule(
        "scaling-bounds",
        ok=high >= max(low, 1),
        message=f"max_capacity must be at least 1 and at least min_capacity ({low}), got {high}",
    )
    _check_ceiling(faults, target, "max_capacity", high)
    faults.rule(
        "scaling-initial",
        ok=target.initial is None or low <= target.initial <= high,
        message=f"the capacity at creation must be {low} to {high}, got {target.initial}",
    )
    for instance_type in target.instance_types:
        faults.add(check_scaled_type(instance_type))


def _check_floor(faults: Faults, target: ScalingTarget, field: str, low: int) -> None:
    faults.rule(
        "scaling-to-zero",
        ok=low >= target.kind.fewest,
        message=f"{field} must be at least {target.kind.fewest}, got {low}",
    )


def _check_ceiling(faults: Faults, target: ScalingTarget, field: str, high: int) -> None:
    faults.rule(
        "scaling-warm-workers",
        ok=target.ceiling is None or high <= target.ceiling,
        message=f"{field} must be at most max_concurrency ({target.ceiling}), got {high}",
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
        faults.rule("scaling-policies", ok=False, message=f"policies must differ in name, got {name!r} twice")
    faults.require(ok=WAKE_UP not in names, message="the policy name 'wake-up' is taken: zero brings its own")
    faults.rule(
        "scaling-policies",
        ok=bool(policies) or bool(schedules),
        message="policies or schedules must be given, got none to scale by",
    )
    faults.rule(
        "scaling-from-zero",
        ok=low > 0 or bool(policies),
        message="a minimum of 0 needs a policy that scales in again, got none",
    )
    for policy in policies:
        _check_published(faults, target, policy)
        if isinstance(policy, TrackingPolicy):
            faults.rule(
                "scaling-metric",
                ok=target.kind in policy.kinds,
                message=f"policy {policy.name!r} cannot scale {target.kind.noun}, which do "
                f"not publish {policy.predefined or (policy.metric and policy.metric.name)}",
            )


def _check_published(faults: Faults, target: ScalingTarget, policy: TrackingPolicy | StepPolicy) -> None:
    name = policy.metric.name if policy.metric is not None else ""
    if isinstance(policy, TrackingPolicy) and policy.metric is not None:
        for instance_type in target.instance_types:
            _check_reachable(faults, policy, policy.metric, instance_type)
    faults.rule(
        "scaling-queue-metric",
        ok=target.kind is not ScalingKind.QUEUE or not name.startswith("Invocations"),
        message=f"policy {policy.name!r} on {name} would never scale",
    )


def _check_reachable(
    faults: Faults, policy: TrackingPolicy, metric: ScalingMetric, instance_type: str
) -> None:
    units = units_of(metric.name, instance_type) if metric.namespace == HOSTS else None
    faults.rule(
        "scaling-target",
        ok=units is None or metric.statistic not in _OF_ONE_INSTANCE or policy.target <= 100 * units,
        message=f"policy {policy.name!r} has a target of {policy.target:g}, but {metric.name} of "
        f"{instance_type} is at most {100 * (units or 0)}",
    )


def _check_schedule(faults: Faults, target: ScalingTarget, schedule: ScheduledCapacity) -> None:
    if schedule.min_capacity is not None:
        _check_floor(faults, target, f"min_capacity of schedule {schedule.name!r}", schedule.min_capacity)
    if schedule.max_capacity is not None:
        _check_floor(faults, target, f"max_capacity of schedule {schedule.name!r}", schedule.max_capacity)
        _check_ceiling(faults, target, f"max_capacity of schedule {schedule.name!r}", schedule.max_capacity)
