"""Scheduled actions on the cloud clock, and the times that expressions mean."""

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.errors import AwsError, NotEmulated
from localcloud.scaling.schedule import parse_schedule

if TYPE_CHECKING:
    from tests.localcloud.scaling.conftest import World

KEYS = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits-rehearsal/variant/live",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
HOUR = 3600


def epoch(text: str) -> float:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC).timestamp()


def runs(schedule: str, since: str, *, count: int = 3, zone: str = "UTC") -> list[str]:
    """Return the first runs after a time, in UTC."""
    found, moment = [], epoch(since)
    parsed = parse_schedule(schedule, zone, anchor=moment)
    for _ in range(count):
        following = parsed.after(moment)
        if following is None:
            break
        moment = following
        found.append(datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S"))
    return found


@pytest.mark.parametrize(
    ("schedule", "zone", "expected"),
    [
        ("at(2026-11-21T08:00:30)", "UTC", ["2026-11-21T08:00:30"]),
        ("at(2026-11-21T08:00:30)", "Europe/Berlin", ["2026-11-21T07:00:30"]),
        ("at(2026-11-20T08:00:00)", "UTC", []),
        ("rate(1 minute)", "UTC", ["2026-11-21T00:01:00", "2026-11-21T00:02:00", "2026-11-21T00:03:00"]),
        ("rate(2 days)", "UTC", ["2026-11-23T00:00:00", "2026-11-25T00:00:00", "2026-11-27T00:00:00"]),
        (
            "cron(0/15 8-9 ? * SAT *)",
            "UTC",
            ["2026-11-21T08:00:00", "2026-11-21T08:15:00", "2026-11-21T08:30:00"],
        ),
        (
            "cron(0 7 ? * MON-FRI *)",
            "America/New_York",
            ["2026-11-23T12:00:00", "2026-11-24T12:00:00", "2026-11-25T12:00:00"],
        ),
        (
            "cron(30 6 L * ? 2026-2027)",
            "UTC",
            ["2026-11-30T06:30:00", "2026-12-31T06:30:00", "2027-01-31T06:30:00"],
        ),
        (
            "cron(0 0 29 FEB ? *)",
            "UTC",
            ["2028-02-29T00:00:00", "2032-02-29T00:00:00", "2036-02-29T00:00:00"],
        ),
        ("cron(0 0 1,15 * ? 2026)", "UTC", ["2026-12-01T00:00:00", "2026-12-15T00:00:00"]),
        ("cron(0 0 31 2 ? *)", "UTC", []),
    ],
)
def test_expressions_run_when_aws_documents_them_to(schedule: str, zone: str, expected: list[str]) -> None:
    assert runs(schedule, "2026-11-21T00:00:00", zone=zone) == expected


def test_a_time_that_daylight_saving_skips_is_left_out_and_one_that_comes_twice_runs_once() -> None:
    skipped = runs("cron(30 2 ? * * *)", "2027-03-27T12:00:00", count=2, zone="Europe/Berlin")
    assert skipped == ["2027-03-29T00:30:00", "2027-03-30T00:30:00"]
    twice = runs("cron(30 2 ? * * *)", "2027-10-30T12:00:00", count=2, zone="Europe/Berlin")
    assert twice == ["2027-10-31T00:30:00", "2027-11-01T01:30:00"]


@pytest.mark.parametrize(
    "schedule",
    [
        "cron(0 7 * * *)",
        "cron(0 7 * * * *)",
        "cron(0 7 ? * ? *)",
        "cron(60 7 ? * * *)",
        "cron(0 7 ? * MOON *)",
        "cron(0 7 20-10 * ? *)",
        "at(2026-02-30T00:00:00)",
        "rate(0 minutes)",
        "rate(5 seconds)",
        "every day",
    ],
)
def test_rejects_expressions_that_aws_does_not_have(schedule: str) -> None:
    with pytest.raises(AwsError) as caught:
        parse_schedule(schedule, "UTC", anchor=0.0)
    assert caught.value.code == "ValidationException"


@pytest.mark.parametrize("schedule", ["cron(0 7 3W * ? *)", "cron(0 7 ? * 2#1 *)", "cron(0 7 ? * 6L *)"])
def test_rejects_the_rarer_signs_of_cron_as_not_emulated(schedule: str) -> None:
    with pytest.raises(NotEmulated, match="weekday L"):
        parse_schedule(schedule, "UTC", anchor=0.0)


def test_rejects_an_unknown_time_zone() -> None:
    with pytest.raises(AwsError, match="IANA"):
        parse_schedule("cron(0 7 ? * * *)", "Mars/Olympus", anchor=0.0)


def test_at_its_time_an_action_sets_the_bounds_and_brings_the_count_within_them(world: "World") -> None:
    world.register()
    world.schedule("rate(1 hour)")
    world.clock.advance(HOUR - 10)
    assert (world.bounds, world.count) == ((1, 8), 2)
    world.clock.advance(20)
    assert (world.bounds, world.count) == ((4, 8), 4)
    scaled, bounded = world.activities()
    assert scaled["Cause"] == "minimum capacity was set to 4"
    assert bounded["Cause"] == "scheduled action name nightly was triggered"
    assert bounded["StatusMessage"] == "Successfully set min capacity to 4 and max capacity to 8"


def test_a_recurring_action_runs_again(world: "World") -> None:
    world.register()
    world.schedule("rate(1 hour)")
    world.clock.advance(HOUR + 10)
    world.register(MinCapacity=1)
    world.clock.advance(HOUR)
    assert world.bounds == (4, 8)


def test_a_lower_maximum_scales_in_at_once(world: "World") -> None:
    world.variants.change(current=6, desired=6)
    world.register()
    world.schedule("rate(1 hour)", ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 3})
    world.clock.advance(HOUR + 10)
    assert (world.bounds, world.count) == ((1, 3), 3)


def test_the_start_time_is_the_first_run_and_nothing_runs_after_the_end_time(world: "World") -> None:
    world.register()
    now = world.clock.now()
    world.schedule("rate(1 hour)", StartTime=now + 600, EndTime=now + 600 + HOUR)
    world.clock.advance(620)
    assert world.bounds == (4, 8)
    world.register(MinCapacity=1)
    world.clock.advance(HOUR)
    assert world.bounds == (4, 8)
    world.register(MinCapacity=1)
    world.clock.advance(2 * HOUR)
    assert world.bounds == (1, 8)


def test_scheduled_scaling_can_be_suspended_without_dynamic_scaling(world: "World") -> None:
    world.register(SuspendedState={"ScheduledScalingSuspended": True})
    arn = world.steps()
    world.schedule("rate(1 hour)")
    world.clock.advance(HOUR + 10)
    assert (world.bounds, world.activities()) == ((1, 8), [])
    world.breach(arn, 120.0)
    assert world.count == 3


def test_bounds_that_contradict_each_other_are_a_failed_activity(world: "World") -> None:
    world.register(MaxCapacity=3)
    world.schedule("rate(1 hour)")
    world.clock.advance(HOUR + 10)
    assert world.bounds == (1, 3)
    [failed] = world.activities()
    assert failed["StatusCode"] == "Failed"
    assert "MaxCapacity must be at least MinCapacity (4), got 3" in failed["StatusMessage"]


def test_an_update_keeps_what_it_does_not_give_except_start_and_end(world: "World") -> None:
    world.register()
    start = world.clock.now() + 600
    world.schedule("cron(0 7 ? * * *)", Timezone="Europe/Berlin", StartTime=start)
    world.call("PutScheduledAction", **KEYS, ScheduledActionName="nightly", Schedule="cron(0 8 ? * * *)")
    [action] = world.call("DescribeScheduledActions", **KEYS)["ScheduledActions"]
    assert action["Schedule"] == "cron(0 8 ? * * *)"
    assert (action["Timezone"], action["ScalableTargetAction"]) == ("Europe/Berlin", {"MinCapacity": 4})
    assert "StartTime" not in action


def test_a_deleted_action_runs_no_more(world: "World") -> None:
    world.register()
    world.schedule("rate(1 hour)")
    world.call("DeleteScheduledAction", **KEYS, ScheduledActionName="nightly")
    world.clock.advance(2 * HOUR)
    assert world.bounds == (1, 8)
    with pytest.raises(AwsError) as caught:
        world.call("DeleteScheduledAction", **KEYS, ScheduledActionName="nightly")
    assert caught.value.code == "ObjectNotFoundException"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Schedule": None}, "Schedule is required"),
        ({"ScalableTargetAction": None}, "ScalableTargetAction is required"),
        ({"ScalableTargetAction": {}}, "MinCapacity or MaxCapacity is required"),
        ({"ScalableTargetAction": {"MinCapacity": 4, "MaxCapacity": 2}}, "at least MinCapacity"),
        ({"StartTime": 2_000_000_000, "EndTime": 1_900_000_000}, "EndTime must be after"),
    ],
)
def test_rejects_actions_that_aws_would_refuse(world: "World", changes: dict[str, Any], message: str) -> None:
    world.register()
    given = {"Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 4}, **changes}
    params = {name: value for name, value in given.items() if value is not None}
    with pytest.raises(AwsError, match=message):
        world.call("PutScheduledAction", **KEYS, ScheduledActionName="nightly", **params)


def test_rejects_an_action_of_a_variant_that_is_not_registered(world: "World") -> None:
    with pytest.raises(AwsError) as caught:
        world.schedule("rate(1 day)")
    assert caught.value.code == "ObjectNotFoundException"


def test_rejects_start_and_end_of_a_single_run_as_not_emulated(world: "World") -> None:
    world.register()
    with pytest.raises(NotEmulated, match="at"):
        world.schedule("at(2099-01-01T00:00:00)", StartTime=world.clock.now() + 60)
