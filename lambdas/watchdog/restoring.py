"""Puts back the scaling that a deploy has detached and nobody has attached again."""

from dataclasses import dataclass, replace

from tidegate_runtime.attachment import Attachment
from tidegate_runtime.endpoint_status import IN_SERVICE, same_config
from tidegate_runtime.errors import EndpointMissing
from tidegate_runtime.ports import CANDIDATE, Endpoint, Stack
from tidegate_runtime.scaling_ports import Attachments, ScalingRecord
from tidegate_runtime.shape import instance_types
from tidegate_runtime.state import Suspended


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """Makes the record true once the stack is at rest, then clears it.

    A stack that has failed is not at rest: its next operation may change the endpoint without calling the
    guard again.
    """

    stack: Stack
    endpoint: Endpoint
    attachments: Attachments
    record: ScalingRecord

    def restore(self, *, rolling_out: bool) -> list[str]:
        """Return the variants that were attached.

        Args:
            rolling_out: Whether a rollout is open: then scale-in stays suspended, and the record stays for
                the time after it.

        """
        recorded = self.record.read()
        if recorded is None:
            return []
        stack = self.stack.describe()
        if stack is not None and not stack.status.endswith("_COMPLETE"):
            return []
        if not self._in_service():
            return []
        types = instance_types(self.endpoint) if stack is not None else {}
        # What does not fit the endpoint of now belongs to a template that is not in force.
        fitting = {name: one for name, one in recorded.items() if types.get(name) == one.instance_type}
        restored = self._attach(fitting, rolling_out=rolling_out)
        if not rolling_out:
            self.record.clear(recorded)
        return restored

    def at_rest(self) -> bool:
        """Tell whether the endpoint is in service with its stack's configuration, without a candidate."""
        stack = self.stack.describe()
        if stack is None:
            return True
        try:
            view = self.endpoint.describe()
        except EndpointMissing:
            return True
        stable = not stack.in_progress and view.status == IN_SERVICE
        return stable and same_config(view.config_name, stack.config_name) and not view.variant(CANDIDATE)

    def _attach(self, wanted: dict[str, Attachment], *, rolling_out: bool) -> list[str]:
        found = self.attachments.registered({name: one.instance_type for name, one in wanted.items()})
        missing = [
            name for name, one in wanted.items() if not _holds(found.get(name), one, rolling_out=rolling_out)
        ]
        for name in missing:
            one = wanted[name]
            self.attachments.attach(name, _without_scale_in(one) if rolling_out else one)
        return missing

    def _in_service(self) -> bool:
        try:
            return self.endpoint.describe().status == "InService"
        except EndpointMissing:
            return True


def _holds(found: Attachment | None, wanted: Attachment, *, rolling_out: bool) -> bool:
    if found is None or not wanted.parts <= found.parts:
        return False
    return rolling_out or wanted.suspended in (None, found.suspended)


def _without_scale_in(wanted: Attachment) -> Attachment:
    return replace(wanted, suspended=replace(wanted.suspended or Suspended(), scale_in=True))
