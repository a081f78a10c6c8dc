"""Registered variants: registering, bounds, deregistering.

Sources: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
(bounds adjust the capacity of an active resource, what is not given stays) and
API_DeregisterScalableTarget.html (deletes the policies); burstable
types: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from localcloud.clock import CloudClock
from localcloud.errors import AwsError, NotEmulated
from localcloud.scaling.activities import Activities
from localcloud.scaling.capacity import Capacity, VariantCapacity
from localcloud.scaling.target import DIMENSION, NAMESPACE, Target

_RESOURCE = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_BURSTABLE = re.compile(r"ml\.t\d")


def check_dimension(params: Mapping[str, Any]) -> None:
    """Refuse every namespace and dimension but instance counts of SageMaker variants."""
    if params["ServiceNamespace"] != NAMESPACE:
        raise NotEmulated(f"Application Auto Scaling of {params['ServiceNamespace']} (only {NAMESPACE})")
    if params.get("ScalableDimension", DIMENSION) != DIMENSION:
        raise NotEmulated(f"Application Auto Scaling of {params['ScalableDimension']} (only {DIMENSION})")


def names_of(resource_id: str) -> tuple[str, str]:
    """Return the endpoint and the variant that a resource id names.

    Raises:
        AwsError: ValidationException, when it is not endpoint/NAME/variant/NAME.

    """
    found = _RESOURCE.fullmatch(resource_id)
    if found is None:
        raise AwsError(
            "ValidationException", f"ResourceId must be endpoint/NAME/variant/NAME, got {resource_id}"
        )
    return found[1], found[2]


class Registry:
    """The scalable targets; not thread-safe by itself."""

    def __init__(self, clock: CloudClock, sagemaker: VariantCapacity, activities: Activities) -> None:
        self._clock = clock
        self._sagemaker = sagemaker
        self._activities = activities
        self._targets: dict[str, Target] = {}

    def all(self) -> list[Target]:
        """Return all targets, in the order of their registration."""
        return list(self._targets.values())

    def find(self, resource_id: str) -> Target | None:
        """Return a target, or None."""
        return self._targets.get(resource_id)

    def get(self, resource_id: str) -> Target:
        """Return a target.

        Raises:
            AwsError: ObjectNotFoundException, when the variant is not registered.

        """
        if resource_id not in self._targets:
            raise AwsError(
                "ObjectNotFoundException",
                f"No scalable target found for service namespace: {NAMESPACE}, resource ID: {resource_id}, "
                f"scalable dimension: {DIMENSION}",
            )
        return self._targets[resource_id]

    def register(self, params: Mapping[str, Any]) -> Target:
        """Register a variant or change its registration, and bring its count within the bounds.

        Raises:
            AwsError: ValidationException, for a variant that does not exist or cannot be scaled, or bad
                bounds.

        """
        resource_id = params["ResourceId"]
        names_of(resource_id)
        capacity = self._capacity(resource_id)
        before = self._targets.get(resource_id)
        minimum = params.get("MinCapacity", before.minimum if before else None)
        maximum = params.get("MaxCapacity", before.maximum if before else None)
        _check_bounds(minimum, maximum)
        suspended = {**(before.suspended if before else {}), **params.get("SuspendedState", {})}
        target = before or Target(
            resource_id=resource_id,
            arn=f"arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/{uuid.uuid4().hex}",
            minimum=minimum,
            maximum=maximum,
            created_at=self._clock.now(),
        )
        target.minimum, target.maximum, target.suspended = minimum, maximum, suspended
        self._targets[resource_id] = target
        self._bring_within(target, capacity)
        return target

    def deregister(self, resource_id: str) -> None:
        """Forget a target and its policies; the variant keeps its count."""
        self.get(resource_id)
        del self._targets[resource_id]

    def _capacity(self, resource_id: str) -> Capacity:
        found = self._sagemaker.get(resource_id)
        if found is None:
            raise AwsError("ValidationException", f"SageMaker endpoint variant does not exist: {resource_id}")
        capacity = Capacity(*found)
        if _BURSTABLE.match(capacity.instance_type):
            raise AwsError(
                "ValidationException", f"Burstable instances cannot be scaled: {capacity.instance_type}"
            )
        return capacity

    def _bring_within(self, target: Target, capacity: Capacity) -> None:
        """Adjust the count at once; a resource that is not active keeps its count."""
        count = min(max(capacity.desired, target.minimum), target.maximum)
        if count == capacity.desired or not capacity.in_service:
            return
        bound = "minimum" if count > capacity.desired else "maximum"
        cause = f"{bound} capacity was set to {count}"
        self._activities.begin(target.resource_id, capacity.desired, count, cause=cause, is_policy=False)


def _check_bounds(minimum: int | None, maximum: int | None) -> None:
    if minimum is None or maximum is None:
        raise AwsError(
            "ValidationException", "MinCapacity and MaxCapacity are required for a new scalable target"
        )
    if minimum < 1:
        raise AwsError(
            "ValidationException", f"MinCapacity of a real-time variant must be at least 1, got {minimum}"
        )
    if maximum < minimum:
        raise AwsError(
            "ValidationException", f"MaxCapacity must be at least MinCapacity ({minimum}), got {maximum}"
        )
