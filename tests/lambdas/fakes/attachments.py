"""Automatic scaling in memory: registrations with what hangs on them, and the record of them."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from tests.lambdas.fakes.world import Port, World, call
from tidegate_runtime.attachment import Attachment, Request, by_variant
from tidegate_runtime.state import Suspended


def scaled(
    instance_type: str = "ml.m5.large", *, names: tuple[str, ...] = ("track",), variant: str = "live"
) -> Attachment:
    """Return an attachment with a step policy, its alarm and a schedule of each name."""
    return Attachment(
        instance_type=instance_type,
        min_capacity=2,
        max_capacity=8,
        policies=tuple({"PolicyName": f"{variant}-{name}", "PolicyType": "StepScaling"} for name in names),
        alarms=tuple({"AlarmName": f"digits-scaling-{variant}-{name}", "Period": 60} for name in names),
        schedules=tuple({"ScheduledActionName": name, "Schedule": "rate(1 day)"} for name in names),
    )


class FakeAttachments(Port):
    """The `Attachments` port. Deregistering keeps the alarms, which run nothing then, and loses the rest."""

    name = "scaling"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.targets: dict[str, Attachment] = {}
        self.alarms: dict[str, Request] = {}
        self.registrations = 0
        self._registration: dict[str, int] = {}
        self._runs: dict[str, int] = {}

    @call
    def registered(self, types: Mapping[str, str]) -> dict[str, Attachment]:
        return {name: self._read(name, types[name]) for name in types if name in self.targets}

    def attach(self, variant: str, wanted: Attachment) -> None:
        self._register(variant, wanted)
        self._put_policies(variant, wanted)
        self._put_alarms(variant, wanted)
        self._put_schedules(variant, wanted)
        self._remove_others(variant, wanted)

    @call
    def detach(self, variant: str) -> None:
        self.targets.pop(variant, None)

    @call
    def remove_alarms(self, names: Collection[str]) -> None:
        self.alarms = {name: alarm for name, alarm in self.alarms.items() if name not in names}

    def suspend(self, variant: str, what: Suspended) -> None:
        """Set what is suspended as the controller does."""
        self.targets[variant] = replace(self.targets[variant], suspended=what)

    @call
    def _register(self, variant: str, wanted: Attachment) -> None:
        before = self.targets.get(variant)
        suspended = wanted.suspended or (before.suspended if before else None) or Suspended()
        if before is None:
            self.registrations += 1
            self._registration[variant] = self.registrations
            before = replace(wanted, policies=(), alarms=(), schedules=())
        self.targets[variant] = replace(
            before,
            suspended=suspended,
            min_capacity=wanted.min_capacity,
            max_capacity=wanted.max_capacity,
        )

    @call
    def _put_policies(self, variant: str, wanted: Attachment) -> None:
        self._put(variant, policies=(*self._others("PolicyName", variant, wanted), *wanted.policies))

    @call
    def _put_alarms(self, variant: str, wanted: Attachment) -> None:
        for alarm in wanted.alarms:
            self.alarms[alarm["AlarmName"]] = alarm
            self._runs[alarm["AlarmName"]] = self._registration[variant]

    @call
    def _put_schedules(self, variant: str, wanted: Attachment) -> None:
        self._put(
            variant, schedules=(*self._others("ScheduledActionName", variant, wanted), *wanted.schedules)
        )

    @call
    def _remove_others(self, variant: str, wanted: Attachment) -> None:
        gone = {_alarm(policy) for policy in self._others("PolicyName", variant, wanted)}
        self.alarms = {name: alarm for name, alarm in self.alarms.items() if name not in gone}
        self._put(variant, policies=wanted.policies, schedules=wanted.schedules)

    def _put(self, variant: str, **parts: tuple[Request, ...]) -> None:
        self.targets[variant] = replace(self.targets[variant], **parts)  # type: ignore[arg-type]

    def _others(self, key: str, variant: str, wanted: Attachment) -> tuple[Request, ...]:
        target = self.targets[variant]
        known = target.policies if key == "PolicyName" else target.schedules
        return tuple(one for one in known if (key, one[key]) not in wanted.parts)

    def _read(self, variant: str, instance_type: str) -> Attachment:
        target = self.targets[variant]
        names = [_alarm(policy) for policy in target.policies]
        now = self._registration[variant]
        alarms = tuple(self.alarms[name] for name in names if name in self.alarms and self._runs[name] == now)
        return replace(target, instance_type=instance_type, alarms=alarms)


def _alarm(policy: Request) -> str:
    return f"digits-scaling-{policy['PolicyName']}"


class FakeScalingRecord(Port):
    """The `ScalingRecord` port; documents pass through JSON as they do in DynamoDB."""

    name = "dynamodb"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.text: str | None = None

    @call
    def read(self) -> dict[str, Attachment] | None:
        return None if self.text is None else by_variant(json.loads(self.text))

    @call
    def write(self, attachments: Mapping[str, Attachment]) -> None:
        self.text = _text(attachments)

    @call
    def clear(self, attachments: Mapping[str, Attachment]) -> None:
        if self.text == _text(attachments):
            self.text = None


def _text(attachments: Mapping[str, Attachment]) -> str:
    plain = {name: attachment.to_dict() for name, attachment in attachments.items()}
    return json.dumps(plain, sort_keys=True)
