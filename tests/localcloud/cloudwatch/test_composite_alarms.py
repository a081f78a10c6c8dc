from typing import TYPE_CHECKING

import pytest

from localcloud.cloudwatch.alarm_rule import parse_rule
from localcloud.errors import AwsError, NotEmulated

if TYPE_CHECKING:
    from tests.localcloud.cloudwatch.conftest import World

STATES = {"a": "ALARM", "b": "OK", "c d": "INSUFFICIENT_DATA"}


def put(world: "World", name: str, rule: str) -> None:
    world.call("PutCompositeAlarm", AlarmName=name, AlarmRule=rule)


def set_state(world: "World", name: str, value: str) -> None:
    world.call("SetAlarmState", AlarmName=name, StateValue=value, StateReason="test")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ALARM(a)", True),
        ('ALARM("a")', True),
        ("ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:a)", True),
        ("OK(a)", False),
        ('INSUFFICIENT_DATA("c d")', True),
        ("NOT ALARM(a)", False),
        ("ALARM(a) AND ALARM(b)", False),
        ("ALARM(a) OR ALARM(b) AND ALARM(b)", True),
        ("(ALARM(a) OR ALARM(b)) AND ALARM(b)", False),
        ("NOT (ALARM(b) OR FALSE) AND TRUE", True),
    ],
)
def test_a_rule_holds_as_its_words_say(rule: str, expected: bool) -> None:
    assert parse_rule(rule).holds(STATES.__getitem__) is expected


@pytest.mark.parametrize(
    "rule", ["", "ALARM", "ALARM()", "ALARM(a", "ALARM(a) ALARM(b)", "BROKEN(a)", "AND", "NOT"]
)
def test_rejects_rules_that_are_not_well_formed(rule: str) -> None:
    with pytest.raises(AwsError, match="well-formed"):
        parse_rule(rule)


def test_a_composite_alarm_starts_without_data_and_is_evaluated_soon(world: "World") -> None:
    world.alarm("a")
    put(world, "both", "ALARM(a)")
    assert world.state("both") == "INSUFFICIENT_DATA"
    world.clock.advance(12)
    assert world.state("both") == "OK"


def test_a_composite_alarm_follows_its_children_through_every_level_once(world: "World") -> None:
    world.alarm("a", Period=86400)
    world.alarm("b", Period=86400)
    put(world, "z-either", "ALARM(a) OR ALARM(b)")
    put(world, "above", "ALARM(z-either) AND ALARM(a)")
    world.clock.advance(12)
    world.events.clear()
    set_state(world, "a", "ALARM")
    assert (world.state("z-either"), world.state("above")) == ("ALARM", "ALARM")
    set_state(world, "b", "ALARM")
    assert [event["detail"]["alarmName"] for event in world.events] == ["a", "z-either", "above", "b"]
    assert world.events[1]["detail"]["configuration"] == {"alarmRule": "ALARM(a) OR ALARM(b)"}
    assert "transitioned to ALARM at" in world.events[1]["detail"]["state"]["reason"]


def test_describe_alarms_shows_composite_alarms_only_when_asked(world: "World") -> None:
    world.alarm("a")
    put(world, "both", "ALARM(a)")
    assert world.call("DescribeAlarms")["CompositeAlarms"] == []
    found = world.call("DescribeAlarms", AlarmTypes=["CompositeAlarm"])
    assert [alarm["AlarmName"] for alarm in found["CompositeAlarms"]] == ["both"]
    assert found["MetricAlarms"] == []


def test_rejects_a_composite_alarm_on_alarms_that_do_not_exist(world: "World") -> None:
    with pytest.raises(AwsError, match="do not exist: nowhere"):
        put(world, "both", "ALARM(nowhere)")


def test_rejects_composite_alarms_in_a_circle(world: "World") -> None:
    world.alarm("a")
    put(world, "one", "ALARM(a)")
    put(world, "two", "ALARM(one)")
    with pytest.raises(NotEmulated, match="circle"):
        put(world, "one", "ALARM(two)")
    assert world.state("one") == "INSUFFICIENT_DATA"


def test_rejects_deleting_an_alarm_that_a_composite_alarm_depends_on(world: "World") -> None:
    world.alarm("a")
    put(world, "both", "ALARM(a)")
    with pytest.raises(AwsError, match="both depends on it"):
        world.call("DeleteAlarms", AlarmNames=["a"])
    world.call("DeleteAlarms", AlarmNames=["both"])
    world.call("DeleteAlarms", AlarmNames=["a"])


def test_rejects_an_alarm_of_another_type_under_the_same_name(world: "World") -> None:
    world.alarm("a")
    with pytest.raises(AwsError, match="another type"):
        put(world, "a", "TRUE")


def test_rejects_suppressed_actions(world: "World") -> None:
    world.alarm("a")
    with pytest.raises(NotEmulated, match="ActionsSuppressor"):
        world.call("PutCompositeAlarm", AlarmName="b", AlarmRule="ALARM(a)", ActionsSuppressor="a")
