"""The operations on alarms: DescribeAlarms, SetAlarmState, tags and the rest, over the registry.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html (metric
alarms only unless AlarmTypes says otherwise), API_SetAlarmState.html, API_TagResource.html
"""

from collections.abc import Mapping
from typing import Any

from localcloud.clock import CloudClock
from localcloud.cloudwatch.alarm import ARN_PREFIX, Alarm, State
from localcloud.cloudwatch.alarms import Alarms
from localcloud.cloudwatch.metrics_api import refuse
from localcloud.errors import AwsError, NotEmulated

Params = Mapping[str, Any]


def put_composite_alarm(alarms: Alarms, params: Params) -> dict[str, Any]:
    """Create or update a composite alarm; suppression of its actions is refused."""
    refuse(
        params,
        "PutCompositeAlarm",
        "ActionsSuppressor",
        "ActionsSuppressorWaitPeriod",
        "ActionsSuppressorExtensionPeriod",
    )
    alarms.put_composite(params)
    return {}


def describe_alarms(alarms: Alarms, params: Params) -> dict[str, Any]:
    """List alarms, always all at once."""
    refuse(params, "DescribeAlarms", "ChildrenOfAlarmName", "ParentsOfAlarmName", "NextToken")
    if "AlarmNames" in params and "AlarmNamePrefix" in params:
        raise AwsError("ValidationError", "AlarmNames and AlarmNamePrefix exclude each other")
    types = params.get("AlarmTypes") or ["MetricAlarm"]
    if "LogAlarm" in types:
        raise NotEmulated("CloudWatch DescribeAlarms.AlarmTypes LogAlarm")
    found = [alarm for alarm in alarms.all() if _wanted(alarm, params)]
    chosen = [
        alarm for alarm in found if ("CompositeAlarm" if alarm.is_composite else "MetricAlarm") in types
    ]
    if len(chosen) > params.get("MaxRecords", len(chosen)):
        raise NotEmulated("CloudWatch pages of DescribeAlarms")
    return {
        "MetricAlarms": [alarm.describe() for alarm in chosen if not alarm.is_composite],
        "CompositeAlarms": [alarm.describe() for alarm in chosen if alarm.is_composite],
    }


def set_alarm_state(alarms: Alarms, clock: CloudClock, params: Params) -> dict[str, Any]:
    """Set a state for testing."""
    state = State(
        value=params["StateValue"],
        reason=params["StateReason"],
        reason_data=params.get("StateReasonData"),
        at=clock.now(),
    )
    alarms.set_state(params["AlarmName"], state)
    return {}


def list_tags(alarms: Alarms, params: Params) -> dict[str, Any]:
    """List the tags of an alarm."""
    tags = _tagged(alarms, params).tags
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def tag(alarms: Alarms, params: Params) -> dict[str, Any]:
    """Add or change tags; an alarm has at most 50."""
    alarm = _tagged(alarms, params)
    tags = {**alarm.tags, **{each["Key"]: each["Value"] for each in params["Tags"]}}
    if len(tags) > 50:
        raise AwsError("InvalidParameterValue", f"a resource may have at most 50 tags, got {len(tags)}")
    alarm.tags = tags
    return {}


def untag(alarms: Alarms, params: Params) -> dict[str, Any]:
    """Remove tags."""
    alarm = _tagged(alarms, params)
    alarm.tags = {key: value for key, value in alarm.tags.items() if key not in params["TagKeys"]}
    return {}


def _tagged(alarms: Alarms, params: Params) -> Alarm:
    arn = params["ResourceARN"]
    if not arn.startswith(ARN_PREFIX):
        raise NotEmulated(f"CloudWatch tags of {arn}: only alarms have tags")
    try:
        return alarms.get(arn.removeprefix(ARN_PREFIX))
    except AwsError:
        raise AwsError("ResourceNotFoundException", f"{arn} does not exist", 404) from None


def _wanted(alarm: Alarm, params: Params) -> bool:
    names = params.get("AlarmNames")
    action = params.get("ActionPrefix", "")
    actions = [each for state in ("OK", "ALARM", "INSUFFICIENT_DATA") for each in alarm.actions(state)]
    return (
        (not names or alarm.name in names)
        and alarm.name.startswith(params.get("AlarmNamePrefix", ""))
        and params.get("StateValue", alarm.state.value) == alarm.state.value
        and (not action or any(each.startswith(action) for each in actions))
    )
