"""What Application Auto Scaling needs to know of SageMaker."""

from typing import NamedTuple, Protocol

from localcloud.scaling.dimensions import INSTANCES


class Capacity(NamedTuple):
    """The capacity of one resource.

    Attributes:
        current: units that serve: instances, warm workers or copies.
        desired: units asked for.
        in_service: whether the resource is InService, so that it accepts a change.
        instance_type: for example ml.m5.large; empty where there is none.
        fewest: the smallest minimum that the resource accepts: 0 for asynchronous endpoints and inference
            components, 1 for the others.
        dimension: the dimension by which the resource is scaled.

    """

    current: int
    desired: int
    in_service: bool
    instance_type: str
    fewest: int = 1
    dimension: str = INSTANCES.name


class VariantCapacity(Protocol):
    """The side of SageMaker that scaling sees.

    A resource id is `endpoint/NAME/variant/NAME` or `inference-component/NAME`.
    """

    def get(self, resource_id: str) -> Capacity | None:
        """Return the capacity of a resource, or None when there is none."""

    def set_desired(self, resource_id: str, count: int) -> None:
        """Ask for a number of units.

        Raises:
            AwsError: when the resource refuses, for example because it is being updated.

        """
