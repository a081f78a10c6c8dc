from typing import Any

import pytest

from localcloud.errors import AwsError
from tests.localcloud.sagemaker.sagemaker_world import World, summaries, variant

REFUSED_WHILE_IN_PROGRESS: dict[str, dict[str, Any]] = {
    "UpdateEndpoint": {"EndpointConfigName": "one"},
    "UpdateEndpointWeightsAndCapacities": {
        "DesiredWeightsAndCapacities": [{"VariantName": "live", "DesiredWeight": 2.0}]
    },
    "DeleteEndpoint": {},
}


def test_an_endpoint_is_created_updated_and_deleted_with_every_state_on_the_way(world: World) -> None:
    world.config("one", variant())
    world.config("two", variant(), variant("candidate", weight=0.0))
    world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="one")
    assert world.describe("e")["EndpointStatus"] == "Creating"
    assert world.invoke("e")[0] == 400
    assert world.settled("e")["EndpointStatus"] == "InService"

    old = world.invoke("e")[2]
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="two")
    during = world.describe("e")
    assert (during["EndpointStatus"], during["EndpointConfigName"]) == ("Updating", "one")
    assert during["PendingDeploymentSummary"]["EndpointConfigName"] == "two"
    assert world.invoke("e")[2] == old, "the old fleet serves until the new one is up"
    after = world.settled("e")
    assert (after["EndpointConfigName"], "PendingDeploymentSummary" in after) == ("two", False)
    assert summaries(after)["candidate"]["CurrentWeight"] == 0.0
    assert world.invoke("e")[2] != old, "an update deploys a new fleet"
    world.until(lambda: world.engine.running() == 2)

    world.call("DeleteEndpoint", EndpointName="e")
    assert world.describe("e")["EndpointStatus"] == "Deleting"
    world.until(lambda: not world.call("ListEndpoints")["Endpoints"])
    world.until(lambda: world.engine.running() == 0)
    with pytest.raises(AwsError, match="Could not find endpoint"):
        world.describe("e")
    assert world.statuses("e") == ["CREATING", "IN_SERVICE", "UPDATING", "IN_SERVICE", "DELETING"]


def test_a_container_that_fails_its_ping_rolls_the_endpoint_back_silently(world: World) -> None:
    world.config("one", variant())
    world.config("two", variant(), variant("candidate", model="bad", weight=0.0))
    world.endpoint("e", "one")
    before = world.invoke("e")[2]
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="two")
    after = world.settled("e")
    assert after["EndpointStatus"] == "InService"
    assert after["EndpointConfigName"] == "one"
    assert "FailureReason" not in after
    assert world.invoke("e")[2] == before, "the old fleet was never touched"
    assert world.statuses("e")[-3:] == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]
    world.until(lambda: world.engine.running() == 1)


def test_a_first_container_that_fails_leaves_a_failed_endpoint_that_can_only_be_deleted(world: World) -> None:
    world.config("broken", variant(model="bad"))
    world.config("one", variant())
    failed = world.endpoint("e", "broken")
    assert failed["EndpointStatus"] == "Failed"
    assert "weights.bin is missing" in failed["FailureReason"]
    with pytest.raises(AwsError, match="can only be deleted"):
        world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="one")
    world.call("DeleteEndpoint", EndpointName="e")
    world.until(lambda: not world.call("ListEndpoints")["Endpoints"])


@pytest.mark.parametrize("operation", REFUSED_WHILE_IN_PROGRESS)
def test_rejects_changes_while_not_in_service(world: World, operation: str) -> None:
    world.config("one", variant())
    world.call("CreateEndpoint", EndpointName="e", EndpointConfigName="one")
    with pytest.raises(AwsError, match="Cannot update in-progress endpoint") as refusal:
        world.call(operation, EndpointName="e", **REFUSED_WHILE_IN_PROGRESS[operation])
    assert refusal.value.code == "ValidationException"


def test_rejects_changes_during_a_rollback(world: World) -> None:
    world.config("one", variant())
    world.endpoint("e", "one")
    world.sagemaker.fail_next_deployment("e")
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="one")
    world.until(lambda: world.describe("e")["EndpointStatus"] == "RollingBack")
    with pytest.raises(AwsError, match="in-progress"):
        world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="one")


def test_weights_and_the_capacity_of_one_variant_change_in_place(world: World) -> None:
    world.config("one", variant(weight=1.0), variant("candidate", weight=0.0))
    world.endpoint("e", "one")
    world.call(
        "UpdateEndpointWeightsAndCapacities",
        EndpointName="e",
        DesiredWeightsAndCapacities=[
            {"VariantName": "live", "DesiredWeight": 75.0},
            {"VariantName": "candidate", "DesiredWeight": 25.0, "DesiredInstanceCount": 2},
        ],
    )
    during = summaries(world.describe("e"))["candidate"]
    assert (during["CurrentWeight"], during["DesiredWeight"]) == (0.0, 25.0)
    assert (during["CurrentInstanceCount"], during["DesiredInstanceCount"]) == (1, 2)
    after = summaries(world.settled("e"))
    assert (after["live"]["CurrentWeight"], after["candidate"]["CurrentWeight"]) == (75.0, 25.0)
    assert after["candidate"]["CurrentInstanceCount"] == 2
    world.sagemaker.capacity.set_desired("endpoint/e/variant/candidate", 1)
    seen = world.sagemaker.capacity.get("endpoint/e/variant/candidate")
    assert seen is not None
    assert seen[:4] == (2, 1, False, "ml.m5.large")
    world.settled("e")
    world.until(lambda: world.engine.running() == 2)
    assert world.sagemaker.capacity.get("endpoint/e/variant/other") is None


def test_a_capacity_change_without_capacity_rolls_back_to_the_old_count(world: World) -> None:
    world.config("one", variant())
    world.endpoint("e", "one")
    world.sagemaker.fail_next_deployment("e")
    world.sagemaker.capacity.set_desired("endpoint/e/variant/live", 3)
    after = summaries(world.settled("e"))["live"]
    assert (after["CurrentInstanceCount"], after["DesiredInstanceCount"]) == (1, 1)


@pytest.mark.parametrize(
    ("retain", "expected"),
    [
        ({}, (1, 1.0)),
        ({"RetainAllVariantProperties": True}, (2, 5.0)),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
            },
            (2, 1.0),
        ),
    ],
)
def test_an_update_retains_what_it_is_told_to(
    world: World, retain: dict[str, object], expected: tuple[int, float]
) -> None:
    world.config("one", variant(count=2, weight=5.0))
    world.config("two", variant(count=1, weight=1.0))
    world.endpoint("e", "one")
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="two", **retain)
    live = summaries(world.settled("e"))["live"]
    assert (live["CurrentInstanceCount"], live["CurrentWeight"]) == expected


def test_rejects_what_aws_refuses_of_weights_capacities_and_retained_properties(world: World) -> None:
    world.config("one", variant(), variant("candidate", weight=0.0))
    world.endpoint("e", "one")
    both = [{"VariantName": name, "DesiredInstanceCount": 2} for name in ("live", "candidate")]
    zero = [{"VariantName": name, "DesiredWeight": 0.0} for name in ("live", "candidate")]
    none = [{"VariantName": "live", "DesiredInstanceCount": 0}]
    unknown = [{"VariantName": "other", "DesiredWeight": 1.0}]
    refusals = {
        "capacity of one": both,
        "greater than 0": zero,
        "at least 1": none,
        "Could not find": unknown,
    }
    for message, change in refusals.items():
        with pytest.raises(AwsError, match=message):
            world.call(
                "UpdateEndpointWeightsAndCapacities", EndpointName="e", DesiredWeightsAndCapacities=change
            )
    excluded = [{"VariantPropertyType": "DesiredWeight"}]
    with pytest.raises(AwsError, match="requires RetainAllVariantProperties"):
        world.call(
            "UpdateEndpoint",
            EndpointName="e",
            EndpointConfigName="one",
            ExcludeRetainedVariantProperties=excluded,
        )
    assert world.describe("e")["EndpointStatus"] == "InService"


def test_rejects_changing_the_type_of_or_removing_a_scaled_variant(world: World) -> None:
    world.config("one", variant())
    world.config("bigger", variant(kind="ml.m5.xlarge"))
    world.config("renamed", variant("main"))
    world.config("beside", variant(model="good"), variant("candidate", weight=0.0))
    world.endpoint("e", "one")
    world.scaled.add(("e", "live"))
    for config in ("bigger", "renamed"):
        with pytest.raises(AwsError, match="scalable target"):
            world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName=config)
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="beside")
    assert world.settled("e")["EndpointConfigName"] == "beside"


def test_a_config_and_a_model_in_use_can_be_deleted(world: World) -> None:
    world.config("one", variant())
    world.endpoint("e", "one")
    world.call("DeleteEndpointConfig", EndpointConfigName="one")
    world.call("DeleteModel", ModelName="good")
    assert world.invoke("e")[0] == 200
    with pytest.raises(AwsError, match="Could not find endpoint configuration"):
        world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="one")
