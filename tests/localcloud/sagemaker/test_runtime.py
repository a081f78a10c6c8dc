import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from localcloud.protocol import Response
from tests.localcloud.sagemaker.sagemaker_world import World, sent, variant

MICROSECONDS = 1_000_000


def served(response: Response) -> str:
    assert response[0] == 200, response
    return response[1]["x-Amzn-Invoked-Production-Variant"]


async def many(world: World, endpoint: str, count: int, body: bytes = b"1") -> list[Response]:
    gate = asyncio.Semaphore(8)

    async def one() -> Response:
        async with gate:
            return await world.sagemaker.invoke(endpoint, body, sent())

    return await asyncio.gather(*(one() for _ in range(count)))


def total(world: World, name: str, variant_name: str = "live") -> float:
    dimensions = {"EndpointName": "e", "VariantName": variant_name}
    return world.metrics.sum("AWS/SageMaker", name, dimensions, 0, world.clock.now() + 1)


def test_traffic_follows_the_weights_and_target_variant_overrides_them(world: World) -> None:
    world.config("one", variant(weight=3.0), variant("b", weight=1.0), variant("dark", weight=0.0))
    world.endpoint("e", "one")
    counts = Counter(map(served, asyncio.run(many(world, "e", 2000))))
    assert counts["dark"] == 0
    assert abs(counts["b"] - 500) < 5 * (2000 * 0.25 * 0.75) ** 0.5
    assert served(world.invoke("e", target="dark")) == "dark"


def test_an_answer_carries_body_and_content_type_of_the_model(world: World) -> None:
    world.model("tuned", data="s3://models/good.tar.gz", environment={"ANSWER": "tuned"})
    world.config("one", variant(model="tuned"))
    world.endpoint("e", "one")
    status, headers, body = world.invoke("e", b'{"sleep": 0}')
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert json.loads(body)["model"] == "tuned"


def test_a_model_error_is_a_424_with_what_the_model_said_and_counts_against_its_variant(world: World) -> None:
    world.config("one", variant())
    world.endpoint("e", "one")
    status, headers, body = world.invoke("e", b'"bug"')
    error = json.loads(body)
    assert (status, headers["x-amzn-ErrorType"]) == (424, "ModelError")
    assert (error["OriginalStatusCode"], error["OriginalMessage"]) == (500, "ValueError: negative width")
    assert ":log-group:/aws/sagemaker/Endpoints/e:log-stream:live/i-" in error["LogStreamArn"]
    assert (
        json.loads(world.invoke("e", b"1", content_type="application/x-unknown")[2])["OriginalStatusCode"]
        == 415
    )
    world.invoke("e", b"1")
    world.sagemaker.flush_metrics()
    assert total(world, "Invocations") == 3
    assert total(world, "Invocation5XXErrors") == 1
    assert total(world, "Invocation4XXErrors") == 1
    assert total(world, "InvocationModelErrors") == 2


def test_a_process_that_dies_is_a_model_error_and_then_unavailable(world: World) -> None:
    world.config("one", variant())
    world.endpoint("e", "one")
    status, _, body = world.invoke("e", b'"crash"')
    assert (status, json.loads(body)["OriginalStatusCode"]) == (424, 0)
    world.until(lambda: world.engine.running() == 0)
    assert world.invoke("e")[:1] == (503,)
    world.sagemaker.flush_metrics()
    assert (total(world, "Invocations"), total(world, "InvocationModelErrors")) == (1, 1)
    assert total(world, "Invocation5XXErrors") == 0


def test_the_metrics_of_an_interval_appear_when_it_is_over_and_add_up_to_the_requests(world: World) -> None:
    metrics = {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 300}
    world.config("one", variant(weight=1.0, count=2), variant("b", weight=1.0), MetricsConfig=metrics)
    world.endpoint("e", "one")
    world.until(lambda: world.clock.now() % 300 < 60)
    counts = Counter(map(served, asyncio.run(many(world, "e", 40))))
    world.until(lambda: total(world, "Invocations") + total(world, "Invocations", "b") == 40)
    assert total(world, "Invocations") == counts["live"]
    assert total(world, "Invocations", "b") == counts["b"]
    assert total(world, "InvocationsPerInstance") == pytest.approx(counts["live"] / 2)
    assert 0 < total(world, "ModelLatency") / counts["live"] < MICROSECONDS
    assert total(world, "OverheadLatency") > 0


def test_requests_in_hand_are_counted_as_each_arrives(world: World) -> None:
    world.config("one", variant(count=1))
    world.endpoint("e", "one")
    asyncio.run(many(world, "e", 5))
    assert total(world, "ConcurrentRequestsPerModel") == 1 + 2 + 3 + 4 + 5


def test_metrics_are_held_back_until_their_interval_is_over(tmp_path: Any) -> None:
    slow = World(tmp_path, scale=1.0)
    try:
        from localcloud.sagemaker.invocation_metrics import Invocation, InvocationMetrics

        metrics = InvocationMetrics(slow.clock, slow.metrics)
        invocation = Invocation(
            endpoint="e",
            variant="live",
            config="one",
            at=slow.clock.now() // 300 * 300 + 1,
            status=200,
            instances=1,
            model_seconds=0.001,
            overhead_seconds=0.001,
        )
        metrics.add(invocation, interval_seconds=300)
        assert total(slow, "Invocations") == 0
        metrics.flush()
        assert slow.metrics.sum(
            "AWS/SageMaker", "Invocations", {"EndpointName": "e", "VariantName": "live"}, 0, invocation.at + 1
        )
    finally:
        slow.close()


def test_no_request_is_lost_while_a_fleet_is_replaced_and_scaled_in(world: World) -> None:
    world.config("one", variant(count=2))
    world.endpoint("e", "one")
    responses: list[Response] = []

    async def traffic() -> None:
        working = True

        async def client() -> None:
            while working:
                responses.append(await world.sagemaker.invoke("e", b'{"sleep": 0.002}', sent()))

        clients = [asyncio.create_task(client()) for _ in range(6)]
        await asyncio.to_thread(world.call, "UpdateEndpoint", EndpointName="e", EndpointConfigName="one")
        await asyncio.to_thread(world.settled, "e")
        await asyncio.to_thread(world.sagemaker.capacity.set_desired, "endpoint/e/variant/live", 1)
        await asyncio.to_thread(world.settled, "e")
        await asyncio.to_thread(world.until, lambda: world.engine.running() == 1)
        working = False
        await asyncio.gather(*clients)

    asyncio.run(traffic())
    assert Counter(status for status, _, _ in responses) == {200: len(responses)}
    assert len({json.loads(body)["pid"] for _, _, body in responses}) >= 3
    world.sagemaker.flush_metrics()
    assert total(world, "Invocations") == len(responses)


@pytest.mark.parametrize(
    ("endpoint", "body", "headers", "expected"),
    [
        ("nobody", b"1", {}, (400, "ValidationError")),
        ("E", b"1", {}, (400, "ValidationError")),
        ("e", b"1", {"x-amzn-sagemaker-target-variant": "other"}, (400, "ValidationError")),
        ("e", b"1" * (6 * 1024 * 1024 + 1), {}, (413, "ValidationError")),
        ("e", b"1", {"x-amzn-sagemaker-target-model": "a.tar.gz"}, (400, "ValidationError")),
        ("e", b"1", {"x-amzn-sagemaker-session-id": "NEW_SESSION"}, (501, "NotEmulated")),
    ],
)
def test_rejects_requests_that_reach_no_model(
    shared: World, endpoint: str, body: bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    status, answered, _ = asyncio.run(shared.sagemaker.invoke(endpoint, body, sent() | headers))
    assert (status, answered["x-amzn-ErrorType"]) == expected
    shared.sagemaker.flush_metrics()
    assert total(shared, "Invocations") == 0


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = World(tmp_path_factory.mktemp("shared"))
    made.config("one", variant())
    made.endpoint("e", "one")
    yield made
    made.close()
