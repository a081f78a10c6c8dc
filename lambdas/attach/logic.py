"""Makes the automatic scaling of the endpoint what the template in force says."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tidegate_runtime.attachment import Attachment, by_variant
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.direction import Direction, direction
from tidegate_runtime.ports import Endpoint, Stack
from tidegate_runtime.scaling_ports import Attachments, ScalingRecord
from tidegate_runtime.shape import instance_types

Declared = dict[str, Attachment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach:
    """Owns the scalable targets, policies, their alarms and the scheduled actions of one endpoint.

    The watchdog finishes what cannot be done while CloudFormation is at work: the declaration is recorded
    first, and cleared when it is seen to be in force with the stack at rest.
    """

    endpoint: Endpoint
    attachments: Attachments
    record: ScalingRecord
    stack: Stack

    def refusal(self, event: Mapping[str, Any]) -> str | None:
        """Return why the request fails, or None.

        Args:
            event: CloudFormation's request to a custom resource.

        """
        way = direction(self.stack)
        if way is Direction.REST:
            # CloudFormation has gone on without this answer; the template in force may be another one.
            return None
        deleted = event.get("RequestType") == "Delete"
        declared = {} if deleted else _declared(event.get("ResourceProperties", {}))
        before = event.get("ResourceProperties" if deleted else "OldResourceProperties", {})
        if way is Direction.FORWARD and not deleted:
            return self._forward(declared, _declared(before))
        self._back(declared, _declared(before))
        return None

    def _forward(self, declared: Declared, before: Declared) -> str | None:
        types = instance_types(self.endpoint)
        for name, attachment in declared.items():
            if types.get(name) != attachment.instance_type:
                found = types.get(name, "not there")
                return f"variant {name} must be on {attachment.instance_type} to be scaled, it is {found}"
        recorded = self.record.read() or {}
        declared = _with_suspension(declared, recorded)
        self.record.write(declared)
        for name, attachment in declared.items():
            self.attachments.attach(name, attachment)
        self._remove(declared, (before, recorded), types)
        return None

    def _back(self, declared: Declared, before: Declared) -> None:
        types = best_effort("read the endpoint", lambda: instance_types(self.endpoint), otherwise=None)
        recorded = best_effort("read the record", self.record.read, otherwise=None) or {}
        declared = _with_suspension(declared, recorded)
        best_effort("record the scaling", lambda: self.record.write(declared), otherwise=None)
        if types is None:
            return
        ready = {name: one for name, one in declared.items() if types.get(name) == one.instance_type}
        for name, attachment in ready.items():
            best_effort(f"attach {name}", _attaching(self.attachments, name, attachment), otherwise=None)
        # What is registered on another instance type would bar the endpoint's own way back.
        best_effort("remove scaling", lambda: self._remove(ready, (before, recorded), types), otherwise=None)

    def _remove(self, kept: Declared, known: Sequence[Declared], types: Mapping[str, str]) -> None:
        others = {name: one.instance_type for some in known for name, one in some.items()} | dict(types)
        found = self.attachments.registered({name: t for name, t in others.items() if name not in kept})
        alarms = {name for some in (*known, found) for one in some.values() for name in one.alarm_names}
        for name in found:
            self.attachments.detach(name)
        self.attachments.remove_alarms(alarms - {name for one in kept.values() for name in one.alarm_names})


def _declared(properties: Mapping[str, Any]) -> Declared:
    return by_variant(json.loads(properties.get("Scaling", "{}")))


def _with_suspension(declared: Declared, recorded: Declared) -> Declared:
    """Keep what was suspended when the guard detached; a target that is still there keeps it by itself."""
    return {
        name: replace(one, suspended=recorded[name].suspended) if name in recorded else one
        for name, one in declared.items()
    }


def _attaching(attachments: Attachments, name: str, attachment: Attachment) -> Callable[[], None]:
    return lambda: attachments.attach(name, attachment)
