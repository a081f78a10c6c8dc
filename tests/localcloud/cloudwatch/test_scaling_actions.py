"""Alarms that run scaling policies: at the transition, and then once a minute."""

from typing import TYPE_CHECKING

import pytest

from localcloud.errors import AwsError, NotEmulated

if TYPE_CHECKING:
    from localcloud.cloudwatch.alarm_scaling import Breach
    from tests.localcloud.cloudwatch.conftest import World

POLICY = (
    "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:resource/sagemaker/endpoint/e/variant/v:p"
)
TOPIC = "arn:aws:sns:us-east-1:000000000000:alerts"


@pytest.fixture
def runs(world: "World") -> "list[tuple[str, Breach]]":
    found: list[tuple[str, Breach]] = []
    world.cloudwatch.attach_scaling(lambda arn, breach: found.append((arn, breach)))
    return found


def load(world: "World", value: float, *, minutes: int) -> None:
    for _ in range(minutes):
        world.record(value)
        world.clock.advance(60)


def test_an_alarm_runs_the_policy_when_it_goes_off_and_each_minute_until_it_ends(
    world: "World", runs: "list[tuple[str, Breach]]"
) -> None:
    world.alarm(AlarmActions=[POLICY])
    load(world, 1, minutes=2)
    assert runs == []
    load(world, 9, minutes=4)
    world.clock.advance(5)
    assert [arn for arn, _ in runs] == [POLICY] * 4
    load(world, 1, minutes=3)
    assert len(runs) == 4


def test_the_policy_is_told_the_data_points_the_threshold_and_the_direction(
    world: "World", runs: "list[tuple[str, Breach]]"
) -> None:
    world.alarm(AlarmActions=[POLICY], EvaluationPeriods=2)
    for value in (1.0, 7.0, 9.0):
        load(world, value, minutes=1)
    world.clock.advance(5)
    breach = runs[0][1]
    assert (breach.alarm_name, breach.state, breach.threshold) == ("broken", "ALARM", 5.0)
    assert (breach.values, breach.rising) == ((7.0, 9.0), True)


def test_disabled_actions_run_no_policy(world: "World", runs: "list[tuple[str, Breach]]") -> None:
    world.alarm(AlarmActions=[POLICY], ActionsEnabled=False)
    load(world, 9, minutes=3)
    assert runs == []


def test_a_new_alarm_runs_no_policy_for_the_state_it_starts_in(
    world: "World", runs: "list[tuple[str, Breach]]"
) -> None:
    world.alarm(InsufficientDataActions=[POLICY])
    world.clock.advance(600)
    assert (world.state("broken"), runs) == ("INSUFFICIENT_DATA", [])


def test_an_alarm_that_is_put_again_goes_on_running_its_policy(
    world: "World", runs: "list[tuple[str, Breach]]"
) -> None:
    world.alarm(AlarmActions=[POLICY])
    load(world, 9, minutes=2)
    world.alarm(AlarmActions=[POLICY], AlarmDescription="clearer")
    load(world, 9, minutes=2)
    world.clock.advance(5)
    assert len(runs) == 4


def test_a_policy_and_a_topic_are_both_served_and_the_topic_once(
    world: "World", runs: "list[tuple[str, Breach]]"
) -> None:
    world.alarm(AlarmActions=[POLICY, TOPIC])
    load(world, 9, minutes=3)
    world.clock.advance(5)
    assert len(runs) == 3
    assert [topic for topic, _, _ in world.messages] == [TOPIC]


def test_rejects_policies_when_nothing_scales(world: "World") -> None:
    with pytest.raises(NotEmulated, match="alarm action"):
        world.alarm(AlarmActions=[POLICY])


@pytest.mark.usefixtures("runs")
def test_rejects_policies_of_other_services(world: "World") -> None:
    with pytest.raises(NotEmulated, match="only SNS topics and SageMaker's scaling policies"):
        world.alarm(AlarmActions=[POLICY.replace("sagemaker", "ecs")])


@pytest.mark.usefixtures("runs")
def test_rejects_policies_of_composite_alarms(world: "World") -> None:
    world.alarm()
    with pytest.raises(AwsError, match="a composite alarm cannot scale"):
        world.call("PutCompositeAlarm", AlarmName="any", AlarmRule="ALARM(broken)", AlarmActions=[POLICY])
