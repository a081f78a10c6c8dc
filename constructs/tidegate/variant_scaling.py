"""Target tracking for one variant of an endpoint."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_applicationautoscaling as scaling
from constructs import Construct

from tidegate._compatibility_values import check_scaled_type
from tidegate._validation import Faults
from tidegate.instance_variant import InstanceVariant

_DIMENSION: Final = "sagemaker:variant:DesiredInstanceCount"
_METRIC: Final = "SageMakerVariantInvocationsPerInstance"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTracking:
    """How a variant follows its load.

    Attributes:
        min_capacity: Fewest instances, at least 1.
        max_capacity: Most instances, at least `min_capacity`.
        invocations_per_instance_per_minute: The load of one instance that scaling holds.
        scale_in_cooldown_seconds: Pause after a scale-in; 300 by default.
        scale_out_cooldown_seconds: Pause after a scale-out; 60 by default.

    Raises:
        ValueError: naming every fault at once.

    Example:
        TargetTracking(min_capacity=2, max_capacity=8, invocations_per_instance_per_minute=6000)

    """

    min_capacity: int
    max_capacity: int
    invocations_per_instance_per_minute: float
    scale_in_cooldown_seconds: int = 300
    scale_out_cooldown_seconds: int = 60

    def __post_init__(self) -> None:
        faults = Faults("target tracking")
        faults.rule(
            "scaling-to-zero",
            ok=self.min_capacity >= 1,
            message=f"min_capacity must be at least 1, got {self.min_capacity}",
        )
        faults.rule(
            "scaling-bounds",
            ok=self.max_capacity >= self.min_capacity,
            message=f"max_capacity must be at least min_capacity ({self.min_capacity}), "
            f"got {self.max_capacity}",
        )
        faults.rule(
            "scaling-target",
            ok=self.invocations_per_instance_per_minute > 0,
            message="invocations_per_instance_per_minute must be above 0, "
            f"got {self.invocations_per_instance_per_minute}",
        )
        for name in ("scale_in_cooldown_seconds", "scale_out_cooldown_seconds"):
            value = getattr(self, name)
            faults.rule("scaling-cooldown", ok=value >= 0, message=f"{name} must be at least 0, got {value}")
        faults.raise_if_any()


class VariantScaling(Construct):
    """A scalable target with a target-tracking policy for one variant.

    Prefer `RealTimeEndpoint.add_scaling`, which also keeps later deploys from resetting the counts.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent; derive it from the variant.
        endpoint_name: Name of the endpoint.
        variant: The variant to scale.
        tracking: Bounds and target.

    Raises:
        ValueError: when the variant's instance type is burstable, or its count lies outside of the bounds.

    Example:
        VariantScaling(stack, "LiveScaling", endpoint_name="digits", variant=live, tracking=tracking)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-policy.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        variant: InstanceVariant,
        tracking: TargetTracking,
    ) -> None:
        super().__init__(scope, construct_id)
        _check(variant, tracking)
        target = scaling.CfnScalableTarget(
            self,
            "Target",
            service_namespace="sagemaker",
            scalable_dimension=_DIMENSION,
            resource_id=f"endpoint/{endpoint_name}/variant/{variant.name}",
            min_capacity=tracking.min_capacity,
            max_capacity=tracking.max_capacity,
        )
        scaling.CfnScalingPolicy(
            self,
            "Policy",
            policy_name=f"{variant.name}-invocations",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=_policy(tracking),
        )


def _check(variant: InstanceVariant, tracking: TargetTracking) -> None:
    faults = Faults(f"scaling of variant {variant.name!r}")
    for instance_type in variant.instance_types:
        faults.add(check_scaled_type(instance_type))
    faults.rule(
        "scaling-initial",
        ok=tracking.min_capacity <= variant.initial_count <= tracking.max_capacity,
        message=f"initial_count must be {tracking.min_capacity} to {tracking.max_capacity}, "
        f"got {variant.initial_count}",
    )
    faults.raise_if_any()


def _policy(
    tracking: TargetTracking,
) -> scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty:
    return scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
        target_value=tracking.invocations_per_instance_per_minute,
        scale_in_cooldown=tracking.scale_in_cooldown_seconds,
        scale_out_cooldown=tracking.scale_out_cooldown_seconds,
        predefined_metric_specification=scaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty(
            predefined_metric_type=_METRIC
        ),
    )
