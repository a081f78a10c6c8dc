"""Scaling activities: begun by asking SageMaker, ended when the instances are there.

Source: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
"""

import uuid

from localcloud.clock import CloudClock
from localcloud.errors import AwsError
from localcloud.scaling.capacity import Capacity, VariantCapacity
from localcloud.scaling.target import Activity

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

    def begin(self, resource_id: str, before: int, count: int, *, cause: str, is_policy: bool) -> Activity:
        """Ask for `count` instances; the activity has Failed where SageMaker refuses."""
        activity = Activity(
            id=str(uuid.uuid4()),
            resource_id=resource_id,
            description=f"Setting desired instance count to {count}.",
            cause=cause,
            started_at=self._clock.now(),
            wanted=count,
            before=before,
            is_policy=is_policy,
        )
        self._activities.insert(0, activity)
        del self._activities[KEPT:]
        try:
            self._sagemaker.set_desired(resource_id, count)
        except AwsError as refusal:
            reason = f"Failed to set desired instance count to {count}. Reason: {refusal.message}"
            self._end(activity, "Failed", reason)
        return activity

    def settle(self) -> None:
        """End the activities whose instances are there, or whose variant is gone."""
        for activity in self._activities:
            if activity.status == "InProgress":
                self._settle(activity)

    def _settle(self, activity: Activity) -> None:
        found = self._sagemaker.get(activity.resource_id)
        if found is None:
            self._end(activity, "Failed", "The endpoint variant no longer exists.")
            return
        capacity = Capacity(*found)
        if capacity.desired != activity.wanted:
            self._end(activity, "Overridden", f"Desired instance count is {capacity.desired}.")
        elif capacity.in_service and capacity.current == activity.wanted:
            count = activity.wanted
            self._end(activity, "Successful", f"Successfully set desired instance count to {count}.")

    def _end(self, activity: Activity, status: str, message: str) -> None:
        activity.status, activity.message, activity.ended_at = status, message, self._clock.now()
