import asyncio
import base64
import json
from collections import Counter
from typing import Any

import pytest

from localcloud.errors import AwsError
from tests.localcloud.sagemaker.sagemaker_world import World, archive, sent, variant

CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://captured/here/",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
}


def send(world: World, requests: int, body: bytes = b"1", **headers: str) -> set[str]:
    """Return the versions that answered; copies on their way are waited for."""

    async def all_of_them() -> set[str]:
        given = sent() | headers
        answers = [await world.sagemaker.invoke("e", body, given) for _ in range(requests)]
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        return {json.loads(content)["model"] for status, _, content in answers if status == 200}

    answered = asyncio.run(all_of_them())
    world.sagemaker.flush_metrics()
    return answered


def total(world: World, name: str, metric: str = "Invocations") -> float:
    dimensions = {"EndpointName": "e", "VariantName": name}
    return world.metrics.sum("AWS/SageMaker", metric, dimensions, 0, world.clock.now() + 1)


def shadowed(world: World, *, weight: float = 0.5, model: str = "new") -> None:
    for version in ("old", "new"):
        world.model(version, data="s3://models/good.tar.gz", environment={"ANSWER": version})
    shadow = variant("shadow", model=model, weight=weight)
    world.config("one", variant(model="old"), ShadowProductionVariants=[shadow])
    world.endpoint("e", "one")


def captured(world: World) -> list[dict[str, Any]]:
    files = [data for uri, data in sorted(world.objects.items()) if uri.startswith("s3://captured/")]
    return [json.loads(line) for data in files for line in data.splitlines()]


def test_a_shadow_gets_copies_of_its_share_and_nobody_its_answers(world: World) -> None:
    shadowed(world)
    described = world.describe("e")
    assert [each["VariantName"] for each in described["ProductionVariants"]] == ["live"]
    assert [each["VariantName"] for each in described["ShadowProductionVariants"]] == ["shadow"]
    assert send(world, 60) == {"old"}
    assert total(world, "live") == 60
    assert 15 <= total(world, "shadow") <= 45
    assert world.invoke("e", target="shadow")[0] == 400

    # WHEN its weight changes THEN its share does
    change = [{"VariantName": "shadow", "DesiredWeight": 1.0}]
    world.call("UpdateEndpointWeightsAndCapacities", EndpointName="e", DesiredWeightsAndCapacities=change)
    world.settled("e")
    before = total(world, "shadow")
    send(world, 20)
    assert total(world, "shadow") == before + 20


def test_a_shadow_may_become_a_variant_without_traffic(world: World) -> None:
    shadowed(world)
    world.config("two", variant(model="old"), variant("candidate", model="new", weight=0))
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="two")
    described = world.settled("e")
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "two")
    assert "ShadowProductionVariants" not in described
    before = total(world, "shadow")
    assert send(world, 10) == {"old"}
    assert total(world, "shadow") == before
    assert world.invoke("e", target="candidate")[0] == 200


def test_a_shadow_that_fails_harms_nobody_and_is_seen_in_its_metrics(world: World) -> None:
    broken = "def model_fn(d):\n    return 1\ndef predict_fn(data, model):\n    raise ValueError('shadow')\n"

    world.objects["s3://models/broken"] = archive(broken)
    world.model("broken", data="s3://models/broken")
    shadowed(world, weight=1.0, model="broken")
    assert send(world, 10) == {"old"}
    assert total(world, "shadow", "Invocation5XXErrors") == 10
    assert total(world, "live", "Invocation5XXErrors") == 0


def test_a_shadow_takes_the_place_of_its_production_variant_by_an_update(world: World) -> None:
    shadowed(world)
    world.config("two", variant(model="new"))
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="two")
    assert "ShadowProductionVariants" not in world.settled("e")
    assert send(world, 5) == {"new"}
    world.until(lambda: world.engine.running() == 1)


@pytest.mark.parametrize(
    ("production", "more", "message"),
    [
        ([variant(), variant("b")], {}, "exactly one production variant"),
        ([variant(kind="ml.inf1.xlarge")], {}, "Inf1 instances"),
        (
            [variant()],
            {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://out"}}},
            "asynchronous endpoints",
        ),
    ],
)
def test_rejects_shadows_of_what_has_none(
    world: World, production: list[dict[str, Any]], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(AwsError, match=message):
        world.config("one", *production, ShadowProductionVariants=[variant("shadow")], **more)


def test_requests_and_answers_are_captured_as_lines_below_the_hour(world: World) -> None:
    world.config("one", variant(), DataCaptureConfig=CAPTURE)
    described = world.endpoint("e", "one")
    assert described["DataCaptureConfig"]["CaptureStatus"] == "Started"
    send(world, 1, b"7", **{"x-amzn-sagemaker-inference-id": "mine"})
    send(world, 1, b'"bug"')
    world.until(lambda: bool(captured(world)))
    (uri,) = [each for each in world.objects if each.startswith("s3://captured/")]
    assert uri.startswith("s3://captured/here/e/live/20")
    assert uri.endswith(".jsonl")
    assert len(uri.split("/")) == 11
    (line,) = captured(world)
    asked, answered = line["captureData"]["endpointInput"], line["captureData"]["endpointOutput"]
    assert asked == {
        "observedContentType": "application/json",
        "mode": "INPUT",
        "data": "7",
        "encoding": "JSON",
    }
    assert json.loads(answered["data"])["data"] == 7
    assert line["eventMetadata"]["inferenceId"] == "mine"


def test_a_share_of_one_side_is_captured_as_base64_unless_its_type_is_known(world: World) -> None:
    given = {**CAPTURE, "InitialSamplingPercentage": 50, "CaptureOptions": [{"CaptureMode": "Input"}]}
    del given["CaptureContentTypeHeader"]
    world.config("one", variant(), DataCaptureConfig=given)
    world.endpoint("e", "one")
    send(world, 60)
    world.until(lambda: bool(captured(world)))
    lines = captured(world)
    assert 15 <= len(lines) <= 45
    asked = lines[0]["captureData"]["endpointInput"]
    assert (asked["encoding"], base64.b64decode(asked["data"])) == ("BASE64", b"1")
    assert "endpointOutput" not in lines[0]["captureData"]


@pytest.mark.parametrize(
    ("retained", "captures"),
    [
        ({}, False),
        ({"RetainAllVariantProperties": True}, True),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DataCaptureConfig"}],
            },
            False,
        ),
    ],
)
def test_an_update_retains_the_capture_when_it_is_told_to(
    world: World, retained: dict[str, Any], captures: bool
) -> None:
    world.config("one", variant(), DataCaptureConfig=CAPTURE)
    world.config("two", variant())
    world.endpoint("e", "one")
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="two", **retained)
    assert ("DataCaptureConfig" in world.settled("e")) == captures


def test_rejects_capture_of_a_serverless_endpoint(world: World) -> None:
    size = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    serverless = {"VariantName": "live", "ModelName": "good", "ServerlessConfig": size}
    with pytest.raises(AwsError, match="do not support DataCaptureConfig"):
        world.config("one", serverless, DataCaptureConfig=CAPTURE)


def test_a_variant_may_pick_its_instances_by_chance(world: World) -> None:
    world.config("one", {**variant(count=2), "RoutingConfig": {"RoutingStrategy": "RANDOM"}})
    world.endpoint("e", "one")

    async def at_once() -> Counter[int]:
        body = b'{"sleep": 0.01}'
        asked = (world.sagemaker.invoke("e", body, sent()) for _ in range(31))
        return Counter(json.loads(content)["pid"] for _, _, content in await asyncio.gather(*asked))

    shares = asyncio.run(at_once()).values()
    assert len(shares) == 2
    assert max(shares) - min(shares) > 1, "by the fewest requests in hand they would differ by one"
