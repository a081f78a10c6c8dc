"""What scales an endpoint, as Application Auto Scaling and CloudWatch tell it."""

from typing import Any

from tidegate_cli.rehearsal.clients import LocalAws

Scaling = dict[str, dict[str, Any]]
"""By variant: names of policies and scheduled actions, alarms that run a policy, and bounds."""


def scaling_of(aws: LocalAws, scaling: Any, endpoint: str) -> Scaling:
    """Return what is registered for the variants of an endpoint."""
    found: Scaling = {}
    for target in _targets(scaling, endpoint):
        variant = target["ResourceId"].rpartition("/")[2]
        key = {"ServiceNamespace": "sagemaker", "ResourceId": target["ResourceId"]}
        policies = scaling.describe_scaling_policies(**key)["ScalingPolicies"]
        schedules = scaling.describe_scheduled_actions(**key)["ScheduledActions"]
        arns = {one["PolicyARN"] for one in policies}
        acting = [name for name, actions in scaling_alarms(aws, endpoint).items() if arns & set(actions)]
        found[variant] = {
            "policies": sorted(one["PolicyName"].removeprefix(f"{variant}-") for one in policies),
            "schedules": [one["ScheduledActionName"] for one in schedules],
            "alarms": [name.removeprefix(f"{endpoint}-scaling-{variant}-") for name in acting],
            "bounds": (target["MinCapacity"], target["MaxCapacity"]),
        }
    return found


def suspended_of(scaling: Any, endpoint: str) -> dict[str, bool]:
    """Return by variant whether scale-in is suspended."""
    return {
        target["ResourceId"].rpartition("/")[2]: bool(target["SuspendedState"]["DynamicScalingInSuspended"])
        for target in _targets(scaling, endpoint)
    }


def scaling_alarms(aws: LocalAws, endpoint: str) -> dict[str, list[str]]:
    """Return the actions of the alarms that scale an endpoint."""
    prefix = f"{endpoint}-scaling-"
    found = aws.cloudwatch.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
    return {one["AlarmName"]: one["AlarmActions"] for one in found}


def _targets(scaling: Any, endpoint: str) -> list[Any]:
    found = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    return [one for one in found if one["ResourceId"].startswith(f"endpoint/{endpoint}/")]
