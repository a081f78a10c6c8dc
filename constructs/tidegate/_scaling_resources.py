"""CloudFormation forms of policies and schedules."""

from typing import Any

from aws_cdk import aws_applicationautoscaling as scaling

from tidegate._scaling_kind import ScalingKind
from tidegate.scaling_metric import ScalingMetric
from tidegate.scaling_target import ScalingTarget
from tidegate.scheduled_capacity import ScheduledCapacity
from tidegate.step_policy import StepPolicy
from tidegate.tracking_policy import TrackingPolicy

_Policy = scaling.CfnScalingPolicy
_QUEUE_METRICS = frozenset(
    {
        "ApproximateAgeOfOldestRequest",
        "ApproximateBacklogSize",
        "ApproximateBacklogSizePerInstance",
        "HasBacklogWithoutCapacity",
    }
)


def tracking_properties(
    policy: TrackingPolicy, target: ScalingTarget
) -> scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty:
    """Return target tracking on the predefined or on the given metric."""
    predefined = customized = None
    if policy.predefined is not None:
        predefined = _Policy.PredefinedMetricSpecificationProperty(predefined_metric_type=policy.predefined)
    if policy.metric is not None:
        customized = _Policy.CustomizedMetricSpecificationProperty(
            namespace=policy.metric.namespace,
            metric_name=policy.metric.name,
            statistic=policy.metric.statistic,
            unit=policy.metric.unit,
            dimensions=[
                _Policy.MetricDimensionProperty(name=name, value=value)
                for name, value in dimensions(policy.metric, target).items()
            ],
        )
    return _Policy.TargetTrackingScalingPolicyConfigurationProperty(
        target_value=policy.target,
        predefined_metric_specification=predefined,
        customized_metric_specification=customized,
        scale_in_cooldown=policy.scale_in_cooldown_seconds,
        scale_out_cooldown=policy.scale_out_cooldown_seconds,
        disable_scale_in=None if policy.scale_in else True,
    )


def step_properties(policy: StepPolicy) -> scaling.CfnScalingPolicy.StepScalingPolicyConfigurationProperty:
    """Return the steps; the alarm that triggers them is a resource of its own."""
    return _Policy.StepScalingPolicyConfigurationProperty(
        adjustment_type=policy.adjustment,
        cooldown=policy.cooldown_seconds,
        metric_aggregation_type="Minimum" if policy.below else "Maximum",
        step_adjustments=[
            _Policy.StepAdjustmentProperty(
                scaling_adjustment=step.change,
                metric_interval_lower_bound=step.lower,
                metric_interval_upper_bound=step.upper,
            )
            for step in policy.steps
        ],
    )


def alarm_properties(policy: StepPolicy, target: ScalingTarget, policy_arn: str) -> dict[str, Any]:
    """Return the properties of the alarm that runs the step policy."""
    side = "LessThanOrEqualToThreshold" if policy.below else "GreaterThanOrEqualToThreshold"
    return {
        "alarm_description": f"Scales {target.kind.noun} of {target.name}: {policy.name}",
        "namespace": policy.metric.namespace,
        "metric_name": policy.metric.name,
        "statistic": policy.metric.statistic,
        "unit": policy.metric.unit,
        "dimensions": [
            {"name": name, "value": value} for name, value in dimensions(policy.metric, target).items()
        ],
        "period": policy.period_seconds,
        "evaluation_periods": policy.periods,
        "threshold": policy.threshold,
        "comparison_operator": side,
        "treat_missing_data": "notBreaching",
        "alarm_actions": [policy_arn],
    }


def schedule_properties(schedule: ScheduledCapacity) -> scaling.CfnScalableTarget.ScheduledActionProperty:
    """Return the scheduled action."""
    return scaling.CfnScalableTarget.ScheduledActionProperty(
        scheduled_action_name=schedule.name,
        schedule=schedule.schedule,
        timezone=schedule.timezone,
        scalable_target_action=scaling.CfnScalableTarget.ScalableTargetActionProperty(
            min_capacity=schedule.min_capacity, max_capacity=schedule.max_capacity
        ),
    )


def dimensions(metric: ScalingMetric, target: ScalingTarget) -> dict[str, str]:
    """Return the metric's dimensions; those of a queue are the endpoint's name alone."""
    if metric.dimensions is not None:
        return dict(metric.dimensions)
    found = target.metric_dimensions
    if target.kind is ScalingKind.QUEUE and metric.name in _QUEUE_METRICS:
        return {"EndpointName": found["EndpointName"]}
    return found
