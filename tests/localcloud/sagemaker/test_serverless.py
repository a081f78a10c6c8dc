import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from localcloud.errors import AwsError
from localcloud.protocol import Response
from tests.localcloud.sagemaker.objects_world import ROLE
from tests.localcloud.sagemaker.sagemaker_world import World, sent, summaries, variant


def serverless(
    *, memory: int = 2048, most: int = 2, warm: int | None = None, model: str = "good"
) -> dict[str, Any]:
    size = {"MemorySizeInMB": memory, "MaxConcurrency": most}
    size |= {"ProvisionedConcurrency": warm} if warm else {}
    return {"VariantName": "live", "ModelName": model, "ServerlessConfig": size}


def together(world: World, requests: int) -> list[Response]:
    async def send() -> list[Response]:
        body = b'{"sleep": 0.3}'
        return await asyncio.gather(*(world.sagemaker.invoke("e", body, sent()) for _ in range(requests)))

    return asyncio.run(send())


def total(world: World, metric: str) -> float:
    dimensions = {"EndpointName": "e", "VariantName": "live"}
    return world.metrics.sum("AWS/SageMaker", metric, dimensions, 0, world.clock.now() + 1)


def test_a_worker_starts_with_the_first_request_and_ends_when_it_has_been_idle(world: World) -> None:
    world.config("one", serverless())
    described = summaries(world.endpoint("e", "one"))["live"]
    assert described["CurrentServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 2}
    assert "CurrentInstanceCount" not in described
    world.until(lambda: world.engine.running() == 0)

    first, second = (json.loads(world.invoke("e")[2])["pid"] for _ in range(2))
    assert first == second, "a warm worker answers the second request"
    world.sagemaker.flush_metrics()
    assert total(world, "Invocations") == 2
    assert 0 < total(world, "ModelSetupTime") <= total(world, "OverheadLatency")
    assert total(world, "ModelLatency") < total(world, "ModelSetupTime")
    assert total(world, "InvocationsPerInstance") == 0
    world.until(lambda: world.engine.running() == 0)
    assert json.loads(world.invoke("e")[2])["pid"] != first


def test_rejects_more_requests_at_once_than_max_concurrency_with_429(world: World) -> None:
    world.config("one", serverless(most=2))
    world.endpoint("e", "one")
    answers = together(world, 5)
    assert Counter(status for status, _, _ in answers) == {200: 2, 429: 3}
    refusal = next(headers for status, headers, _ in answers if status == 429)
    assert refusal["x-amzn-ErrorType"] == "ThrottlingException"
    assert len({json.loads(body)["pid"] for status, _, body in answers if status == 200}) == 2
    world.sagemaker.flush_metrics()
    assert total(world, "Invocations") == 2


def test_provisioned_concurrency_keeps_workers_warm_and_spills_over_to_cold_ones(world: World) -> None:
    world.config("one", serverless(most=3, warm=2))
    world.endpoint("e", "one")
    assert world.engine.running() == 2
    assert {status for status, _, _ in together(world, 3)} == {200}
    world.sagemaker.flush_metrics()
    assert total(world, "ServerlessProvisionedConcurrencySpilloverInvocations") == 1
    assert total(world, "ServerlessProvisionedConcurrencyInvocations") == 2
    assert total(world, "ServerlessProvisionedConcurrencyUtilization") == pytest.approx(0.5 + 1 + 1)
    world.until(lambda: world.engine.running() == 2)


def test_concurrency_changes_in_place_and_weights_and_counts_do_not_mix(world: World) -> None:
    world.config("one", serverless(most=2))
    world.endpoint("e", "one")
    change: dict[str, Any] = {"VariantName": "live", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 1}}
    world.call("UpdateEndpointWeightsAndCapacities", EndpointName="e", DesiredWeightsAndCapacities=[change])
    during = summaries(world.describe("e"))["live"]
    assert "ProvisionedConcurrency" not in during["CurrentServerlessConfig"]
    assert during["DesiredServerlessConfig"]["ProvisionedConcurrency"] == 1
    after = summaries(world.settled("e"))["live"]
    assert after["CurrentServerlessConfig"]["ProvisionedConcurrency"] == 1
    world.until(lambda: world.engine.running() == 1)
    seen = world.sagemaker.capacity.get("endpoint/e/variant/live")
    assert seen is not None
    assert (seen.current, seen.dimension) == (1, "sagemaker:variant:DesiredProvisionedConcurrency")
    world.sagemaker.capacity.set_desired("endpoint/e/variant/live", 2)
    world.settled("e")
    world.until(lambda: world.engine.running() == 2)
    for member, value in {
        "DesiredInstanceCount": 2,
        "ServerlessUpdateConfig": {"MaxConcurrency": 1, "ProvisionedConcurrency": 2},
    }.items():
        change = {"VariantName": "live", member: value}
        with pytest.raises(AwsError, match=r"DesiredInstanceCount cannot|must not exceed"):
            world.call(
                "UpdateEndpointWeightsAndCapacities", EndpointName="e", DesiredWeightsAndCapacities=[change]
            )


def test_a_serverless_endpoint_is_updated_becomes_one_of_instances_and_never_goes_back(world: World) -> None:
    world.config("one", serverless())
    world.config("broken", serverless(model="bad"))
    world.config("instances", variant())
    world.endpoint("e", "one")
    old = json.loads(world.invoke("e")[2])["pid"]
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="broken")
    assert world.settled("e")["EndpointConfigName"] == "one"
    assert world.invoke("e")[0] == 200
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="instances")
    assert world.settled("e")["EndpointConfigName"] == "instances"
    assert json.loads(world.invoke("e")[2])["pid"] != old
    world.until(lambda: world.engine.running() == 1)
    with pytest.raises(AwsError, match="cannot be converted to a serverless"):
        world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="one")


def test_a_serverless_endpoint_whose_container_does_not_start_fails(world: World) -> None:
    world.config("broken", serverless(model="bad"))
    failed = world.endpoint("e", "broken")
    assert failed["EndpointStatus"] == "Failed"
    assert "weights.bin is missing" in failed["FailureReason"]


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ([serverless(memory=1536)], "MemorySizeInMB must be one of"),
        ([serverless(memory=8192)], "less than or equal to 6144"),
        ([serverless(most=1, warm=2)], "must not exceed MaxConcurrency"),
        ([{**serverless(), "InstanceType": "ml.m5.large"}], "ServerlessConfig excludes InstanceType"),
        ([serverless(), variant("other")], "one production variant"),
        ([serverless(model="inside")], "do not support VpcConfig"),
    ],
)
def test_rejects_what_serverless_endpoints_do_not_have(
    world: World, variants: list[dict[str, Any]], message: str
) -> None:
    world.call(
        "CreateModel",
        ModelName="inside",
        PrimaryContainer={"Image": "image:1", "ModelDataUrl": "s3://models/good.tar.gz"},
        ExecutionRoleArn=ROLE,
        VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    )
    with pytest.raises(AwsError, match=message):
        world.config("one", *variants)


def test_rejects_guardrails_for_a_serverless_endpoint(world: World) -> None:
    world.config("one", serverless())
    world.endpoint("e", "one")
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    rules = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}
    with pytest.raises(AwsError, match="real-time and asynchronous"):
        world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="one", DeploymentConfig=rules)


def test_rejects_a_body_beyond_4_mb(world: World) -> None:
    world.config("one", serverless())
    world.endpoint("e", "one")
    assert world.invoke("e", b"1" * (4 * 1024 * 1024 + 1))[0] == 413
