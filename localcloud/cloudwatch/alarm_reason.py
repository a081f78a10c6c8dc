"""The reasons that alarms give for their states, in CloudWatch's words.

Source: the sample events of Alarm events and EventBridge,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from localcloud.cloudwatch.alarm import State
from localcloud.cloudwatch.alarm_definition import MetricDefinition
from localcloud.cloudwatch.alarm_state import COMPARISONS, StateValue
from localcloud.cloudwatch.times import iso

CREATED = "Unchecked: Initial alarm creation"

Points = Sequence[tuple[int, float | None]]


def metric_state(definition: MetricDefinition, value: StateValue, points: Points, now: float) -> State:
    """Build the state of a metric alarm from the data points it was decided on."""
    real = [(at, point) for at, point in points if point is not None][-definition.condition.periods :]
    return State(
        value=value,
        reason=_reason(definition, value, real),
        reason_data=_reason_data(definition, real, points[0][0], now),
        at=now,
    )


def composite_state(
    arn: str, value: StateValue, cause: tuple[str, StateValue, float] | None, now: float
) -> State:
    """Build the state of a composite alarm; `cause` is the child (ARN, state, time) that changed."""
    if cause is None:
        reason = f"{arn} was created or updated and its alarm rule evaluates to {value}"
        return State(value=value, reason=reason, at=now)
    child, child_value, at = cause
    when = datetime.fromtimestamp(at, UTC).strftime("%A %d %B, %Y %H:%M:%S UTC")
    child_state = {"value": child_value, "timestamp": iso(at)}
    data = json.dumps({"triggeringAlarms": [{"arn": child, "state": child_state}]})
    return State(
        value=value, reason=f"{child} transitioned to {child_value} at {when}", reason_data=data, at=now
    )


def _reason(definition: MetricDefinition, value: StateValue, real: Sequence[tuple[int, float]]) -> str:
    condition = definition.condition
    gaps = condition.periods - len(real)
    if value == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {gaps} {_points(gaps)} were unknown."
    in_alarm = value == "ALARM"
    agreeing = sum(condition.breaches(point) == in_alarm for _, point in real)
    shown = ", ".join(f"{point} ({datetime.fromtimestamp(at, UTC):%d/%m/%y %H:%M:%S})" for at, point in real)
    needed = condition.datapoints if in_alarm else condition.periods - condition.datapoints + 1
    edge = "OK -> ALARM" if in_alarm else "ALARM -> OK"
    verb = ("was" if agreeing == 1 else "were") + ("" if in_alarm else " not")
    text = (
        f"Threshold Crossed: {agreeing} out of the last {len(real)} datapoints [{shown}] {verb} "
        f"{COMPARISONS[condition.comparison][1]} the threshold ({condition.threshold}) "
        f"(minimum {needed} {_points(needed)} for {edge} transition)."
    )
    if real or gaps <= 0:
        return text
    treated = "Breaching" if in_alarm else "NonBreaching"
    return (
        f"Threshold Crossed: no datapoints were received for {gaps} periods and {gaps} missing datapoints "
        f"were treated as [{treated}]."
    )


def _points(count: int) -> str:
    return "datapoint" if count == 1 else "datapoints"


def _reason_data(
    definition: MetricDefinition, real: Sequence[tuple[int, float]], start: int, now: float
) -> str:
    watched = next(query for query in definition.queries if query.id == definition.watched)
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": iso(now),
            "startDate": iso(real[0][0] if real else start),
            **({"statistic": watched.metric.statistic.name} if watched.metric is not None else {}),
            "period": definition.period,
            "recentDatapoints": [point for _, point in real],
            "threshold": definition.condition.threshold,
        }
    )
