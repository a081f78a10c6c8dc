import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from localcloud.errors import AwsError
from tests.localcloud.sagemaker.sagemaker_world import World, sent, variant

ONE = {"Type": "INSTANCE_COUNT", "Value": 1}
HALF = {"Type": "CAPACITY_PERCENT", "Value": 50}


def blue_green(kind: str, *, bake: int = 60, alarms: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    size = {"CANARY": {"CanarySize": ONE}, "LINEAR": {"LinearStepSize": HALF}}.get(kind, {})
    routing = {"Type": kind, "WaitIntervalInSeconds": bake, **size}
    return watched({"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, **more}}, alarms)


def rolling(*, bake: int = 60, alarms: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    policy = {"MaximumBatchSize": ONE, "WaitIntervalInSeconds": bake, **more}
    return watched({"RollingUpdatePolicy": policy}, alarms)


def watched(policy: dict[str, Any], alarms: tuple[str, ...]) -> dict[str, Any]:
    rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}}
    return policy | (rollback if alarms else {})


def two_versions(world: World, *, count: int = 2, kind: str = "ml.m5.large") -> None:
    world.alarms["errors"] = "OK"
    for version in ("old", "new"):
        world.model(version, data="s3://models/good.tar.gz", environment={"ANSWER": version})
        world.config(version, variant(model=version, count=count, kind=kind))
    world.endpoint("e", "old")


def update(world: World, rules: dict[str, Any], **more: Any) -> None:
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="new", DeploymentConfig=rules, **more)


def answers(world: World, requests: int = 60, target: str | None = None) -> Counter[str]:
    async def all_of_them() -> list[Any]:
        return [await world.sagemaker.invoke("e", b"1", sent(target=target)) for _ in range(requests)]

    return Counter(json.loads(body)["model"] for _, _, body in asyncio.run(all_of_them()))


def stages(world: World) -> list[str]:
    kind = "SageMaker Endpoint Deployment State Change"
    details = [detail for _, each, detail, _ in world.events if each == kind]
    pending = [detail["PendingDeploymentSummary"]["ProductionVariants"][0] for detail in details]
    return [each["VariantStatus"][0]["Status"] for each in pending]


def until_baking(world: World) -> dict[str, Any]:
    world.until(lambda: "Baking" in stages(world))
    return world.describe("e")


def test_a_canary_that_trips_an_alarm_returns_to_the_old_fleet_without_a_word(world: World) -> None:
    two_versions(world)
    before = {json.loads(world.invoke("e")[2])["pid"] for _ in range(20)}
    update(world, blue_green("CANARY", bake=3600, alarms=("errors",)))

    # WHEN the canary bakes THEN half of the requests reach it, also those with a target
    during = until_baking(world)
    assert (during["EndpointStatus"], during["EndpointConfigName"]) == ("Updating", "old")
    assert during["PendingDeploymentSummary"]["EndpointConfigName"] == "new"
    assert 10 <= answers(world)["new"] <= 50
    assert 10 <= answers(world, target="live")["new"] <= 50
    world.sagemaker.flush_metrics()
    per_fleet = [total(world, EndpointConfigName=name) for name in ("old", "new")]
    assert all(per_fleet)
    assert sum(per_fleet) == total(world)

    # WHEN the alarm goes off THEN the old fleet, which was never touched, serves alone
    world.alarms["errors"] = "ALARM"
    world.until(lambda: world.describe("e")["EndpointStatus"] == "RollingBack")
    assert answers(world) == {"old": 60}
    after = world.settled("e")
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", "old")
    assert "FailureReason" not in after
    assert "PendingDeploymentSummary" not in after
    assert {json.loads(world.invoke("e")[2])["pid"] for _ in range(20)} == before
    assert world.statuses("e")[-3:] == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]
    world.until(lambda: world.engine.running() == 2)


def total(world: World, **more: str) -> float:
    dimensions = {"EndpointName": "e", "VariantName": "live", **more}
    return world.metrics.sum("AWS/SageMaker", "Invocations", dimensions, 0, world.clock.now() + 1)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (
            blue_green("ALL_AT_ONCE", TerminationWaitInSeconds=60),
            ["Creating", "ActivatingTraffic", "Baking", "Baking"],
        ),
        (blue_green("CANARY"), ["Creating", *["ActivatingTraffic", "Baking"] * 2]),
        (blue_green("LINEAR"), ["Creating", *["ActivatingTraffic", "Baking"] * 2]),
        (rolling(), ["Creating", "ActivatingTraffic", "Baking"] * 2),
    ],
)
def test_an_update_without_an_alarm_passes_every_stage_and_ends_on_the_new_fleet(
    world: World, rules: dict[str, Any], expected: list[str]
) -> None:
    two_versions(world)
    update(world, rules)
    world.until(lambda: "Baking" in stages(world))
    assert world.engine.running() == (3 if "RollingUpdatePolicy" in rules else 4)
    after = world.settled("e")
    assert (after["EndpointConfigName"], after["LastDeploymentConfig"]) == ("new", rules)
    assert stages(world) == expected
    assert answers(world, 20) == {"new": 20}
    world.until(lambda: world.engine.running() == 2)


def test_a_rolling_update_that_trips_an_alarm_starts_the_instances_it_ended_again(world: World) -> None:
    two_versions(world)
    update(world, rolling(bake=600, alarms=("errors",)))
    world.until(lambda: stages(world).count("Baking") == 2)
    world.until(lambda: world.engine.running() == 3)
    world.alarms["errors"] = "ALARM"
    after = world.settled("e")
    assert after["EndpointConfigName"] == "old"
    assert after["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert answers(world, 20) == {"old": 20}
    world.until(lambda: world.engine.running() == 2)


def test_a_rolling_update_that_cannot_go_back_serves_both_and_can_only_be_deleted(world: World) -> None:
    two_versions(world)
    update(world, rolling(bake=600, alarms=("errors",)))
    world.until(lambda: stages(world).count("Baking") == 2)
    world.sagemaker.fail_next_deployment("e")
    world.alarms["errors"] = "ALARM"
    world.until(lambda: world.describe("e")["EndpointStatus"] == "UpdateRollbackFailed")
    assert answers(world, 5)
    with pytest.raises(AwsError, match="in-progress"):
        update(world, rolling())
    world.call("DeleteEndpoint", EndpointName="e")
    world.until(lambda: world.engine.running() == 0)


def test_an_update_that_exceeds_its_time_goes_back(world: World) -> None:
    two_versions(world)
    update(world, blue_green("LINEAR", bake=250, MaximumExecutionTimeoutInSeconds=600))
    assert world.settled("e")["EndpointConfigName"] == "old"
    assert world.statuses("e")[-2:] == ["ROLLING_BACK", "IN_SERVICE"]


def test_inf1_instances_silently_fall_back_to_all_at_once_without_a_bake(world: World) -> None:
    two_versions(world, kind="ml.inf1.xlarge")
    world.alarms["errors"] = "ALARM"
    update(world, blue_green("CANARY", bake=3600, alarms=("errors",)))
    assert world.settled("e")["EndpointConfigName"] == "new"
    assert stages(world) == ["Creating"]


def test_rolling_over_several_variants_silently_falls_back_to_all_at_once(world: World) -> None:
    both = [variant(count=2), variant("other", count=2)]
    world.config("old", *both)
    world.config("new", *both)
    world.endpoint("e", "old")
    update(world, rolling(bake=3600))
    assert world.settled("e")["EndpointConfigName"] == "new"
    assert stages(world) == ["Creating"]


def test_an_update_may_reuse_the_last_deployment_configuration(world: World) -> None:
    two_versions(world)
    update(world, blue_green("CANARY"))
    world.settled("e")
    world.events.clear()
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="old", RetainDeploymentConfig=True)
    world.settled("e")
    assert stages(world) == ["Creating", *["ActivatingTraffic", "Baking"] * 2]
    world.events.clear()
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="new")
    world.settled("e")
    assert stages(world) == ["Creating"]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({**blue_green("CANARY"), **rolling()}, "only one of"),
        (blue_green("CANARY", alarms=("nobody",)), "Could not find CloudWatch alarm"),
        (blue_green("LINEAR", bake=600, MaximumExecutionTimeoutInSeconds=600), "total waiting time"),
    ],
)
def test_rejects_guardrails_that_contradict_themselves(
    refusing: World, rules: dict[str, Any], message: str
) -> None:
    with pytest.raises(AwsError, match=message):
        update(refusing, rules)


@pytest.mark.parametrize(
    ("routing", "message"),
    [
        ({"Type": "CANARY"}, "CanarySize is required"),
        ({"Type": "ALL_AT_ONCE", "CanarySize": ONE}, "CanarySize does not go with"),
        ({"Type": "CANARY", "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 2}}, "between 1 and 50"),
        (
            {"Type": "CANARY", "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10}},
            "at least one instance",
        ),
        ({"Type": "LINEAR", "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 5}}, "between 10 and 50"),
    ],
)
def test_rejects_steps_that_the_fleet_does_not_have(
    refusing: World, routing: dict[str, Any], message: str
) -> None:
    routed = {"TrafficRoutingConfiguration": {"WaitIntervalInSeconds": 60, **routing}}
    with pytest.raises(AwsError, match=message) as refusal:
        update(refusing, {"BlueGreenUpdatePolicy": routed})
    assert refusal.value.code == "ValidationException"


def test_rejects_other_variant_names_under_guardrails(refusing: World) -> None:
    refusing.config("renamed", variant("other", count=2))
    with pytest.raises(AwsError, match="same variant names"):
        refusing.call(
            "UpdateEndpoint",
            EndpointName="e",
            EndpointConfigName="renamed",
            DeploymentConfig=blue_green("ALL_AT_ONCE"),
        )


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = World(tmp_path_factory.mktemp("refusing"))
    two_versions(made)
    yield made
    made.close()
