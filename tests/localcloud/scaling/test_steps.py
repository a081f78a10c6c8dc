"""Step scaling: which step an alarm's data points fall into, and what it changes."""

from typing import TYPE_CHECKING, Any

import pytest

from localcloud.errors import AwsError
from localcloud.scaling.steps import StepRule

if TYPE_CHECKING:
    from tests.localcloud.scaling.conftest import World

THREE_STEPS = [
    {"MetricIntervalUpperBound": -20, "ScalingAdjustment": -2},
    {"MetricIntervalLowerBound": -20, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1},
    {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 3},
]
ALL_BELOW = [{"MetricIntervalUpperBound": 0, "ScalingAdjustment": -1}]


@pytest.mark.parametrize(
    ("value", "change"), [(79, -2), (80, -2), (81, 1), (100, 1), (119, 1), (120, 3), (500, 3)]
)
def test_above_the_threshold_the_lower_bound_belongs_to_the_step_and_below_it_the_upper(
    value: float, change: int
) -> None:
    rule = StepRule.parse({"AdjustmentType": "ChangeInCapacity", "StepAdjustments": THREE_STEPS})
    step = rule.step([value], 100, rising=True)
    assert step is not None
    assert step.change == change


@pytest.mark.parametrize(("steps", "rising"), [(None, True), (ALL_BELOW, False)])
def test_a_value_on_the_threshold_scales_in_the_direction_of_the_alarm(steps: Any, rising: bool) -> None:
    steps = steps or [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]
    rule = StepRule.parse({"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps})
    assert rule.step([100.0], 100, rising=rising) is not None
    assert rule.step([100.0], 100, rising=not rising) is None


@pytest.mark.parametrize(
    ("aggregation", "change"), [(None, 1), ("Average", 1), ("Minimum", -2), ("Maximum", 3)]
)
def test_several_data_points_are_aggregated(aggregation: str | None, change: int) -> None:
    given = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": THREE_STEPS}
    rule = StepRule.parse(given | ({"MetricAggregationType": aggregation} if aggregation else {}))
    step = rule.step([50, 100, 150], 100, rising=True)
    assert step is not None
    assert step.change == change


@pytest.mark.parametrize(
    ("adjustment", "change", "expected"),
    [
        ("ChangeInCapacity", 3, 13),
        ("ChangeInCapacity", -3, 7),
        ("ExactCapacity", 4, 4),
        ("PercentChangeInCapacity", 20, 12),
        ("PercentChangeInCapacity", 25, 12),
        ("PercentChangeInCapacity", 6, 11),
        ("PercentChangeInCapacity", -6, 9),
        ("PercentChangeInCapacity", -67, 4),
        ("PercentChangeInCapacity", 0, 10),
    ],
)
def test_an_adjustment_counts_units_percent_rounded_towards_zero_or_the_exact_number(
    adjustment: str, change: int, expected: int
) -> None:
    steps = [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": change}]
    rule = StepRule.parse({"AdjustmentType": adjustment, "StepAdjustments": steps})
    assert rule.adjusted(rule.steps[0], 10) == expected


@pytest.mark.parametrize(("change", "expected"), [(25, 12), (-25, 8), (50, 15)])
def test_a_percentage_changes_at_least_the_least_magnitude(change: int, expected: int) -> None:
    steps = [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": change}]
    given = {"AdjustmentType": "PercentChangeInCapacity", "MinAdjustmentMagnitude": 2}
    rule = StepRule.parse(given | {"StepAdjustments": steps})
    assert rule.adjusted(rule.steps[0], 10) == expected


def test_an_alarm_scales_and_is_named_as_the_cause(world: "World") -> None:
    world.register()
    world.breach(world.steps(), 120.0)
    assert world.count == 3
    [activity] = world.activities()
    assert activity["Cause"] == "monitor alarm busy in state ALARM triggered policy burst"


def test_an_alarm_that_goes_on_scales_again_after_the_cooldown(world: "World") -> None:
    world.register()
    arn = world.steps(Cooldown=180)
    counts = []
    for _ in range(7):
        world.breach(arn, 120.0)
        counts.append(world.count)
        world.clock.advance(60)
    assert counts == [3, 3, 3, 3, 4, 4, 4]


def test_during_the_cooldown_a_larger_step_adds_the_difference(world: "World") -> None:
    world.register()
    arn = world.steps(
        StepAdjustments=[
            {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 50, "ScalingAdjustment": 2},
            {"MetricIntervalLowerBound": 50, "ScalingAdjustment": 3},
        ]
    )
    world.breach(arn, 120.0)
    world.breach(arn, 160.0)
    assert world.count == 5


def test_a_scale_in_waits_for_the_cooldown_and_a_scale_out_does_not(world: "World") -> None:
    world.variants.change(current=6, desired=6)
    world.register()
    inwards = world.steps(name="calm", StepAdjustments=ALL_BELOW)
    outwards = world.steps()
    world.breach(inwards, 10.0, rising=False)
    world.breach(inwards, 10.0, rising=False)
    assert world.count == 5
    world.breach(outwards, 120.0)
    assert world.count == 6


@pytest.mark.parametrize(
    ("change", "suspended", "expected"),
    [
        (9, None, 4),
        (-9, None, 1),
        (1, "DynamicScalingOutSuspended", 2),
        (1, "DynamicScalingInSuspended", 3),
        (-1, "DynamicScalingInSuspended", 2),
        (-1, "ScheduledScalingSuspended", 1),
    ],
)
def test_a_step_keeps_the_bounds_and_the_suspensions(
    world: "World", change: int, suspended: str | None, expected: int
) -> None:
    world.register(MaxCapacity=4, **({"SuspendedState": {suspended: True}} if suspended else {}))
    steps = [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": change}]
    world.breach(world.steps(StepAdjustments=steps), 120.0)
    assert world.count == expected


def test_an_alarm_without_data_points_scales_nothing(world: "World") -> None:
    world.register()
    world.breach(world.steps())
    assert (world.count, world.activities()) == (2, [])


def test_an_endpoint_in_transition_is_not_scaled(world: "World") -> None:
    world.register()
    arn = world.steps()
    world.variants.change(in_service=False)
    world.breach(arn, 120.0)
    assert world.count == 2


def test_a_queue_wakes_up_from_zero(world: "World") -> None:
    world.variants.change(current=0, desired=0, fewest=0)
    world.register(MinCapacity=0)
    world.breach(world.steps(), 1.0, threshold=1.0)
    assert world.count == 1


def test_a_step_policy_comes_back_as_it_was_put(world: "World") -> None:
    world.register()
    arn = world.steps(MetricAggregationType="Maximum")
    [policy] = world.call("DescribeScalingPolicies", ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert (policy["PolicyARN"], policy["PolicyType"]) == (arn, "StepScaling")
    assert policy["StepScalingPolicyConfiguration"]["MetricAggregationType"] == "Maximum"
    assert "TargetTrackingScalingPolicyConfiguration" not in policy


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"AdjustmentType": None}, "AdjustmentType is required"),
        ({"StepAdjustments": []}, "at least one StepAdjustment"),
        ({"StepAdjustments": [{"ScalingAdjustment": 1}]}, "not both null"),
        ({"StepAdjustments": [THREE_STEPS[0], THREE_STEPS[2]]}, "must not overlap or have a gap"),
        ({"StepAdjustments": [THREE_STEPS[1], THREE_STEPS[2]]}, "negative lower bound"),
        ({"StepAdjustments": [THREE_STEPS[0], THREE_STEPS[1]]}, "positive upper bound"),
        ({"MinAdjustmentMagnitude": 2}, "needs PercentChangeInCapacity"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_rejects_steps_that_aws_would_refuse(world: "World", changes: dict[str, Any], message: str) -> None:
    world.register()
    with pytest.raises(AwsError, match=message) as caught:
        world.steps(**changes)
    assert caught.value.code == "ValidationException"
