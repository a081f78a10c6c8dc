"""The shape of an endpoint: which variants on which instance types."""

from tidegate_runtime.errors import EndpointMissing
from tidegate_runtime.ports import Endpoint


def instance_types(endpoint: Endpoint) -> dict[str, str]:
    """Return the instance type of each variant as it is now; nothing for an endpoint that does not exist."""
    try:
        view = endpoint.describe()
    except EndpointMissing:
        return {}
    variants = endpoint.config(view.config_name)["ProductionVariants"]
    return {one["VariantName"]: one["InstanceType"] for one in variants if "InstanceType" in one}
