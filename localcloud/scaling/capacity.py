"""What Application Auto Scaling needs to know of SageMaker."""

from typing import NamedTuple, Protocol


class Capacity(NamedTuple):
    """The capacity of one variant.

    Attributes:
        current: instances that serve.
        desired: instances asked for.
        in_service: whether the endpoint is InService, so that it accepts a change.
        instance_type: for example ml.m5.large.

    """

    current: int
    desired: int
    in_service: bool
    instance_type: str


class VariantCapacity(Protocol):
    """The side of SageMaker that scaling sees; a resource id is endpoint/NAME/variant/NAME."""

    def get(self, resource_id: str) -> tuple[int, int, bool, str] | None:
        """Return a variant's `Capacity` (or a plain tuple of the same), or None when there is none."""

    def set_desired(self, resource_id: str, count: int) -> None:
        """Ask for a number of instances.

        Raises:
            AwsError: when the endpoint refuses, for example because it is being updated.

        """
