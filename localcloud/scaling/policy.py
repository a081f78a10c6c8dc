"""A scaling policy of either type.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingPolicy.html
"""

from dataclasses import dataclass
from typing import Any

from localcloud.scaling.steps import StepRule
from localcloud.scaling.tracking_rule import TrackingRule

TRACKING = "TargetTrackingScaling"
STEPS = "StepScaling"
MEMBERS = {TRACKING: "TargetTrackingScalingPolicyConfiguration", STEPS: "StepScalingPolicyConfiguration"}


@dataclass(slots=True, kw_only=True)
class Policy:
    """A policy of a target.

    Attributes:
        kind: the PolicyType.
        configuration: as it was put.
        rule: what the configuration means.

    """

    name: str
    arn: str
    created_at: float
    kind: str
    configuration: dict[str, Any]
    rule: TrackingRule | StepRule

    def describe(self) -> dict[str, Any]:
        """Return the structure that DescribeScalingPolicies answers, without the target's identity."""
        return {
            "PolicyARN": self.arn,
            "PolicyName": self.name,
            "PolicyType": self.kind,
            MEMBERS[self.kind]: dict(self.configuration),
            "Alarms": [],
            "CreationTime": self.created_at,
        }
