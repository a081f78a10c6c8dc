"""What the world hears of an alarm: one event for each transition, and SNS messages where enabled."""

import json
from typing import TYPE_CHECKING

import pytest

from localcloud.cloudwatch import CloudWatch

if TYPE_CHECKING:
    from tests.localcloud.cloudwatch.conftest import World

TOPIC = "arn:aws:sns:us-east-1:000000000000:pager"
DOUBLED = {"Id": "doubled", "Expression": "errors * 2", "Label": "twice"}
ERRORS = {
    "Id": "errors",
    "MetricStat": {"Metric": {"Namespace": "Test", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"},
    "ReturnData": False,
}


def test_the_event_says_what_the_aws_documentation_says(world: "World") -> None:
    world.alarm(AlarmDescription="too many errors")
    world.record(9)
    world.clock.advance(70)
    [event] = world.events
    arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:broken"
    assert (event["source"], event["type"]) == ("aws.cloudwatch", "CloudWatch Alarm State Change")
    assert event["resources"] == [arn]
    detail = event["detail"]
    assert detail["alarmName"] == "broken"
    assert detail["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert detail["previousState"]["reason"] == "Unchecked: Initial alarm creation"
    assert detail["state"]["value"] == "ALARM"
    assert detail["state"]["reason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [9.0 (")
    assert json.loads(detail["state"]["reasonData"])["recentDatapoints"] == [9.0]
    assert detail["state"]["timestamp"].endswith("+0000")
    assert detail["configuration"]["description"] == "too many errors"
    [metric] = detail["configuration"]["metrics"]
    assert metric["returnData"] is True
    assert metric["metricStat"] == {
        "metric": {"namespace": "Test", "name": "Errors", "dimensions": {"VariantName": "candidate"}},
        "period": 60,
        "stat": "Sum",
    }


def test_the_event_of_a_metric_math_alarm_names_its_expression(world: "World") -> None:
    world.alarm(Metrics=[DOUBLED, ERRORS])
    world.call("SetAlarmState", AlarmName="broken", StateValue="ALARM", StateReason="test")
    configured = world.events[0]["detail"]["configuration"]["metrics"]
    assert configured[0] == {
        "id": "doubled",
        "expression": "errors * 2",
        "label": "twice",
        "returnData": True,
    }
    assert configured[1]["returnData"] is False


def test_a_topic_is_notified_of_the_state_it_asked_for(world: "World") -> None:
    world.alarm(AlarmActions=[TOPIC])
    for state in ("OK", "ALARM", "ALARM"):
        world.call("SetAlarmState", AlarmName="broken", StateValue=state, StateReason="test")
    [(topic, subject, message)] = world.messages
    assert topic == TOPIC
    assert subject.startswith('ALARM: "broken"')
    assert json.loads(message)["OldStateValue"] == "OK"
    assert json.loads(message)["Trigger"]["Threshold"] == 5.0


def test_disabled_actions_are_not_taken_but_the_event_is_still_sent(world: "World") -> None:
    world.alarm(AlarmActions=[TOPIC])
    world.call("DisableAlarmActions", AlarmNames=["broken", "unknown"])
    world.call("SetAlarmState", AlarmName="broken", StateValue="ALARM", StateReason="test")
    assert world.messages == []
    assert len(world.events) == 1
    world.call("EnableAlarmActions", AlarmNames=["broken"])
    world.call("SetAlarmState", AlarmName="broken", StateValue="OK", StateReason="test")
    world.call("SetAlarmState", AlarmName="broken", StateValue="ALARM", StateReason="test")
    assert len(world.messages) == 1


def test_an_event_that_cannot_be_delivered_does_not_stop_evaluation(world: "World") -> None:
    failing: list[int] = []

    def emit(*_: object) -> None:
        failing.append(1)
        raise ConnectionError

    world.cloudwatch = CloudWatch(world.clock, emit)
    world.alarm(TreatMissingData="notBreaching")
    with pytest.raises(ConnectionError):
        world.clock.advance(30)
    world.record(6)
    with pytest.raises(ConnectionError):
        world.clock.advance(90)
    assert world.state("broken") == "ALARM"
    assert len(failing) == 2


def test_a_transition_is_told_once(world: "World") -> None:
    world.alarm(TreatMissingData="notBreaching")
    world.clock.advance(60)
    world.events.clear()
    world.record(6)
    world.clock.advance(150)
    assert world.state("broken") == "ALARM"
    assert [event["detail"]["state"]["value"] for event in world.events] == ["ALARM"]
