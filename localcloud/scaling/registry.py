"""Registered resources: registering, bounds, deregistering.

Sources: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
(bounds adjust the capacity of an active resource, what is not given stays) and
API_DeregisterScalableTarget.html (deletes the policies and the scheduled actions); burstable
types: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html; a minimum of
0: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from localcloud.clock import CloudClock
from localcloud.errors import AwsError
from localcloud.scaling.activities import Activities
from localcloud.scaling.capacity import Capacity, VariantCapacity
from localcloud.scaling.dimensions import NAMESPACE, Dimension, dimension_of
from localcloud.scaling.target import Target

_BURSTABLE = re.compile(r"ml\.t\d")


class Registry:
    """The scalable targets; not thread-safe by itself."""

    def __init__(self, clock: CloudClock, sagemaker: VariantCapacity, activities: Activities) -> None:
        self._clock = clock
        self._sagemaker = sagemaker
        self._activities = activities
        self._targets: dict[tuple[str, str], Target] = {}

    def all(self) -> list[Target]:
        """Return all targets, in the order of their registration."""
        return list(self._targets.values())

    def holds(self, resource_id: str) -> bool:
        """Whether a resource is registered, by whichever dimension."""
        return any(registered == resource_id for _, registered in list(self._targets))

    def get(self, params: Mapping[str, Any]) -> Target:
        """Return the target that a request names.

        Raises:
            AwsError: ObjectNotFoundException, when the resource is not registered.

        """
        dimension, resource_id = dimension_of(params), params["ResourceId"]
        target = self._targets.get((dimension.name, resource_id))
        if target is None:
            raise AwsError(
                "ObjectNotFoundException",
                f"No scalable target found for service namespace: {NAMESPACE}, resource ID: {resource_id}, "
                f"scalable dimension: {dimension.name}",
            )
        return target

    def named(self, params: Mapping[str, Any]) -> list[Target]:
        """Return the targets of the resource and the dimension that a request names, if any."""
        resource, dimension = params.get("ResourceId"), params.get("ScalableDimension")
        return [
            target
            for target in self._targets.values()
            if resource in (None, target.resource_id) and dimension in (None, target.dimension.name)
        ]

    def register(self, params: Mapping[str, Any]) -> Target:
        """Register a resource or change its registration, and bring its count within the bounds.

        Policies and scheduled actions of a target that is registered again stay.

        Raises:
            AwsError: ValidationException, for a resource that does not exist or cannot be scaled, or bad
                bounds.

        """
        dimension, resource_id = dimension_of(params), params["ResourceId"]
        dimension.names(resource_id)
        capacity = self._capacity(resource_id, dimension)
        before = self._targets.get((dimension.name, resource_id))
        minimum = params.get("MinCapacity", before.minimum if before else None)
        maximum = params.get("MaxCapacity", before.maximum if before else None)
        if minimum is None or maximum is None:
            raise AwsError(
                "ValidationException", "MinCapacity and MaxCapacity are required for a new scalable target"
            )
        check_bounds(minimum, maximum, capacity)
        target = before or Target(
            resource_id=resource_id,
            dimension=dimension,
            arn=f"arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/{uuid.uuid4().hex}",
            minimum=minimum,
            maximum=maximum,
            created_at=self._clock.now(),
        )
        target.minimum, target.maximum = minimum, maximum
        target.suspended = {**target.suspended, **params.get("SuspendedState", {})}
        self._targets[dimension.name, resource_id] = target
        self.bring_within(target, capacity)
        return target

    def deregister(self, params: Mapping[str, Any]) -> None:
        """Forget a target, its policies and its scheduled actions; the resource keeps its count."""
        target = self.get(params)
        del self._targets[target.dimension.name, target.resource_id]

    def bring_within(self, target: Target, capacity: Capacity) -> None:
        """Adjust the count at once; a resource that is not active keeps its count."""
        count = min(max(capacity.desired, target.minimum), target.maximum)
        if count == capacity.desired or not capacity.in_service:
            return
        bound = "minimum" if count > capacity.desired else "maximum"
        self._activities.begin(target, capacity.desired, count, cause=f"{bound} capacity was set to {count}")

    def _capacity(self, resource_id: str, dimension: Dimension) -> Capacity:
        capacity = self._sagemaker.get(resource_id)
        if capacity is None:
            raise AwsError("ValidationException", f"SageMaker resource does not exist: {resource_id}")
        if capacity.dimension != dimension.name:
            raise AwsError(
                "ValidationException",
                f"{resource_id} is scaled by {capacity.dimension}, got {dimension.name}",
            )
        if _BURSTABLE.match(capacity.instance_type):
            raise AwsError(
                "ValidationException", f"Burstable instances cannot be scaled: {capacity.instance_type}"
            )
        return capacity


def check_bounds(minimum: int, maximum: int, capacity: Capacity) -> None:
    """Refuse bounds that a resource does not accept, or that contradict each other.

    Raises:
        AwsError: ValidationException.

    """
    if minimum < capacity.fewest:
        raise AwsError(
            "ValidationException",
            f"MinCapacity must be at least {capacity.fewest}, got {minimum}: only asynchronous endpoints and "
            "inference components scale to zero",
        )
    if maximum < minimum:
        raise AwsError(
            "ValidationException", f"MaxCapacity must be at least MinCapacity ({minimum}), got {maximum}"
        )
