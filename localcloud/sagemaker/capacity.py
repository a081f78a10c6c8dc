"""The counts of variants as Application Auto Scaling sees them."""

from collections.abc import Callable
from typing import Any

from localcloud.sagemaker.endpoints import Endpoints
from localcloud.sagemaker.names import Params, invalid
from localcloud.scaling.capacity import Capacity

_PARTS = 4


class VariantCapacityView:
    """Reads and changes the instance count of variants by resource id, `endpoint/NAME/variant/NAME`.

    Args:
        endpoints: the endpoints.
        call: carries out an operation, under the service's lock.

    """

    def __init__(self, endpoints: Endpoints, call: Callable[[str, dict[str, Any]], object]) -> None:
        self._endpoints = endpoints
        self._call = call

    def get(self, resource_id: str) -> Capacity | None:
        """Return the capacity of a variant; None without it."""
        name, variant_name = _parts(resource_id)
        endpoint = self._endpoints.find(name)
        variant = endpoint.variants.get(variant_name) if endpoint is not None else None
        if endpoint is None or variant is None:
            return None
        return Capacity(
            current=len(variant.instances),
            desired=variant.desired_count,
            in_service=endpoint.status == "InService",
            instance_type=variant.settings.instance_type,
        )

    def set_desired(self, resource_id: str, count: int) -> None:
        """Ask for a number of instances.

        Raises:
            AwsError: ValidationException, for example while the endpoint is being updated.

        """
        name, variant = _parts(resource_id)
        change: Params = {"VariantName": variant, "DesiredInstanceCount": count}
        request = {"EndpointName": name, "DesiredWeightsAndCapacities": [change]}
        self._call("UpdateEndpointWeightsAndCapacities", request)


def _parts(resource_id: str) -> tuple[str, str]:
    parts = resource_id.split("/")
    if len(parts) != _PARTS or (parts[0], parts[2]) != ("endpoint", "variant"):
        raise invalid(f"a resource id reads endpoint/NAME/variant/NAME, got {resource_id}")
    return parts[1], parts[3]
