"""Scaling in the words of AWS's requests, for a function to make them."""

import json
from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import Stack
from constructs import Construct

from tidegate._scaling_resources import (
    alarm_properties,
    schedule_properties,
    step_properties,
    tracking_properties,
)
from tidegate.scaling_target import ScalingTarget
from tidegate.scheduled_capacity import ScheduledCapacity
from tidegate.step_policy import StepPolicy
from tidegate.tracking_policy import TrackingPolicy

_INTRINSICS: Final = ("Ref", "Fn::")


def scaling_requests(
    scope: Construct,
    target: ScalingTarget,
    *,
    min_capacity: int,
    max_capacity: int,
    policies: Sequence[TrackingPolicy | StepPolicy],
    schedules: Sequence[ScheduledCapacity],
) -> dict[str, Any]:
    """Return what registers and follows one capacity, JSON-like.

    The alarm of a step policy is called `{endpoint}-scaling-{policy}`; its action is added with the policy's
    ARN, which is another one after each registration.

    Raises:
        ValueError: when a value is known at deploy time only.

    """
    steps = [policy for policy in policies if isinstance(policy, StepPolicy)]
    declared = {
        "InstanceType": target.instance_types[0],
        "MinCapacity": min_capacity,
        "MaxCapacity": max_capacity,
        "Policies": [_policy(policy, target) for policy in policies],
        "Alarms": [_alarm(policy, target) for policy in steps],
        "ScheduledActions": [schedule_properties(schedule) for schedule in schedules],
    }
    requests: dict[str, Any] = _worded(Stack.of(scope).resolve(declared))
    if any(f'"{intrinsic}' in json.dumps(requests) for intrinsic in _INTRINSICS):
        raise ValueError(
            f"scaling of {target.name!r} must be known when the app is synthesized, got {requests}"
        )
    return requests


def _policy(policy: TrackingPolicy | StepPolicy, target: ScalingTarget) -> dict[str, Any]:
    name = _policy_name(policy, target)
    if isinstance(policy, StepPolicy):
        configuration = step_properties(policy)
        return {
            "PolicyName": name,
            "PolicyType": "StepScaling",
            "StepScalingPolicyConfiguration": configuration,
        }
    return {
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracking_properties(policy, target),
    }


def _alarm(policy: StepPolicy, target: ScalingTarget) -> dict[str, Any]:
    properties = alarm_properties(policy, target, "")
    del properties["alarm_actions"]
    return {"AlarmName": f"{target.endpoint_name}-scaling-{_policy_name(policy, target)}", **properties}


def _policy_name(policy: TrackingPolicy | StepPolicy, target: ScalingTarget) -> str:
    return f"{target.name}-{policy.name}"


def _worded(value: Any) -> Any:
    """Return `value` with its keys as AWS writes them, and without what is not set."""
    if isinstance(value, dict):
        return {_key(key): _worded(one) for key, one in value.items() if one is not None}
    return [_worded(one) for one in value] if isinstance(value, list) else value


def _key(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
