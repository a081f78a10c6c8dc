"""Deregisters scaling that SageMaker would refuse to update an endpoint under."""

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate_runtime.attachment import Attachment
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.ports import Endpoint
from tidegate_runtime.scaling_ports import Attachments, ScalingRecord
from tidegate_runtime.shape import instance_types


@dataclass(frozen=True, slots=True, kw_only=True)
class Detaching:
    """Makes way for a shape, and records first what it takes away.

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html

    """

    endpoint: Endpoint
    attachments: Attachments
    record: ScalingRecord

    def make_way(self, wanted: Mapping[str, str], *, unrecorded: bool = False) -> None:
        """Deregister the variants that go, or whose instance type changes, and no others.

        Args:
            wanted: Instance types by variant, as they will be.
            unrecorded: Whether to deregister even when that cannot be recorded.

        """
        # What cannot be read stays attached: SageMaker then refuses the update before anything is lost.
        leaving = best_effort("read the scaling", lambda: self._leaving(wanted), otherwise={})
        if not leaving:
            return

        def keep() -> None:
            # A request that is delivered twice finds less than the first time: what is known stays.
            self.record.write({**(self.record.read() or {}), **leaving})

        if unrecorded:
            best_effort("record the scaling", keep, otherwise=None)
        else:
            keep()
        for name in leaving:
            self.attachments.detach(name)

    def _leaving(self, wanted: Mapping[str, str]) -> dict[str, Attachment]:
        types = instance_types(self.endpoint)
        changing = {name: now for name, now in types.items() if wanted.get(name) != now}
        # A promotion, and a rollback, must not hang on one more service.
        return self.attachments.registered(changing) if changing else {}
