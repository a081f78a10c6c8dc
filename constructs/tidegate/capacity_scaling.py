"""Automatic scaling of one capacity, by tracking, steps and schedules, also from and to zero."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from tidegate._capacity_rules import check_capacity
from tidegate._instance_endpoint import InstanceEndpoint
from tidegate._scaling_kind import ScalingKind
from tidegate._scaling_resources import (
    alarm_properties,
    schedule_properties,
    step_properties,
    tracking_properties,
)
from tidegate.compatibility_numbers import refusal
from tidegate.scaling_metric import ScalingMetric
from tidegate.scaling_target import ScalingTarget
from tidegate.scheduled_capacity import ScheduledCapacity
from tidegate.step_policy import Step, StepPolicy
from tidegate.tracking_policy import TrackingPolicy

# From zero, target tracking wakes up only past its target, so one waiting request would wait for ever.
_WAKE_UP: Final = {
    ScalingKind.QUEUE: ScalingMetric(name="HasBacklogWithoutCapacity"),
    ScalingKind.COPIES: ScalingMetric(name="NoCapacityInvocationFailures", statistic="Maximum"),
}


class CapacityScaling(Construct):
    """A scalable target with its policies and schedules.

    A minimum of zero, which only queues and inference components may have, comes with a step policy that
    wakes the first unit up. Deploys of the endpoint then keep the counts that the scaler chose, and take the
    weights from the configuration. One capacity is scaled once.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent; derive it from the variant or the component.
        target: What is scaled.
        min_capacity: Fewest units: at least 1, or 0 for queues and inference components.
        max_capacity: Most units, at least 1.
        policies: Policies with different names; several may work together: the largest capacity wins.
        schedules: Bounds by the clock; none by default.

    Raises:
        ValueError: naming every fault at once, with the reason and the AWS page.

    Example:
        CapacityScaling(stack, "Scaling", target=ScalingTarget.queue(endpoint, live), min_capacity=0,
        max_capacity=4, policies=[TrackingPolicy.backlog(per_instance=5)])

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        target: ScalingTarget,
        min_capacity: int,
        max_capacity: int,
        policies: Sequence[TrackingPolicy | StepPolicy] = (),
        schedules: Sequence[ScheduledCapacity] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        check_capacity(target, min_capacity, max_capacity, policies, schedules)
        lowest = min([min_capacity, *(one.min_capacity for one in schedules if one.min_capacity is not None)])
        if target.endpoint is not None:
            target.endpoint.require_fleet(target.name, lowest)
        self._target = target
        resource = scaling.CfnScalableTarget(
            self,
            "Target",
            service_namespace="sagemaker",
            scalable_dimension=target.kind.dimension,
            resource_id=target.resource_id,
            min_capacity=min_capacity,
            max_capacity=max_capacity,
            scheduled_actions=[schedule_properties(schedule) for schedule in schedules] or None,
        )
        for policy in policies:
            self._follow(policy, resource)
        if lowest == 0:
            self._follow(_wake_up(target.kind), resource)
        if target.endpoint is not None:
            keep_counts(target.endpoint, target.name, scope)

    def _follow(self, policy: TrackingPolicy | StepPolicy, target: scaling.CfnScalableTarget) -> None:
        tracking = isinstance(policy, TrackingPolicy)
        resource = scaling.CfnScalingPolicy(
            self,
            f"Policy-{policy.name}",
            policy_name=f"{self._target.name}-{policy.name}",
            policy_type="TargetTrackingScaling" if tracking else "StepScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=(
                tracking_properties(policy, self._target) if isinstance(policy, TrackingPolicy) else None
            ),
            step_scaling_policy_configuration=(
                step_properties(policy) if isinstance(policy, StepPolicy) else None
            ),
        )
        if isinstance(policy, StepPolicy):
            cloudwatch.CfnAlarm(
                self, f"Alarm-{policy.name}", **alarm_properties(policy, self._target, resource.ref)
            )


def _wake_up(kind: ScalingKind) -> StepPolicy:
    return StepPolicy(
        name="wake-up",
        metric=_WAKE_UP[kind],
        threshold=1,
        steps=[Step(lower=0, change=1)],
        cooldown_seconds=300,
    )


def keep_counts(endpoint: InstanceEndpoint, variant: str, scope: Construct) -> None:
    """Let deploys of the endpoint keep the counts that a scaler chose.

    Raises:
        ValueError: when the variant is scaled already, or its counts come from the configuration.

    """
    if scope is not endpoint:
        claim = f"Scaling-{variant}"
        if endpoint.node.try_find_child(claim) is not None:
            raise ValueError(refusal("scaling-twice", f"variant {variant!r} is scaled already"))
        Construct(endpoint, claim)
    endpoint.keep_counts(variant)
