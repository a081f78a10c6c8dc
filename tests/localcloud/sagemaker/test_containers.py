import asyncio
import json
from typing import Any

import pytest

from localcloud.errors import AwsError
from localcloud.protocol import Response
from tests.localcloud.sagemaker.objects_world import ROLE
from tests.localcloud.sagemaker.sagemaker_world import BROKEN, ECHO, World, archive, sent, variant

UNITS = """
import json
def model_fn(model_dir):
    return 10
def input_fn(body, content_type):
    return (json.loads(body), content_type)
def predict_fn(data, model):
    if data[0] == "bug":
        raise ValueError("no number")
    return [data[0] * model, data[1]]
def output_fn(prediction, accept):
    return json.dumps(prediction), "application/x-units"
"""
AFTER = """
import json
def model_fn(model_dir):
    return 1
def input_fn(body, content_type):
    return [json.loads(body), content_type]
def predict_fn(data, model):
    return data
def output_fn(prediction, accept):
    return json.dumps([*prediction, accept]), "application/json"
"""


def model(world: World, *names: str, mode: str | None = None, named: bool = True) -> None:
    scripts = {"units": UNITS, "after": AFTER, "echo": ECHO, "broken": BROKEN}
    world.objects |= {f"s3://models/{name}": archive(script) for name, script in scripts.items()}
    containers = [
        {"Image": f"{name}:1", "ModelDataUrl": f"s3://models/{name}"}
        | ({"ContainerHostname": name} if named else {})
        for name in names
    ]
    more = {"InferenceExecutionConfig": {"Mode": mode}} if mode else {}
    world.call("CreateModel", ModelName="m", Containers=containers, ExecutionRoleArn=ROLE, **more)


def endpoint(world: World, *names: str, mode: str | None = None, count: int = 1, named: bool = True) -> Any:
    model(world, *names, mode=mode, named=named)
    world.config("one", variant(model="m", count=count))
    return world.endpoint("e", "one")


def ask(world: World, body: bytes = b"7", /, **headers: str) -> Response:
    return asyncio.run(world.sagemaker.invoke("e", body, sent() | headers))


def latency(world: World, container: str) -> float:
    dimensions = {"EndpointName": "e", "VariantName": "live", "ContainerName": container}
    return world.metrics.sum("AWS/SageMaker", "ContainerLatency", dimensions, 0, world.clock.now() + 1)


def test_a_pipeline_hands_each_answer_on_with_its_content_type(world: World) -> None:
    described = endpoint(world, "units", "after", count=2)
    (live,) = described["ProductionVariants"]
    assert [image["SpecifiedImage"] for image in live["DeployedImages"]] == ["units:1", "after:1"]
    assert world.engine.running() == 4
    status, _, body = ask(world, accept="text/x-last")
    assert status == 200
    assert json.loads(body) == [[70, "application/json"], "application/x-units", "text/x-last"]
    world.sagemaker.flush_metrics()
    assert latency(world, "units") > 0
    assert latency(world, "after") > 0
    world.sagemaker.capacity.set_desired("endpoint/e/variant/live", 1)
    world.settled("e")
    world.until(lambda: world.engine.running() == 2)


def test_an_error_in_a_pipeline_names_its_container_and_stops_there(world: World) -> None:
    endpoint(world, "units", "after", named=False)
    status, _, body = ask(world, b'"bug"')
    assert status == 424
    error = json.loads(body)
    assert "server error (500) from container-1" in error["Message"]
    assert error["OriginalMessage"] == "ValueError: no number"
    assert error["LogStreamArn"].endswith("/container-1")
    world.sagemaker.flush_metrics()
    assert latency(world, "container-2") == 0


def test_a_direct_endpoint_asks_the_container_that_the_request_names(world: World) -> None:
    endpoint(world, "units", "echo", mode="Direct")
    answers = {
        name: json.loads(ask(world, b"7", **{"x-amzn-sagemaker-target-container-hostname": name})[2])
        for name in ("units", "echo")
    }
    assert answers["units"] == [70, "application/json"]
    assert answers["echo"]["model"] == "echo"
    for headers, message in (
        ({}, "TargetContainerHostname is required"),
        ({"x-amzn-sagemaker-target-container-hostname": "other"}, "none of units, echo"),
    ):
        status, answered, body = ask(world, b"7", **headers)
        assert (status, answered["x-amzn-ErrorType"]) == (400, "ValidationError")
        assert message in body.decode()


def test_a_container_that_does_not_start_fails_the_endpoint_by_name(world: World) -> None:
    failed = endpoint(world, "units", "broken")
    assert failed["EndpointStatus"] == "Failed"
    assert "container broken" in failed["FailureReason"]
    world.until(lambda: world.engine.running() == 0)


@pytest.mark.parametrize(
    ("names", "more", "message"),
    [
        (("units", "units"), {}, "must be unique"),
        (("units", "after"), {"mode": "Direct", "named": False}, "needs ContainerHostname"),
        (("units",) * 16, {"named": False}, "length less than or equal to 15"),
    ],
)
def test_rejects_containers_that_cannot_be_told_apart(
    world: World, names: tuple[str, ...], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(AwsError, match=message):
        model(world, *names, **more)
