"""The models that the validation gate asks: made of the containers that packages describe.

A model of a package's name can only be made of an approved package, and the gate comes before the approval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deliver.asking import Asked
from tidegate_runtime.validation.gate import Gate
from tidegate_runtime.validation.ports import Models, Specifications


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedModels:
    """Makes the model of a version, and deletes it.

    Attributes:
        gate: What the models get beside their packages.
        registry: Knows the containers.
        models: Where models are made.
        role_arn: ARN of the role that they run as.

    """

    gate: Gate
    registry: Specifications
    models: Models
    role_arn: str

    def make(self, asked: Asked) -> None:
        """Make the model of a version; raises NotApproved without such a version."""
        self.models.create(self._definition(asked, self.registry.containers(asked.package)))

    def delete(self, asked: Asked) -> None:
        """Delete the model of a version."""
        self.models.delete(asked.name)

    def _definition(self, asked: Asked, containers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the request that creates the model; variables of the gate are the first container's."""
        beside = dict(self.gate.model)
        added = beside.pop("Environment", {})
        first, *others = containers
        environment = {**first.get("Environment", {}), **added}
        whole = [{**first, **({"Environment": environment} if environment else {})}, *map(dict, others)]
        served = {"Containers": whole} if others else {"PrimaryContainer": whole[0]}
        return {"ModelName": asked.name, "ExecutionRoleArn": self.role_arn, **served, **beside}
