import asyncio
import json
from typing import Any

import pytest

from localcloud.errors import AwsError
from localcloud.hosting import ModelHost
from localcloud.protocol import Response
from tests.localcloud.sagemaker.objects_world import ROLE
from tests.localcloud.sagemaker.sagemaker_world import BROKEN, ECHO, World, archive, sent, variant

NAMED = ECHO.replace('os.environ.get("ANSWER", "echo")', "{name!r}")
PREFIX = "s3://models/many/"


def endpoint(world: World, *, count: int = 1, cached: bool = True) -> None:
    for name in ("a", "b", "c", "d", "e"):
        script = NAMED.replace("{name!r}", repr(name))
        world.objects[f"{PREFIX}{name}.tar.gz"] = archive(script)
    world.objects[f"{PREFIX}deep/broken.tar.gz"] = archive(BROKEN)
    container: dict[str, Any] = {"Image": "image:1", "Mode": "MultiModel", "ModelDataUrl": PREFIX}
    container |= {} if cached else {"MultiModelConfig": {"ModelCacheSetting": "Disabled"}}
    world.call("CreateModel", ModelName="many", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    world.config("one", variant(model="many", count=count))
    world.endpoint("m", "one")


def ask(world: World, model: str, body: bytes = b"1") -> Response:
    headers = sent() | {"x-amzn-sagemaker-target-model": model}
    return asyncio.run(world.sagemaker.invoke("m", body, headers))


def pid(world: World, model: str) -> int:
    status, _, body = ask(world, f"{model}.tar.gz")
    answer = json.loads(body)
    assert (status, answer["model"]) == (200, model)
    return int(answer["pid"])


def total(world: World, metric: str) -> float:
    dimensions = {"EndpointName": "m", "VariantName": "live"}
    return world.metrics.sum("AWS/SageMaker", metric, dimensions, 0, world.clock.now() + 1)


def test_each_model_is_a_process_that_starts_with_its_first_request_and_stays(world: World) -> None:
    endpoint(world, count=2)
    assert world.engine.running() == 0
    first = pid(world, "a")
    assert [pid(world, "a") for _ in range(5)] == [first] * 5, "requests go where the model is loaded"
    assert pid(world, "b") != first
    assert world.engine.running() == 2
    world.sagemaker.flush_metrics()
    assert (total(world, "Invocations"), total(world, "ModelCacheHit")) == (7, 5)
    assert total(world, "ModelLoadingWaitTime") > 0
    world.call("DeleteEndpoint", EndpointName="m")
    world.until(lambda: world.engine.running() == 0)


def test_the_model_used_longest_ago_makes_room_for_another(world: World) -> None:
    endpoint(world)
    first = {name: pid(world, name) for name in ("a", "b", "c", "d")}
    assert pid(world, "a") == first["a"]
    pid(world, "e")
    world.until(lambda: world.engine.running() == 4)
    assert pid(world, "a") == first["a"]
    assert pid(world, "b") != first["b"]


def test_a_model_that_dies_is_loaded_again(world: World) -> None:
    endpoint(world)
    first = pid(world, "a")
    assert ask(world, "a.tar.gz", b'"crash"')[0] == 424
    world.until(lambda: world.engine.running() == 0)
    assert pid(world, "a") != first


def test_without_a_cache_a_model_leaves_after_its_request(world: World) -> None:
    endpoint(world, cached=False)
    assert pid(world, "a") != pid(world, "a")
    world.until(lambda: world.engine.running() == 0)


def test_a_model_that_takes_long_to_load_is_not_ready_and_ready_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ModelHost.__init__, "__kwdefaults__", {**KWDEFAULTS, "load_seconds": 0.01})
    endpoint(world)
    status, headers, _ = ask(world, "a.tar.gz")
    assert (status, headers["x-amzn-ErrorType"]) == (429, "ModelNotReadyException")
    world.until(lambda: world.engine.running() == 1)
    world.until(lambda: ask(world, "a.tar.gz")[0] == 200)


KWDEFAULTS: dict[str, Any] = dict(ModelHost.__init__.__kwdefaults__ or {})


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-amzn-sagemaker-target-model": "nobody.tar.gz"}, (400, "Failed to download model data")),
        ({"x-amzn-sagemaker-target-model": "deep/broken.tar.gz"}, (424, "weights.bin is missing")),
        ({}, (400, "TargetModel is required")),
        (
            {"x-amzn-sagemaker-target-model": "a.tar.gz", "x-amzn-sagemaker-target-container-hostname": "x"},
            (400, "for direct multi-container endpoints only"),
        ),
    ],
)
def test_rejects_a_request_without_a_model_that_loads(
    shared: World, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    status, _, body = asyncio.run(shared.sagemaker.invoke("m", b"1", sent() | headers))
    assert status == expected[0]
    assert expected[1] in body.decode()


def test_rejects_a_single_archive_as_the_address_of_many(world: World) -> None:
    container = {"Image": "i", "Mode": "MultiModel", "ModelDataUrl": "s3://models/good.tar.gz"}
    with pytest.raises(AwsError, match="prefix that ends in /"):
        world.call("CreateModel", ModelName="many", PrimaryContainer=container, ExecutionRoleArn=ROLE)


def test_rejects_a_serverless_endpoint_of_many_models(world: World) -> None:
    endpoint(world)
    config = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    with pytest.raises(AwsError, match="one container with one model"):
        world.config("two", {"VariantName": "live", "ModelName": "many", "ServerlessConfig": config})


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = World(tmp_path_factory.mktemp("shared"))
    endpoint(made)
    yield made
    made.close()
