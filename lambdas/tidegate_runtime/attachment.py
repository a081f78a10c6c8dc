"""The automatic scaling of one variant, in the words of the requests that make it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from tidegate_runtime.state import Suspended

Request = Mapping[str, Any]

_SUSPENDED: Final = {
    "DynamicScalingInSuspended": "scale_in",
    "DynamicScalingOutSuspended": "scale_out",
    "ScheduledScalingSuspended": "scheduled",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A scalable target with what hangs on it: deregistering loses all of it but the alarms.

    Attributes:
        instance_type: Instance type of the variant it is for.
        min_capacity: Fewest instances.
        max_capacity: Most instances.
        suspended: What is suspended; None to leave that as it is.
        policies: Requests of PutScalingPolicy without what names the target.
        alarms: Requests of PutMetricAlarm without the action that runs the policy: its ARN is another one
            after each registration. An alarm is called `{endpoint}-scaling-{policy}`.
        schedules: Requests of PutScheduledAction without what names the target.

    """

    instance_type: str
    min_capacity: int
    max_capacity: int
    suspended: Suspended | None = None
    policies: tuple[Request, ...] = ()
    alarms: tuple[Request, ...] = ()
    schedules: tuple[Request, ...] = ()

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Parse what `to_dict` writes; `SuspendedState` may be missing."""
        return cls(
            instance_type=raw["InstanceType"],
            min_capacity=int(raw["MinCapacity"]),
            max_capacity=int(raw["MaxCapacity"]),
            suspended=suspended_from(raw["SuspendedState"]) if "SuspendedState" in raw else None,
            policies=tuple(raw["Policies"]),
            alarms=tuple(raw["Alarms"]),
            schedules=tuple(raw["ScheduledActions"]),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        state = {} if self.suspended is None else {"SuspendedState": suspended_state(self.suspended)}
        return {
            "InstanceType": self.instance_type,
            "MinCapacity": self.min_capacity,
            "MaxCapacity": self.max_capacity,
            "Policies": list(self.policies),
            "Alarms": list(self.alarms),
            "ScheduledActions": list(self.schedules),
            **state,
        }

    @property
    def parts(self) -> frozenset[tuple[str, str]]:
        """What hangs on the target, by kind and name."""
        named = (
            ("PolicyName", self.policies),
            ("AlarmName", self.alarms),
            ("ScheduledActionName", self.schedules),
        )
        return frozenset((key, request[key]) for key, requests in named for request in requests)

    @property
    def alarm_names(self) -> frozenset[str]:
        """Names of the alarms."""
        return frozenset(alarm["AlarmName"] for alarm in self.alarms)


def suspended_from(state: Mapping[str, bool]) -> Suspended:
    """Parse Application Auto Scaling's SuspendedState."""
    return Suspended(**{field: bool(state.get(name, False)) for name, field in _SUSPENDED.items()})


def suspended_state(suspended: Suspended) -> dict[str, bool]:
    """Return Application Auto Scaling's SuspendedState."""
    return {name: getattr(suspended, field) for name, field in _SUSPENDED.items()}


def by_variant(raw: Mapping[str, Any]) -> dict[str, Attachment]:
    """Parse attachments by the name of their variant."""
    return {name: Attachment.from_dict(one) for name, one in raw.items()}
