import asyncio
import json
import time
from typing import Any

import pytest

from localcloud.errors import AwsError
from localcloud.protocol import Response
from tests.localcloud.sagemaker.sagemaker_world import World, sent, summaries, variant

TOPICS = {
    "SuccessTopic": "arn:aws:sns:us-east-1:000000000000:good",
    "ErrorTopic": "arn:aws:sns:us-east-1:000000000000:bad",
}


def asynchronous(*, most: int = 1, **output: Any) -> dict[str, Any]:
    out = {"S3OutputPath": "s3://out/good/", "S3FailurePath": "s3://out/bad", "NotificationConfig": TOPICS}
    client = {"MaxConcurrentInvocationsPerInstance": most}
    return {"AsyncInferenceConfig": {"ClientConfig": client, "OutputConfig": out | output}}


def endpoint(world: World, *, count: int = 1, most: int = 1) -> None:
    world.config("one", variant(count=count), **asynchronous(most=most))
    world.endpoint("e", "one")


def ask(world: World, payload: bytes = b"1", /, *, name: str = "in", **headers: str) -> Response:
    location = f"s3://in/{name}"
    if payload:
        world.objects[location] = payload
    given = {"x-amzn-sagemaker-inputlocation": location, "x-amzn-sagemaker-content-type": "application/json"}
    given |= {"x-amzn-sagemaker-inference-id": "mine"}
    given |= {f"x-amzn-sagemaker-{key.replace('_', '')}": value for key, value in headers.items()}
    return asyncio.run(world.sagemaker.invoke_async("e", b"", given))


def total(world: World, metric: str, **more: str) -> float:
    dimensions = {"EndpointName": "e", **more}
    return world.metrics.sum("AWS/SageMaker", metric, dimensions, 0, world.clock.now() + 1)


def scale(world: World, count: int) -> None:
    world.sagemaker.capacity.set_desired("endpoint/e/variant/live", count)
    world.settled("e")


def test_a_request_is_accepted_and_its_answer_appears_in_s3_and_on_the_topic(world: World) -> None:
    endpoint(world)
    status, headers, body = ask(world, b'{"sleep": 0.2}')
    assert status == 202
    output = headers["X-Amzn-SageMaker-OutputLocation"]
    assert output.startswith("s3://out/good/")
    assert output.endswith(".out")
    assert output not in world.objects, "the answer comes later"
    world.until(lambda: bool(world.told))
    assert json.loads(world.objects[output])["data"] == {"sleep": 0.2}
    ((topic, _, message),) = world.told
    told = json.loads(message)
    assert topic.endswith(":good")
    assert (told["invocationStatus"], told["eventName"]) == ("Completed", "InferenceResult")
    assert told["responseParameters"] == {"contentType": "application/json", "outputLocation": output}
    assert told["inferenceId"] == json.loads(body)["InferenceId"] == "mine"
    world.until(lambda: total(world, "InvocationsProcessed", VariantName="live") == 1)
    assert total(world, "Invocations", VariantName="live") == 0
    assert total(world, "TotalProcessingTime", VariantName="live") > 0


@pytest.mark.parametrize(
    ("payload", "reason", "stored"),
    [
        (b'"bug"', "Received server error (500)", b"ValueError: negative width"),
        (b"", "Could not find model data", b"ClientError: Could not find model data at s3://in/in."),
        (b'{"sleep": 1.5}', "no answer in time", b"InternalServerError: no answer in time"),
    ],
)
def test_a_failure_appears_in_s3_and_on_the_other_topic(
    world: World, payload: bytes, reason: str, stored: bytes
) -> None:
    endpoint(world)
    _, headers, _ = ask(world, payload, invocation_timeout_seconds="1")
    world.until(lambda: bool(world.told))
    ((topic, _, message),) = world.told
    told = json.loads(message)
    assert topic.endswith(":bad")
    assert (told["invocationStatus"], told["inferenceId"]) == ("Failed", "mine")
    assert reason in told["failureReason"]
    assert world.objects[headers["X-Amzn-SageMaker-FailureLocation"]] == stored
    assert headers["X-Amzn-SageMaker-OutputLocation"] not in world.objects
    world.until(lambda: total(world, "InvocationFailures", VariantName="live") == 1)


def test_an_instance_works_on_as_many_requests_at_once_as_it_may(world: World) -> None:
    endpoint(world, count=2)
    for number in range(6):
        ask(world, b'{"sleep": 0.15}', name=str(number))
    table = world.sagemaker._runtime._routes.find("e")
    assert table is not None
    (route,) = table.every.routes
    most = 0
    while len(world.told) < 6:
        in_hand = [instance.outstanding for instance in route.instances]
        assert max(in_hand) <= 1
        most = max(most, sum(in_hand))
        time.sleep(0.005)
    assert most == 2
    answers = [
        json.loads(data)["pid"] for uri, data in world.objects.items() if uri.startswith("s3://out/good")
    ]
    assert len(set(answers)) == 2


def test_a_queue_waits_for_instances_tells_its_backlog_and_scales_from_and_to_zero(world: World) -> None:
    endpoint(world)
    scale(world, 0)
    assert summaries(world.describe("e"))["live"]["CurrentInstanceCount"] == 0
    seen = world.sagemaker.capacity.get("endpoint/e/variant/live")
    assert seen is not None
    assert (seen.current, seen.fewest) == (0, 0)
    world.until(lambda: world.engine.running() == 0)
    for number in range(3):
        ask(world, name=str(number))
    world.until(lambda: total(world, "HasBacklogWithoutCapacity") >= 1)
    assert total(world, "ApproximateBacklogSize") >= 3
    assert total(world, "ApproximateBacklogSizePerInstance") >= 3
    world.until(lambda: total(world, "ApproximateAgeOfOldestRequest") > 0)
    assert total(world, "ApproximateBacklogSize", VariantName="live") == 0
    assert world.told == []

    scale(world, 1)
    world.until(lambda: len(world.told) == 3)
    before = total(world, "HasBacklogWithoutCapacity")
    end = world.clock.now() + 200
    world.until(lambda: world.clock.now() > end)
    assert total(world, "HasBacklogWithoutCapacity") == before


def test_a_request_that_is_too_old_expires(world: World) -> None:
    endpoint(world)
    scale(world, 0)
    ask(world, request_t_t_l_seconds="60")
    end = world.clock.now() + 120
    world.until(lambda: world.clock.now() > end)
    scale(world, 1)
    world.until(lambda: bool(world.told))
    assert "expired" in json.loads(world.told[0][2])["failureReason"]
    world.until(lambda: total(world, "ExpiredRequests", VariantName="live") == 1)


def test_requests_survive_an_update_and_end_with_their_endpoint(world: World) -> None:
    endpoint(world)
    scale(world, 0)
    ask(world)
    world.config("two", variant(), **asynchronous())
    world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="two")
    world.settled("e")
    world.until(lambda: len(world.told) == 1)
    world.call("DeleteEndpoint", EndpointName="e")
    world.until(lambda: not world.call("ListEndpoints")["Endpoints"])
    assert ask(world)[0] == 400


def test_rejects_the_wrong_way_to_call_and_to_change(world: World) -> None:
    endpoint(world)
    world.config("plain", variant())
    status, headers, _ = world.invoke("e")
    assert (status, headers["x-amzn-ErrorType"]) == (400, "ValidationError")
    with pytest.raises(AwsError, match="needs AsyncInferenceConfig"):
        world.call("UpdateEndpoint", EndpointName="e", EndpointConfigName="plain")
    world.endpoint("p", "plain")
    answer = asyncio.run(world.sagemaker.invoke_async("p", b"", sent()))
    assert b"not an asynchronous" in answer[2]
    with pytest.raises(AwsError, match="at least 1"):
        world.sagemaker.capacity.set_desired("endpoint/p/variant/live", 0)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"request_t_t_l_seconds": "59"}, (400, "greater than or equal to 60")),
        ({"request_t_t_l_seconds": "soon"}, (400, "whole number")),
        ({"invocation_timeout_seconds": "3601"}, (400, "less than or equal to 3600")),
        ({"input_location": "ftp://in"}, (400, "pattern")),
        ({"filename": "mine"}, (501, "InvokeEndpointAsync.Filename")),
    ],
)
def test_rejects_parameters_out_of_bounds(
    shared: World, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    status, _, body = ask(shared, b"1", **headers)
    assert status == expected[0]
    assert expected[1] in body.decode()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (asynchronous(S3OutputPath=None), "without S3OutputPath"),
        (
            asynchronous(NotificationConfig={"IncludeInferenceResponseIn": ["SUCCESS_NOTIFICATION_TOPIC"]}),
            "IncludeInferenceResponseIn",
        ),
    ],
)
def test_rejects_answers_that_would_not_go_to_s3(world: World, more: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError, match=message):
        world.config("one", variant(), **more)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = World(tmp_path_factory.mktemp("shared"))
    endpoint(made)
    yield made
    made.close()
