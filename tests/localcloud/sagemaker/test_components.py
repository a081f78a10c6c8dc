import asyncio
import json
from typing import Any

import pytest

from localcloud.errors import AwsError, NotEmulated
from localcloud.protocol import Response
from tests.localcloud.sagemaker.objects_world import ROLE
from tests.localcloud.sagemaker.sagemaker_world import World, sent, variant

NEEDS = {"MinMemoryRequiredInMb": 1024, "NumberOfCpuCoresRequired": 1}


def fleet(name: str = "live", *, count: int = 2) -> dict[str, Any]:
    scaling = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 2}
    return {
        "VariantName": name,
        "InstanceType": "ml.m5.xlarge",
        "InitialInstanceCount": count,
        "ManagedInstanceScaling": scaling,
    }


def endpoint(world: World) -> None:
    for version in ("cats", "dogs"):
        world.model(version, data="s3://models/good.tar.gz", environment={"ANSWER": version})
    world.config("one", fleet(), ExecutionRoleArn=ROLE)
    world.endpoint("e", "one")


def component(world: World, name: str, *, copies: int = 1, model: str | None = None) -> dict[str, Any]:
    world.call(
        "CreateInferenceComponent",
        InferenceComponentName=name,
        EndpointName="e",
        VariantName="live",
        Specification={"ModelName": model or name, "ComputeResourceRequirements": NEEDS},
        RuntimeConfig={"CopyCount": copies},
    )
    return settled(world, name)


def describe(world: World, name: str) -> dict[str, Any]:
    return world.call("DescribeInferenceComponent", InferenceComponentName=name)


def settled(world: World, name: str) -> dict[str, Any]:
    final = ("InService", "Failed")
    world.until(lambda: describe(world, name)["InferenceComponentStatus"] in final)
    return describe(world, name)


def ask(world: World, name: str | None, body: bytes = b"1") -> Response:
    headers = sent() | ({"x-amzn-sagemaker-inference-component": name} if name else {})
    return asyncio.run(world.sagemaker.invoke("e", body, headers))


def answer(world: World, name: str) -> dict[str, Any]:
    status, _, body = ask(world, name)
    assert status == 200
    return dict(json.loads(body))


def total(world: World, metric: str, **dimensions: str) -> float:
    return world.metrics.sum("AWS/SageMaker", metric, dimensions, 0, world.clock.now() + 1)


def test_two_models_share_an_endpoint_and_each_request_names_one(world: World) -> None:
    endpoint(world)
    assert world.engine.running() == 0
    described = component(world, "cats", copies=2)
    assert described["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    component(world, "dogs")
    assert world.engine.running() == 3
    assert {answer(world, name)["model"] for name in ("cats", "dogs")} == {"cats", "dogs"}
    assert len({answer(world, "cats")["pid"] for _ in range(20)}) == 2
    world.sagemaker.flush_metrics()
    assert total(world, "Invocations", InferenceComponentName="cats") == 21
    assert total(world, "InvocationsPerCopy", InferenceComponentName="cats") == pytest.approx(10.5)
    assert total(world, "Invocations", EndpointName="e", VariantName="live") == 22
    listed = world.call(
        "ListInferenceComponents", EndpointNameEquals="e", SortBy="Name", SortOrder="Ascending"
    )
    assert [each["InferenceComponentName"] for each in listed["InferenceComponents"]] == ["cats", "dogs"]


def test_copies_scale_to_none_and_back(world: World) -> None:
    endpoint(world)
    component(world, "cats")
    resource = "inference-component/cats"
    world.sagemaker.capacity.set_desired(resource, 0)
    settled(world, "cats")
    seen = world.sagemaker.capacity.get(resource)
    assert seen is not None
    assert (seen.current, seen.fewest, seen.dimension) == (
        0,
        0,
        "sagemaker:inference-component:DesiredCopyCount",
    )
    world.until(lambda: world.engine.running() == 0)
    status, _, body = ask(world, "cats")
    assert (status, b"no capacity" in body) == (400, True)
    assert total(world, "NoCapacityInvocationFailures", InferenceComponentName="cats") == 1
    world.sagemaker.capacity.set_desired(resource, 2)
    assert settled(world, "cats")["RuntimeConfig"]["CurrentCopyCount"] == 2
    assert answer(world, "cats")["model"] == "cats"


def test_another_specification_replaces_the_copies_and_a_broken_one_leaves_them(world: World) -> None:
    endpoint(world)
    component(world, "cats")
    before = answer(world, "cats")["pid"]
    change = {"ModelName": "bad", "ComputeResourceRequirements": NEEDS}
    world.call("UpdateInferenceComponent", InferenceComponentName="cats", Specification=change)
    assert describe(world, "cats")["InferenceComponentStatus"] == "Updating"
    with pytest.raises(AwsError, match="in-progress inference component"):
        world.sagemaker.capacity.set_desired("inference-component/cats", 2)
    failed = settled(world, "cats")
    assert failed["Specification"]["ModelName"] == "cats"
    assert "weights.bin is missing" in failed["FailureReason"]
    assert answer(world, "cats")["pid"] == before
    change = {"ModelName": "dogs", "ComputeResourceRequirements": NEEDS}
    world.call("UpdateInferenceComponent", InferenceComponentName="cats", Specification=change)
    assert "FailureReason" not in settled(world, "cats")
    assert answer(world, "cats")["model"] == "dogs"
    world.until(lambda: world.engine.running() == 1)


def test_a_component_whose_model_does_not_load_fails_and_is_deleted(world: World) -> None:
    endpoint(world)
    failed = component(world, "cats", model="bad")
    assert failed["InferenceComponentStatus"] == "Failed"
    assert ask(world, "cats")[0] == 400
    with pytest.raises(AwsError, match="delete its inference components first: cats"):
        world.call("DeleteEndpoint", EndpointName="e")
    world.call("DeleteInferenceComponent", InferenceComponentName="cats")
    world.until(lambda: not world.call("ListInferenceComponents")["InferenceComponents"])
    world.call("DeleteEndpoint", EndpointName="e")
    world.until(lambda: not world.call("ListEndpoints")["Endpoints"])


def test_rejects_requests_and_components_in_the_wrong_place(world: World) -> None:
    endpoint(world)
    world.config("plain", variant())
    world.endpoint("p", "plain")
    assert b"InferenceComponentName is required" in ask(world, None)[2]
    assert b"not found" in ask(world, "nobody")[2]
    named = sent() | {"x-amzn-sagemaker-inference-component": "cats"}
    assert asyncio.run(world.sagemaker.invoke("p", b"1", named))[0] == 400
    request: dict[str, Any] = {
        "InferenceComponentName": "cats",
        "EndpointName": "e",
        "VariantName": "live",
        "Specification": {"ModelName": "cats", "ComputeResourceRequirements": NEEDS},
        "RuntimeConfig": {"CopyCount": 1},
    }
    for change, message in (
        ({"EndpointName": "p"}, "hosts no inference components"),
        ({"RuntimeConfig": {"CopyCount": 0}}, "at least 1"),
        ({"Specification": {"ModelName": "cats"}}, "ComputeResourceRequirements is required"),
        ({"Specification": {"ComputeResourceRequirements": NEEDS}}, "exactly one of ModelName and Container"),
    ):
        with pytest.raises(AwsError, match=message):
            world.call("CreateInferenceComponent", **(request | change))
    adapter = {"BaseInferenceComponentName": "base", "Container": {"ArtifactUrl": "s3://b/k"}}
    with pytest.raises(NotEmulated, match="BaseInferenceComponentName"):
        world.call("CreateInferenceComponent", **(request | {"Specification": adapter}))


def roll(world: World, *, bake: int = 60, **more: Any) -> None:
    policy = {"MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1}, "WaitIntervalInSeconds": bake, **more}
    rollback = {"Alarms": [{"AlarmName": "errors"}]}
    world.call(
        "UpdateInferenceComponent",
        InferenceComponentName="cats",
        Specification={"ModelName": "dogs", "ComputeResourceRequirements": NEEDS},
        DeploymentConfig={"RollingUpdatePolicy": policy, "AutoRollbackConfiguration": rollback},
    )


def versions(world: World) -> set[str]:
    return {answer(world, "cats")["model"] for _ in range(20)}


def test_a_rolling_update_replaces_copy_by_copy_and_goes_back_on_an_alarm(world: World) -> None:
    endpoint(world)
    component(world, "cats", copies=2)
    world.alarms["errors"] = "OK"
    roll(world, bake=3600)
    world.until(lambda: versions(world) == {"cats", "dogs"})
    world.until(lambda: world.engine.running() == 2)
    world.alarms["errors"] = "ALARM"
    back = settled(world, "cats")
    assert "alarm errors went off" in back["FailureReason"]
    assert back["Specification"]["ModelName"] == "cats"
    assert versions(world) == {"cats"}
    world.until(lambda: world.engine.running() == 2)

    world.alarms["errors"] = "OK"
    roll(world)
    after = settled(world, "cats")
    assert after["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    assert "FailureReason" not in after
    assert versions(world) == {"dogs"}
    world.until(lambda: world.engine.running() == 2)


def test_rejects_batches_and_alarms_that_there_are_not(world: World) -> None:
    endpoint(world)
    component(world, "cats", copies=2)
    with pytest.raises(AwsError, match="Could not find CloudWatch alarm"):
        roll(world)
    world.alarms["errors"] = "OK"
    with pytest.raises(AwsError, match="between 5 and 50"):
        roll(world, MaximumBatchSize={"Type": "COPY_COUNT", "Value": 2})
    with pytest.raises(NotEmulated, match="RollbackMaximumBatchSize"):
        roll(world, RollbackMaximumBatchSize={"Type": "COPY_COUNT", "Value": 1})


@pytest.mark.parametrize(
    ("given", "more", "message"),
    [
        (fleet(), {}, "ExecutionRoleArn is required"),
        (variant(), {"ExecutionRoleArn": ROLE}, "ExecutionRoleArn goes only with"),
        ({**fleet(), "ModelName": "good"}, {}, "needs a variant without a model"),
    ],
)
def test_rejects_fleets_that_are_half_of_each(
    world: World, given: dict[str, Any], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(AwsError, match=message):
        world.config("one", given, **more)
