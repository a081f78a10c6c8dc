"""What PutScalingPolicy accepts.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
"""

from collections.abc import Mapping
from typing import Any

from localcloud.errors import AwsError, NotEmulated
from localcloud.scaling.target import DIMENSION, METRIC_TYPE, Policy, Target


def policy_configuration(params: Mapping[str, Any], before: Policy | None) -> dict[str, Any]:
    """Check the parameters of PutScalingPolicy and return the configuration, by default the previous one.

    Raises:
        AwsError: ValidationException, with what was wrong.
        NotEmulated: for step and predictive scaling, and for customized metrics.

    """
    if params.get("PolicyType", "TargetTrackingScaling") != "TargetTrackingScaling":
        raise NotEmulated(f"Application Auto Scaling PutScalingPolicy.PolicyType {params['PolicyType']}")
    for name in ("StepScalingPolicyConfiguration", "PredictiveScalingPolicyConfiguration"):
        if name in params:
            raise NotEmulated(f"Application Auto Scaling PutScalingPolicy.{name}")
    if before is None and "PolicyType" not in params:
        raise AwsError("ValidationException", "PolicyType is required when a policy is created")
    configuration = params.get("TargetTrackingScalingPolicyConfiguration")
    if configuration is None:
        if before is None:
            raise AwsError("ValidationException", "TargetTrackingScalingPolicyConfiguration is required")
        return before.configuration
    _check_metric(configuration)
    if not configuration["TargetValue"] > 0:
        raise AwsError(
            "ValidationException", f"TargetValue must be above 0, got {configuration['TargetValue']}"
        )
    return dict(configuration)


def check_single(target: Target, name: str) -> None:
    """Refuse a second policy on the one metric there is."""
    others = sorted(set(target.policies) - {name})
    if others:
        raise AwsError(
            "ValidationException",
            "Only one TargetTrackingScaling policy for a given metric specification is allowed; "
            f"{target.resource_id} has {others[0]}",
        )


def _check_metric(configuration: Mapping[str, Any]) -> None:
    if "CustomizedMetricSpecification" in configuration:
        raise NotEmulated(
            "Application Auto Scaling TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification"
        )
    metric = configuration.get("PredefinedMetricSpecification")
    if metric is None:
        raise AwsError("ValidationException", "PredefinedMetricSpecification is required")
    if metric["PredefinedMetricType"] != METRIC_TYPE:
        raise AwsError(
            "ValidationException",
            f"Scalable dimension {DIMENSION} only supports the following predefined metric types: "
            f"{METRIC_TYPE}",
        )
    if "ResourceLabel" in metric:
        raise AwsError("ValidationException", f"ResourceLabel must not be given for {METRIC_TYPE}")
