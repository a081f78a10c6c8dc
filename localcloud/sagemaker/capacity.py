"""The capacities of variants as Application Auto Scaling sees them."""

from collections.abc import Callable
from typing import Any

from localcloud.errors import NotEmulated
from localcloud.sagemaker.components import Components
from localcloud.sagemaker.endpoints import Endpoints
from localcloud.sagemaker.names import Params, invalid
from localcloud.scaling.capacity import Capacity
from localcloud.scaling.dimensions import COPIES, WARM_WORKERS

_PARTS = 4
_COMPONENT = "inference-component/"


class VariantCapacityView:
    """Reads and changes instances, or warm workers, by resource id, `endpoint/NAME/variant/NAME`.

    Args:
        endpoints: the endpoints.
        components: the inference components.
        call: carries out an operation, under the service's lock.

    """

    def __init__(
        self, endpoints: Endpoints, components: Components, call: Callable[[str, dict[str, Any]], object]
    ) -> None:
        self._endpoints = endpoints
        self._components = components
        self._call = call

    def get(self, resource_id: str) -> Capacity | None:
        """Return the capacity of a variant or an inference component; None without it."""
        if resource_id.startswith(_COMPONENT):
            return self._copies(resource_id.removeprefix(_COMPONENT))
        name, variant_name = _parts(resource_id)
        endpoint = self._endpoints.find(name)
        variant = endpoint.variants.get(variant_name) if endpoint is not None else None
        if endpoint is None or variant is None:
            return None
        in_service = endpoint.status == "InService"
        if variant.desired_concurrency is not None:
            return Capacity(
                current=variant.workers.limits.provisioned if variant.workers else 0,
                desired=variant.desired_concurrency.provisioned,
                in_service=in_service,
                instance_type="",
                dimension=WARM_WORKERS.name,
            )
        return Capacity(
            current=len(variant.instances),
            desired=variant.desired_count,
            in_service=in_service,
            instance_type=variant.settings.instance_type,
            fewest=1 if endpoint.config.asynchronous is None else 0,
        )

    def set_desired(self, resource_id: str, count: int) -> None:
        """Ask for a number of instances, of warm workers or of copies.

        Raises:
            AwsError: ValidationException, for example while the endpoint is being updated.

        """
        if resource_id.startswith(_COMPONENT):
            copies = {"DesiredRuntimeConfig": {"CopyCount": count}}
            name = resource_id.removeprefix(_COMPONENT)
            self._call("UpdateInferenceComponentRuntimeConfig", {"InferenceComponentName": name, **copies})
            return
        name, variant = _parts(resource_id)
        capacity = self.get(resource_id)
        is_serverless = capacity is not None and capacity.dimension == WARM_WORKERS.name
        wanted: Params = (
            {"ServerlessUpdateConfig": {"ProvisionedConcurrency": count}}
            if is_serverless
            else {"DesiredInstanceCount": count}
        )
        change: Params = {"VariantName": variant, **wanted}
        request = {"EndpointName": name, "DesiredWeightsAndCapacities": [change]}
        self._call("UpdateEndpointWeightsAndCapacities", request)

    def _copies(self, name: str) -> Capacity | None:
        component = self._components.find(name)
        if component is None:
            return None
        return Capacity(
            current=len(component.copies),
            desired=component.desired,
            in_service=component.status == "InService",
            instance_type="",
            fewest=0,
            dimension=COPIES.name,
        )


def _parts(resource_id: str) -> tuple[str, str]:
    parts = resource_id.split("/")
    if parts[0] == "inference-component":
        raise NotEmulated("SageMaker inference components")
    if len(parts) != _PARTS or (parts[0], parts[2]) != ("endpoint", "variant"):
        raise invalid(f"a resource id reads endpoint/NAME/variant/NAME, got {resource_id}")
    return parts[1], parts[3]
