"""One change of capacity.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingActivity.html
"""

from dataclasses import dataclass
from typing import Any

from localcloud.scaling.dimensions import NAMESPACE, Dimension


@dataclass(slots=True, kw_only=True)
class Activity:
    """InProgress until the resource has as many units as it was asked for."""

    id: str
    resource_id: str
    dimension: Dimension
    description: str
    cause: str
    started_at: float
    wanted: int
    before: int
    status: str = "InProgress"
    message: str = ""
    ended_at: float | None = None

    @property
    def is_out(self) -> bool:
        """Whether the activity added units."""
        return self.wanted > self.before

    def describe(self) -> dict[str, Any]:
        """Return the structure that DescribeScalingActivities answers."""
        ended = {} if self.ended_at is None else {"EndTime": self.ended_at}
        return {
            "ActivityId": self.id,
            **identity(self.dimension, self.resource_id),
            "Description": self.description,
            "Cause": self.cause,
            "StartTime": self.started_at,
            "StatusCode": self.status,
            **({"StatusMessage": self.message} if self.message else {}),
            **ended,
        }


def identity(dimension: Dimension, resource_id: str) -> dict[str, Any]:
    """Return the three members that name a scalable target in every structure."""
    return {"ServiceNamespace": NAMESPACE, "ResourceId": resource_id, "ScalableDimension": dimension.name}
