"""Scalable targets, policies and activities, and how the Describe operations show them.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html,
API_ScalingPolicy.html and API_ScalingActivity.html
"""

from dataclasses import dataclass, field
from typing import Any

NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
METRIC_TYPE = "SageMakerVariantInvocationsPerInstance"
ROLE_ARN = (
    "arn:aws:iam::000000000000:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
DEFAULT_COOLDOWN_SECONDS = 300
"""The default of both cooldowns for SageMaker endpoint variants."""


@dataclass(slots=True, kw_only=True)
class Policy:
    """A target-tracking policy; its cooldowns are those of the target's last activity."""

    name: str
    arn: str
    created_at: float
    configuration: dict[str, Any]

    @property
    def target_value(self) -> float:
        """Invocations of one instance in a minute that the policy holds."""
        return float(self.configuration["TargetValue"])

    @property
    def may_scale_in(self) -> bool:
        """Whether the policy removes instances at all."""
        return not self.configuration.get("DisableScaleIn", False)

    def cooldown_seconds(self, *, out: bool) -> float:
        """Return the length of a cooldown, cloud seconds."""
        name = "ScaleOutCooldown" if out else "ScaleInCooldown"
        return float(self.configuration.get(name, DEFAULT_COOLDOWN_SECONDS))


@dataclass(slots=True, kw_only=True)
class Activity:
    """One change of capacity: InProgress until the variant has as many instances as it was asked for."""

    id: str
    resource_id: str
    description: str
    cause: str
    started_at: float
    wanted: int
    before: int
    is_policy: bool
    status: str = "InProgress"
    message: str = ""
    ended_at: float | None = None

    @property
    def is_out(self) -> bool:
        """Whether the activity added instances."""
        return self.wanted > self.before

    def describe(self) -> dict[str, Any]:
        """Return the structure that DescribeScalingActivities answers."""
        ended = {} if self.ended_at is None else {"EndTime": self.ended_at}
        return {
            "ActivityId": self.id,
            **_identity(self.resource_id),
            "Description": self.description,
            "Cause": self.cause,
            "StartTime": self.started_at,
            "StatusCode": self.status,
            **({"StatusMessage": self.message} if self.message else {}),
            **ended,
        }


@dataclass(slots=True, kw_only=True)
class Target:
    """A registered variant.

    Attributes:
        last: the last activity that a policy began, for the cooldowns.

    """

    resource_id: str
    arn: str
    minimum: int
    maximum: int
    created_at: float
    suspended: dict[str, bool] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    last: Activity | None = None

    def describe(self) -> dict[str, Any]:
        """Return the structure that DescribeScalableTargets answers."""
        names = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
        return {
            **_identity(self.resource_id),
            "MinCapacity": self.minimum,
            "MaxCapacity": self.maximum,
            "RoleARN": ROLE_ARN,
            "CreationTime": self.created_at,
            "SuspendedState": {name: self.suspended.get(name, False) for name in names},
            "ScalableTargetARN": self.arn,
        }

    def describe_policy(self, policy: Policy) -> dict[str, Any]:
        """Return the structure that DescribeScalingPolicies answers."""
        return {
            "PolicyARN": policy.arn,
            "PolicyName": policy.name,
            **_identity(self.resource_id),
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": dict(policy.configuration),
            "Alarms": [],
            "CreationTime": policy.created_at,
        }


def _identity(resource_id: str) -> dict[str, Any]:
    return {"ServiceNamespace": NAMESPACE, "ResourceId": resource_id, "ScalableDimension": DIMENSION}
