"""The `Scaling` port on Application Auto Scaling."""

from typing import Any, Final

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.ports import LIVE
from tidegate_runtime.state import Suspended

_DIMENSION: Final = "sagemaker:variant:DesiredInstanceCount"


class VariantScaling:
    """The scalable target of the variant `live`."""

    def __init__(self, client: Any, *, endpoint_name: str) -> None:
        self._client = client
        self._resource = f"endpoint/{endpoint_name}/variant/{LIVE}"

    def suspended(self) -> Suspended | None:
        """Return what is suspended, or None when no target is registered."""
        with translated():
            answer = self._client.describe_scalable_targets(
                ServiceNamespace="sagemaker",
                ResourceIds=[self._resource],
                ScalableDimension=_DIMENSION,
            )
        if not answer["ScalableTargets"]:
            return None
        state = answer["ScalableTargets"][0].get("SuspendedState", {})
        return Suspended(
            scale_in=state.get("DynamicScalingInSuspended", False),
            scale_out=state.get("DynamicScalingOutSuspended", False),
            scheduled=state.get("ScheduledScalingSuspended", False),
        )

    def suspend(self, what: Suspended) -> None:
        """Set what is suspended; limits and policies of the target stay as they are."""
        with translated():
            self._client.register_scalable_target(
                ServiceNamespace="sagemaker",
                ResourceId=self._resource,
                ScalableDimension=_DIMENSION,
                SuspendedState={
                    "DynamicScalingInSuspended": what.scale_in,
                    "DynamicScalingOutSuspended": what.scale_out,
                    "ScheduledScalingSuspended": what.scheduled,
                },
            )
