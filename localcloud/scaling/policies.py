"""What PutScalingPolicy accepts.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
"""

import uuid
from collections.abc import Mapping
from typing import Any

from localcloud.errors import AwsError, NotEmulated
from localcloud.scaling.policy import MEMBERS, STEPS, TRACKING, Policy
from localcloud.scaling.steps import StepRule
from localcloud.scaling.target import Target
from localcloud.scaling.tracking_rule import TrackingRule


def put_policy(target: Target, params: Mapping[str, Any], now: float) -> Policy:
    """Create or update a policy of a target; a configuration that is not given stays.

    Raises:
        AwsError: ValidationException, with what was wrong.
        NotEmulated: for predictive scaling and metric math.

    """
    name = params["PolicyName"]
    before = target.policies.get(name)
    kind = _kind(params, before)
    configuration = params.get(MEMBERS[kind], before.configuration if before else None)
    if configuration is None:
        raise AwsError("ValidationException", f"{MEMBERS[kind]} is required")
    rule = _rule(kind, configuration, target)
    _check_single(target, name, rule)
    policy = Policy(
        name=name,
        arn=before.arn if before else _arn(target.resource_id, name),
        created_at=before.created_at if before else now,
        kind=kind,
        configuration=dict(configuration),
        rule=rule,
    )
    target.policies[name] = policy
    return policy


def _kind(params: Mapping[str, Any], before: Policy | None) -> str:
    if before is None and "PolicyType" not in params:
        raise AwsError("ValidationException", "PolicyType is required when a policy is created")
    kind: str = params.get("PolicyType", before.kind if before else "")
    if kind not in MEMBERS:
        raise NotEmulated(f"Application Auto Scaling PutScalingPolicy.PolicyType {kind}")
    if before is not None and kind != before.kind:
        raise AwsError("ValidationException", f"PolicyType of {before.name} is {before.kind}, got {kind}")
    excluded = [
        name
        for name in (*MEMBERS.values(), "PredictiveScalingPolicyConfiguration")
        if name in params and name != MEMBERS[kind]
    ]
    if excluded:
        raise AwsError("ValidationException", f"PolicyType {kind} excludes {', '.join(excluded)}")
    return kind


def _rule(kind: str, configuration: Mapping[str, Any], target: Target) -> TrackingRule | StepRule:
    if kind == STEPS:
        return StepRule.parse(configuration)
    return TrackingRule.parse(configuration, target.dimension, target.resource_id)


def _check_single(target: Target, name: str, rule: TrackingRule | StepRule) -> None:
    """Refuse a second tracking policy on one metric."""
    if not isinstance(rule, TrackingRule):
        return
    for other in target.policies.values():
        if other.name != name and isinstance(other.rule, TrackingRule) and other.rule.metric == rule.metric:
            raise AwsError(
                "ValidationException",
                f"Only one {TRACKING} policy for a given metric specification is allowed; "
                f"{target.resource_id} has {other.name}",
            )


def _arn(resource_id: str, name: str) -> str:
    owner = "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy"
    return f"{owner}:{uuid.uuid4()}:resource/sagemaker/{resource_id}:policyName/{name}"
