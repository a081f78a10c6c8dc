"""Minimum capacities of an endpoint's variants, on Application Auto Scaling."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from tidegate_runtime.adapters.aws import translated

_NAMESPACE: Final = "sagemaker"
_DIMENSION: Final = "sagemaker:variant:DesiredInstanceCount"


class ScalingFloors:
    """The scalable targets of one endpoint's variants."""

    def __init__(self, client: Any, *, endpoint_name: str) -> None:
        self._client = client
        self._prefix = f"endpoint/{endpoint_name}/variant/"

    def read(self, variants: Collection[str]) -> Mapping[str, int]:
        """Return the minimum capacity of the variants that are scaled."""
        with translated():
            answer = self._client.describe_scalable_targets(
                ServiceNamespace=_NAMESPACE,
                ResourceIds=[f"{self._prefix}{name}" for name in variants],
                ScalableDimension=_DIMENSION,
            )
        return {
            target["ResourceId"].removeprefix(self._prefix): target["MinCapacity"]
            for target in answer["ScalableTargets"]
        }

    def lower(self, variant: str, *, to: int) -> None:
        """Set the minimum capacity of a scaled variant; maximum and policies stay as they are."""
        with translated():
            self._client.register_scalable_target(
                ServiceNamespace=_NAMESPACE,
                ResourceId=f"{self._prefix}{variant}",
                ScalableDimension=_DIMENSION,
                MinCapacity=to,
            )
