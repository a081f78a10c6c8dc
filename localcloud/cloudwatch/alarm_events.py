"""What the world hears of an alarm's transition: the EventBridge event and the SNS message.

Sources: Alarm events and EventBridge,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html; for the
message, Notifying users on alarm changes,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.cloudwatch.alarm import ACTIONS, Alarm, State
from localcloud.cloudwatch.alarm_scaling import is_policy
from localcloud.cloudwatch.times import iso

Emit = Callable[[str, str, dict[str, Any], list[str]], None]
Notify = Callable[[str, str, str], None]

_TRIGGER = (
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Unit",
    "Dimensions",
    "Period",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "ComparisonOperator",
    "Threshold",
    "TreatMissingData",
    "Metrics",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A change of state, frozen when it happened: what to tell, and whom."""

    arn: str
    detail: dict[str, Any]
    topics: tuple[str, ...]
    subject: str
    message: str

    @classmethod
    def of(cls, alarm: Alarm, previous: State) -> "Transition":
        """Describe the transition of an alarm that has just entered its present state."""
        topics = alarm.actions(alarm.state.value) if alarm.actions_enabled else []
        return cls(
            arn=alarm.arn,
            detail=_detail(alarm, previous),
            topics=tuple(each for each in topics if not is_policy(each)),
            subject=f'{alarm.state.value}: "{alarm.name}" in US East (N. Virginia)'[:100],
            message=json.dumps(_message(alarm, previous)),
        )

    def deliver(self, emit: Emit, notify: Notify | None) -> None:
        """Send the event, which does not depend on ActionsEnabled, and the notifications, which do."""
        emit("aws.cloudwatch", "CloudWatch Alarm State Change", self.detail, [self.arn])
        if notify is not None:
            for topic in self.topics:
                notify(topic, self.subject, self.message)


def _detail(alarm: Alarm, previous: State) -> dict[str, Any]:
    description = alarm.params.get("AlarmDescription")
    rule = {"alarmRule": alarm.params["AlarmRule"]} if alarm.is_composite else {"metrics": _metrics(alarm)}
    return {
        "alarmName": alarm.name,
        "state": _state(alarm.state),
        "previousState": _state(previous),
        "configuration": {**({"description": description} if description else {}), **rule},
    }


def _state(state: State) -> dict[str, Any]:
    data = {} if state.reason_data is None else {"reasonData": state.reason_data}
    return {"value": state.value, "reason": state.reason, "timestamp": iso(state.at), **data}


def _metrics(alarm: Alarm) -> list[dict[str, Any]]:
    if "Metrics" in alarm.params:
        return [_query(each) for each in alarm.params["Metrics"]]
    stat = {
        "Metric": alarm.params,
        "Period": alarm.params["Period"],
        "Stat": alarm.params.get("Statistic") or alarm.params.get("ExtendedStatistic"),
    }
    return [_query({"Id": str(uuid.uuid5(uuid.NAMESPACE_URL, alarm.arn)), "MetricStat": stat})]


def _query(raw: Mapping[str, Any]) -> dict[str, Any]:
    query = {"id": raw["Id"], "returnData": raw.get("ReturnData", True)}
    if "Label" in raw:
        query["label"] = raw["Label"]
    if "Expression" in raw:
        return {**query, "expression": raw["Expression"]}
    stat, metric = raw["MetricStat"], raw["MetricStat"]["Metric"]
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions") or ()}
    named = {"namespace": metric["Namespace"], "name": metric["MetricName"], "dimensions": dimensions}
    return {**query, "metricStat": {"metric": named, "period": stat["Period"], "stat": stat["Stat"]}}


def _message(alarm: Alarm, previous: State) -> dict[str, Any]:
    message = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.params.get("AlarmDescription"),
        "AWSAccountId": "000000000000",
        "AlarmConfigurationUpdatedTimestamp": iso(alarm.configured_at),
        "NewStateValue": alarm.state.value,
        "NewStateReason": alarm.state.reason,
        "StateChangeTime": iso(alarm.state.at),
        "Region": "US East (N. Virginia)",
        "AlarmArn": alarm.arn,
        "OldStateValue": previous.value,
        **{name: alarm.actions(state) for state, name in ACTIONS.items()},
    }
    if alarm.is_composite:
        return {**message, "AlarmRule": alarm.params["AlarmRule"]}
    return {**message, "Trigger": {name: alarm.params[name] for name in _TRIGGER if name in alarm.params}}
