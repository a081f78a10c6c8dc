"""A scalable target, with what is registered on it.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html
"""

from dataclasses import dataclass, field
from typing import Any

from localcloud.scaling.activity import Activity, identity
from localcloud.scaling.dimensions import Dimension
from localcloud.scaling.policy import Policy
from localcloud.scaling.scheduled_action import ScheduledAction

ROLE_ARN = (
    "arn:aws:iam::000000000000:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
_SUSPENSIONS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


@dataclass(slots=True, kw_only=True)
class Target:
    """A registered resource.

    Attributes:
        last: the last activity that a policy began, for the cooldowns.

    """

    resource_id: str
    dimension: Dimension
    arn: str
    minimum: int
    maximum: int
    created_at: float
    suspended: dict[str, bool] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    actions: dict[str, ScheduledAction] = field(default_factory=dict)
    last: Activity | None = None

    def is_suspended(self, kind: str) -> bool:
        """Whether activities of a kind are: DynamicScalingIn, DynamicScalingOut or ScheduledScaling."""
        return self.suspended.get(f"{kind}Suspended", False)

    def identity(self) -> dict[str, Any]:
        """Return the three members that name the target."""
        return identity(self.dimension, self.resource_id)

    def describe(self) -> dict[str, Any]:
        """Return the structure that DescribeScalableTargets answers."""
        return {
            **self.identity(),
            "MinCapacity": self.minimum,
            "MaxCapacity": self.maximum,
            "RoleARN": ROLE_ARN,
            "CreationTime": self.created_at,
            "SuspendedState": {name: self.suspended.get(name, False) for name in _SUSPENSIONS},
            "ScalableTargetARN": self.arn,
        }
