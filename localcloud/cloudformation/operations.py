"""Alarms, scalable targets and scaling policies: types that one idempotent Put call creates and updates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.cloudformation.properties import known_properties, to_request
from localcloud.cloudformation.resource import (
    Call,
    Created,
    Properties,
    ResourceType,
    changed_in_place,
    generated_name,
    ignore_missing,
)

_TARGET_KEYS = ("ResourceId", "ScalableDimension", "ServiceNamespace")
_SCALING = "application-autoscaling"


@dataclass(frozen=True, slots=True)
class AlarmResource:
    """AWS::CloudWatch::Alarm and AWS::CloudWatch::CompositeAlarm: `Ref` is the name, `Arn` the ARN.

    Attributes:
        call: how to reach CloudWatch.
        composite: whether this is the composite type.

    """

    call: Call
    composite: bool = False

    def resource_type(self) -> ResourceType:
        """Return what a stack engine registers."""
        return changed_in_place(
            "AWS::CloudWatch::CompositeAlarm" if self.composite else "AWS::CloudWatch::Alarm",
            self,
            but="AlarmName",
        )

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Created:
        """Put the alarm under its name, or under a new one."""
        name = properties.get("AlarmName") or generated_name(stack_name, logical_id, with_stack=True)
        return self._put(str(name), properties)

    def update(self, physical_id: str, _old: Properties, new: Properties, _stack_name: str) -> Created:
        """Put the alarm again: a Put replaces its whole configuration and keeps its state."""
        return self._put(physical_id, new)

    def delete(self, physical_id: str, _properties: Properties) -> None:
        """Delete the alarm."""
        ignore_missing(lambda: self.call("cloudwatch", "DeleteAlarms", {"AlarmNames": [physical_id]}))

    def _put(self, name: str, properties: Properties) -> Created:
        operation = "PutCompositeAlarm" if self.composite else "PutMetricAlarm"
        request = to_request("cloudwatch", operation, properties) | {"AlarmName": name}
        self.call("cloudwatch", operation, request)
        kind = "CompositeAlarm" if self.composite else "MetricAlarm"
        found = self.call("cloudwatch", "DescribeAlarms", {"AlarmNames": [name], "AlarmTypes": [kind]})
        return name, {"Arn": found[f"{kind}s"][0]["AlarmArn"]}


@dataclass(frozen=True, slots=True)
class ScalableTargetResource:
    """AWS::ApplicationAutoScaling::ScalableTarget: `Ref` is `resource|dimension|namespace`.

    Attributes:
        call: how to reach Application Auto Scaling.

    """

    call: Call

    def resource_type(self) -> ResourceType:
        """Return what a stack engine registers."""
        return ResourceType(
            name="AWS::ApplicationAutoScaling::ScalableTarget",
            create=lambda _logical_id, properties, _stack: self._register(properties),
            update=lambda _id, old, new, _stack: self._register(new, old),
            delete=self.delete,
            create_only=frozenset(_TARGET_KEYS),
            name_property=None,
        )

    def delete(self, physical_id: str, _properties: Properties) -> None:
        """Deregister the target, which deletes its policies and schedules."""
        request = dict(zip(_TARGET_KEYS, physical_id.split("|"), strict=True))
        ignore_missing(lambda: self.call(_SCALING, "DeregisterScalableTarget", request))

    def _register(self, properties: Properties, old: Properties | None = None) -> Created:
        schedules = list(properties.get("ScheduledActions") or [])
        target = {name: value for name, value in properties.items() if name != "ScheduledActions"}
        request = to_request(_SCALING, "RegisterScalableTarget", target)
        self.call(_SCALING, "RegisterScalableTarget", request)
        key = {name: request[name] for name in _TARGET_KEYS}
        self._schedule(key, schedules, list((old or {}).get("ScheduledActions") or []))
        physical_id = "|".join(key.values())
        return physical_id, {"Id": physical_id}

    def _schedule(self, key: Mapping[str, str], wanted: list[Any], had: list[Any]) -> None:
        names = {action["ScheduledActionName"] for action in wanted}
        for action in had:
            if action["ScheduledActionName"] not in names:
                gone = {**key, "ScheduledActionName": action["ScheduledActionName"]}
                self.call(_SCALING, "DeleteScheduledAction", gone)
        for action in wanted:
            put = to_request(_SCALING, "PutScheduledAction", {**action, **key})
            self.call(_SCALING, "PutScheduledAction", put)


@dataclass(frozen=True, slots=True)
class ScalingPolicyResource:
    """AWS::ApplicationAutoScaling::ScalingPolicy: `Ref` is the policy's ARN.

    Attributes:
        call: how to reach Application Auto Scaling.

    """

    call: Call

    def resource_type(self) -> ResourceType:
        """Return what a stack engine registers."""
        return ResourceType(
            name="AWS::ApplicationAutoScaling::ScalingPolicy",
            create=lambda _logical_id, properties, _stack: self._put(properties),
            update=lambda _id, _old, new, _stack: self._put(new),
            delete=self.delete,
            create_only=frozenset({"PolicyName", "ScalingTargetId", *_TARGET_KEYS}),
            name_property=None,
        )

    def delete(self, _physical_id: str, properties: Properties) -> None:
        """Delete the policy; one that went with its target is gone already."""
        members = known_properties(_SCALING, "DeleteScalingPolicy")
        request = {name: value for name, value in _with_target(properties).items() if name in members}
        ignore_missing(lambda: self.call(_SCALING, "DeleteScalingPolicy", request))

    def _put(self, properties: Properties) -> Created:
        request = to_request(_SCALING, "PutScalingPolicy", _with_target(properties))
        arn = str(self.call(_SCALING, "PutScalingPolicy", request)["PolicyARN"])
        return arn, {"Arn": arn}


def _with_target(properties: Properties) -> dict[str, Any]:
    target = properties.get("ScalingTargetId")
    named = dict(zip(_TARGET_KEYS, str(target).split("|"), strict=True)) if target else {}
    return named | {name: value for name, value in properties.items() if name != "ScalingTargetId"}
