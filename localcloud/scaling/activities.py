"""Scaling activities: begun by asking SageMaker, ended when the units are there.

Source: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
"""

import uuid

from localcloud.clock import CloudClock
from localcloud.errors import AwsError
from localcloud.scaling.activity import Activity
from localcloud.scaling.capacity import VariantCapacity
from localcloud.scaling.target import Target

KEPT = 1000
"""Activities that are kept; AWS keeps six weeks of them."""


class Activities:
    """All activities, newest first; not thread-safe by itself."""

    def __init__(self, clock: CloudClock, sagemaker: VariantCapacity) -> None:
        self._clock = clock
        self._sagemaker = sagemaker
        self._activities: list[Activity] = []

    def all(self) -> list[Activity]:
        """Return all activities, newest first."""
        return list(self._activities)

    def begin(self, target: Target, before: int, count: int, *, cause: str) -> Activity:
        """Ask for `count` units; the activity has Failed where SageMaker refuses."""
        activity = Activity(
            id=str(uuid.uuid4()),
            resource_id=target.resource_id,
            dimension=target.dimension,
            description=f"Setting desired {target.dimension.noun} to {count}.",
            cause=cause,
            started_at=self._clock.now(),
            wanted=count,
            before=before,
        )
        self._keep(activity)
        try:
            self._sagemaker.set_desired(target.resource_id, count)
        except AwsError as refusal:
            wanted = f"desired {target.dimension.noun} to {count}"
            self._end(activity, "Failed", f"Failed to set {wanted}. Reason: {refusal.message}")
        return activity

    def rebounded(self, target: Target, *, minimum: int, maximum: int, cause: str, refusal: str = "") -> None:
        """Record that new bounds were set, or were refused."""
        bounds = f"min capacity to {minimum} and max capacity to {maximum}"
        now = self._clock.now()
        activity = Activity(
            id=str(uuid.uuid4()),
            resource_id=target.resource_id,
            dimension=target.dimension,
            description=f"Setting {bounds}",
            cause=cause,
            started_at=now,
            wanted=0,
            before=0,
        )
        self._keep(activity)
        if refusal:
            self._end(activity, "Failed", f"Failed to set {bounds}. Reason: {refusal}")
        else:
            self._end(activity, "Successful", f"Successfully set {bounds}")

    def settle(self) -> None:
        """End the activities whose units are there, or whose resource is gone."""
        for activity in self._activities:
            if activity.status == "InProgress":
                self._settle(activity)

    def _keep(self, activity: Activity) -> None:
        self._activities.insert(0, activity)
        del self._activities[KEPT:]

    def _settle(self, activity: Activity) -> None:
        capacity = self._sagemaker.get(activity.resource_id)
        noun = activity.dimension.noun
        if capacity is None:
            self._end(activity, "Failed", "The scaled resource no longer exists.")
        elif capacity.desired != activity.wanted:
            self._end(activity, "Overridden", f"Desired {noun} is {capacity.desired}.")
        elif capacity.in_service and capacity.current == activity.wanted:
            self._end(activity, "Successful", f"Successfully set desired {noun} to {activity.wanted}.")

    def _end(self, activity: Activity, status: str, message: str) -> None:
        activity.status, activity.message, activity.ended_at = status, message, self._clock.now()
