"""The target-tracking loop on the cloud clock."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.errors import AwsError
from localcloud.scaling.tracking import wanted

if TYPE_CHECKING:
    from tests.localcloud.scaling.conftest import World

KEYS = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits-rehearsal/variant/live",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


@pytest.mark.parametrize(
    ("load", "current", "expected"),
    [(150, 2, 3), (101, 2, 3), (100, 3, 3), (49, 4, 2), (0, 4, 0), (70, 3, 3)],
)
def test_the_count_is_proportional_to_the_load_and_rounded_up(
    load: float, current: int, expected: int
) -> None:
    assert wanted(load, target_value=100.0, current=current) == expected


@given(st.integers(1, 50), st.integers(1, 50), st.floats(0.001, 1000))
def test_a_load_of_whole_multiples_adds_no_instance_by_rounding(
    current: int, factor: int, target: float
) -> None:
    assert wanted(factor * target, target_value=target, current=current) == factor * current


def test_a_load_above_the_target_for_three_minutes_scales_out(world: "World") -> None:
    world.register()
    world.policy()
    world.load(250, minutes=2)
    assert world.count == 2
    world.load(250, minutes=1)
    assert world.count == 5
    [activity] = world.activities()
    assert activity["Description"] == "Setting desired instance count to 5."
    assert "policy load" in activity["Cause"]


def test_a_scale_out_stops_at_the_maximum(world: "World") -> None:
    world.register(MaxCapacity=3)
    world.policy()
    world.load(1000, minutes=3)
    assert world.count == 3


def test_a_load_far_below_the_target_for_fifteen_minutes_scales_in(world: "World") -> None:
    world.register(MinCapacity=1)
    world.policy()
    world.load(40, minutes=14)
    assert world.count == 2
    world.load(40, minutes=1)
    assert world.count == 1


def test_a_scale_in_stops_at_the_minimum(world: "World") -> None:
    world.variants.change(current=6, desired=6)
    world.register(MinCapacity=3)
    world.policy()
    world.load(1, minutes=15)
    assert world.count == 3


def test_a_load_just_below_the_target_scales_nothing(world: "World") -> None:
    world.register()
    world.policy()
    world.load(95, minutes=20)
    assert (world.count, world.activities()) == (2, [])


def test_a_variant_without_metrics_is_left_alone(world: "World") -> None:
    world.register()
    world.policy()
    world.clock.advance(20 * 60)
    assert world.count == 2


@pytest.mark.parametrize(
    ("suspended", "load", "minutes", "expected"),
    [
        ("DynamicScalingInSuspended", 10, 20, 2),
        ("DynamicScalingInSuspended", 250, 3, 5),
        ("DynamicScalingOutSuspended", 250, 3, 2),
        ("DynamicScalingOutSuspended", 10, 20, 1),
        ("ScheduledScalingSuspended", 250, 3, 5),
    ],
)
def test_a_suspension_stops_its_own_direction_only(
    world: "World", suspended: str, load: float, minutes: int, expected: int
) -> None:
    world.register(SuspendedState={suspended: True})
    world.policy()
    world.load(load, minutes=minutes)
    assert world.count == expected


def test_scaling_in_goes_on_when_it_is_resumed(world: "World") -> None:
    world.register(SuspendedState={"DynamicScalingInSuspended": True})
    world.policy()
    world.load(10, minutes=20)
    world.call("RegisterScalableTarget", **KEYS, SuspendedState={"DynamicScalingInSuspended": False})
    world.load(10, minutes=1)
    assert world.count == 1


def test_a_policy_may_be_told_not_to_scale_in(world: "World") -> None:
    world.register()
    world.policy(DisableScaleIn=True)
    world.load(10, minutes=20)
    assert world.count == 2


def test_a_second_scale_in_waits_for_the_cooldown(world: "World") -> None:
    world.variants.change(current=8, desired=8)
    world.register()
    world.policy(ScaleInCooldown=600)
    world.load(50, minutes=15)
    assert world.count == 4
    world.load(50, minutes=9)
    assert world.count == 4
    world.load(50, minutes=2)
    assert world.count == 2


def test_a_scale_out_does_not_wait_for_the_cooldown_of_a_scale_in(world: "World") -> None:
    world.variants.change(current=8, desired=8)
    world.register()
    world.policy(ScaleInCooldown=3600)
    world.load(50, minutes=15)
    world.load(150, minutes=3)
    assert world.count == 6


def test_during_a_scale_out_cooldown_the_added_instances_count(world: "World") -> None:
    world.register()
    world.policy(ScaleOutCooldown=600)
    world.load(150, minutes=3)
    assert world.count == 3
    world.load(150, minutes=3)
    assert world.count == 3
    world.load(300, minutes=1)
    assert world.count == 6


def test_scaling_waits_while_the_endpoint_is_not_in_service(world: "World") -> None:
    world.register()
    world.policy()
    world.variants.change(in_service=False)
    world.load(250, minutes=5)
    assert (world.count, world.activities()) == (2, [])
    world.variants.change(in_service=True)
    world.load(250, minutes=1)
    assert world.count == 5


def test_an_activity_is_in_progress_until_the_instances_are_there(world: "World") -> None:
    world.variants.is_slow = True
    world.register()
    world.policy()
    world.load(250, minutes=3)
    assert world.activities()[0]["StatusCode"] == "InProgress"
    world.variants.change(current=5, in_service=True)
    done = world.activities()[0]
    assert (done["StatusCode"], done["EndTime"]) == ("Successful", world.clock.now())


def test_an_activity_that_someone_else_overrules_is_overridden(world: "World") -> None:
    world.variants.is_slow = True
    world.register()
    world.policy()
    world.load(250, minutes=3)
    world.variants.change(current=4, desired=4, in_service=True)
    assert world.activities()[0]["StatusCode"] == "Overridden"


def test_a_refused_change_is_a_failed_activity_and_is_tried_again(world: "World") -> None:
    world.register()
    world.policy()
    world.variants.refusal = AwsError("ValidationException", "Cannot update in-progress endpoint")
    world.load(250, minutes=3)
    [failed] = world.activities()
    assert failed["StatusCode"] == "Failed"
    assert "Cannot update in-progress endpoint" in failed["StatusMessage"]
    world.variants.refusal = None
    world.load(250, minutes=1)
    assert world.count == 5


def test_a_variant_that_is_gone_stops_nothing(world: "World") -> None:
    world.register()
    world.policy()
    known: dict[str, Any] = dict(world.variants.known)
    world.variants.known.clear()
    world.load(250, minutes=3)
    world.variants.known.update(known)
    world.load(250, minutes=1)
    assert world.count == 5
