"""Scalable targets and policies: what is accepted, kept and refused."""

from typing import TYPE_CHECKING, Any

import pytest

from localcloud.errors import AwsError, NotEmulated
from localcloud.scaling import Capacity

if TYPE_CHECKING:
    from tests.localcloud.scaling.conftest import World

LIVE = "endpoint/digits-rehearsal/variant/live"
KEYS = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": LIVE,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


def targets(world: "World") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.call("DescribeScalableTargets", ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    return found


def test_a_registered_variant_is_known_to_be(world: "World") -> None:
    assert not world.scaling.is_registered("digits-rehearsal", "live")
    world.register()
    assert world.scaling.is_registered("digits-rehearsal", "live")
    assert not world.scaling.is_registered("digits-rehearsal", "candidate")
    [target] = targets(world)
    assert (target["MinCapacity"], target["MaxCapacity"], target["ResourceId"]) == (1, 8, LIVE)


def test_what_a_registration_does_not_give_stays(world: "World") -> None:
    world.register(SuspendedState={"DynamicScalingInSuspended": True})
    world.call("RegisterScalableTarget", **KEYS, MaxCapacity=4)
    world.call("RegisterScalableTarget", **KEYS, SuspendedState={"ScheduledScalingSuspended": True})
    [target] = targets(world)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    assert target["SuspendedState"] == {
        "DynamicScalingInSuspended": True,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": True,
    }


@pytest.mark.parametrize(("bounds", "expected"), [((3, 8), 3), ((1, 1), 1), ((1, 8), 2)])
def test_bounds_bring_the_count_within_them(world: "World", bounds: tuple[int, int], expected: int) -> None:
    world.register(MinCapacity=bounds[0], MaxCapacity=bounds[1])
    assert world.count == expected
    assert len(world.activities()) == (expected != 2)


def test_a_suspended_target_is_still_brought_within_its_bounds(world: "World") -> None:
    world.register(SuspendedState={"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": True})
    world.call("RegisterScalableTarget", **KEYS, MinCapacity=4)
    assert world.count == 4


def test_an_endpoint_in_transition_keeps_its_count(world: "World") -> None:
    world.variants.change(in_service=False)
    world.register(MinCapacity=4)
    assert world.count == 2


def test_deregistering_deletes_the_policies_and_keeps_the_count(world: "World") -> None:
    world.register()
    world.policy()
    world.call("DeregisterScalableTarget", **KEYS)
    assert targets(world) == []
    world.register()
    found = world.call("DescribeScalingPolicies", ServiceNamespace="sagemaker")
    assert found["ScalingPolicies"] == []
    world.load(1000, minutes=5)
    assert world.count == 2


def test_a_policy_comes_back_as_it_was_put_and_is_updated_in_place(world: "World") -> None:
    world.register()
    first = world.policy(ScaleInCooldown=120)
    assert world.policy(target=50.0)["PolicyARN"] == first["PolicyARN"]
    found = world.call("DescribeScalingPolicies", ServiceNamespace="sagemaker", PolicyNames=["load"])
    [policy] = found["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 50.0
    assert "ScaleInCooldown" not in policy["TargetTrackingScalingPolicyConfiguration"]


def test_a_deleted_policy_scales_no_more(world: "World") -> None:
    world.register()
    world.policy()
    world.call("DeleteScalingPolicy", **KEYS, PolicyName="load")
    world.load(1000, minutes=5)
    assert world.count == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"ResourceId": "endpoint/digits-rehearsal/variant/none"},
        {"ResourceId": "endpoint/none/variant/live"},
        {"ResourceId": "digits-rehearsal/live"},
        {"MinCapacity": 0},
        {"MinCapacity": 9},
        {"MaxCapacity": None},
        {"ScalableDimension": "sagemaker:variant:Colour"},
    ],
    ids=str,
)
def test_rejects_registrations_that_aws_would_refuse(world: "World", changes: dict[str, Any]) -> None:
    params = {**KEYS, "MinCapacity": 1, "MaxCapacity": 8, **changes}
    with pytest.raises(AwsError) as caught:
        world.call("RegisterScalableTarget", **{k: v for k, v in params.items() if v is not None})
    assert caught.value.code == "ValidationException"
    assert targets(world) == []


@pytest.mark.parametrize("instance_type", ["ml.t2.medium", "ml.t3.large", "ml.t4g.small"])
def test_rejects_burstable_instance_types(world: "World", instance_type: str) -> None:
    world.variants.change(instance_type=instance_type)
    with pytest.raises(AwsError, match="Burstable"):
        world.register()


@pytest.mark.parametrize(
    "changes",
    [
        {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"},
        {"Tags": {"service": "digits"}},
    ],
    ids=str,
)
def test_rejects_registrations_that_are_not_emulated(world: "World", changes: dict[str, Any]) -> None:
    with pytest.raises(NotEmulated):
        world.register(**changes)


@pytest.mark.parametrize("operation", ["DeregisterScalableTarget", "DeleteScalingPolicy", "PutScalingPolicy"])
def test_rejects_operations_on_a_variant_that_is_not_registered(world: "World", operation: str) -> None:
    name = {} if operation == "DeregisterScalableTarget" else {"PolicyName": "load"}
    with pytest.raises(AwsError) as caught:
        world.call(operation, **KEYS, **name)
    assert caught.value.code == "ObjectNotFoundException"


def test_rejects_deleting_an_unknown_policy(world: "World") -> None:
    world.register()
    with pytest.raises(AwsError) as caught:
        world.call("DeleteScalingPolicy", **KEYS, PolicyName="none")
    assert caught.value.code == "ObjectNotFoundException"


def test_rejects_a_second_policy_on_the_same_metric(world: "World") -> None:
    world.register()
    world.policy()
    with pytest.raises(AwsError, match="Only one TargetTrackingScaling policy"):
        world.policy(name="another")


@pytest.mark.parametrize(
    "changes",
    [
        {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}},
        {"TargetValue": 0.0},
    ],
    ids=str,
)
def test_rejects_policies_that_aws_would_refuse(world: "World", changes: dict[str, Any]) -> None:
    world.register()
    with pytest.raises(AwsError) as caught:
        world.policy(**changes)
    assert caught.value.code == "ValidationException"


def test_rejects_predictive_scaling(world: "World") -> None:
    world.register()
    with pytest.raises(NotEmulated, match="PredictiveScaling"):
        world.call("PutScalingPolicy", **KEYS, PolicyName="load", PolicyType="PredictiveScaling")


def test_rejects_another_type_for_a_policy_that_exists(world: "World") -> None:
    world.register()
    world.policy()
    with pytest.raises(AwsError, match="PolicyType of load is TargetTrackingScaling, got StepScaling"):
        world.steps(name="load")


def test_a_target_registered_again_keeps_its_policies_and_scheduled_actions(world: "World") -> None:
    world.register()
    world.policy()
    world.steps()
    world.schedule("rate(1 day)")
    world.register(MaxCapacity=5)
    [target] = targets(world)
    assert target["MaxCapacity"] == 5
    kept = world.call("DescribeScalingPolicies", ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert [each["PolicyName"] for each in kept] == ["load", "burst"]
    assert len(world.call("DescribeScheduledActions", **KEYS)["ScheduledActions"]) == 1


def test_deregistering_deletes_step_policies_and_scheduled_actions_too(world: "World") -> None:
    world.register()
    arn = world.steps()
    world.schedule("rate(1 hour)")
    world.call("DeregisterScalableTarget", **KEYS)
    world.register()
    assert world.call("DescribeScalingPolicies", ServiceNamespace="sagemaker")["ScalingPolicies"] == []
    assert world.call("DescribeScheduledActions", **KEYS)["ScheduledActions"] == []
    world.breach(arn, 500.0)
    world.clock.advance(2 * 3600)
    assert (world.count, world.activities()) == (2, [])


@pytest.mark.parametrize(
    ("dimension", "resource_id", "noun"),
    [
        (
            "sagemaker:variant:DesiredProvisionedConcurrency",
            "endpoint/light/variant/live",
            "provisioned concurrency",
        ),
        ("sagemaker:inference-component:DesiredCopyCount", "inference-component/small", "copy count"),
    ],
)
def test_warm_workers_and_copies_are_scaled_by_their_own_dimensions(
    world: "World", dimension: str, resource_id: str, noun: str
) -> None:
    world.variants.known[resource_id] = Capacity(2, 2, in_service=True, instance_type="", dimension=dimension)
    world.register(ResourceId=resource_id, ScalableDimension=dimension, MinCapacity=3)
    assert world.variants.known[resource_id].desired == 3
    assert world.activities()[0]["Description"] == f"Setting desired {noun} to 3."


def test_rejects_a_dimension_by_which_the_resource_is_not_scaled(world: "World") -> None:
    with pytest.raises(AwsError, match="is scaled by sagemaker:variant:DesiredInstanceCount"):
        world.register(ScalableDimension="sagemaker:variant:DesiredProvisionedConcurrency")


def test_a_queue_may_have_a_minimum_of_zero(world: "World") -> None:
    world.variants.change(fewest=0)
    world.register(MinCapacity=0)
    assert targets(world)[0]["MinCapacity"] == 0
