"""CloudFormation resource types of the emulated services, independent of the stack engine that runs them."""

from localcloud.cloudformation.catalog import resource_types
from localcloud.cloudformation.resource import Call, ResourceType

__all__ = ["Call", "ResourceType", "resource_types"]
