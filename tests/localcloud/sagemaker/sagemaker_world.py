"""A SageMaker with real model processes, no other service, and a fast clock."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud.protocol import Response
from tests.localcloud.sagemaker.objects_world import ROLE, SCALE, ObjectsWorld, packed

ECHO = """
import json, os, time
def model_fn(model_dir):
    return os.environ.get("ANSWER", "echo")
def input_fn(body, content_type):
    if content_type == "application/x-unknown":
        raise UnsupportedFormatError(content_type)
    return json.loads(body)
def predict_fn(data, model):
    if data == "crash":
        os._exit(3)
    if data == "bug":
        raise ValueError("negative width")
    if isinstance(data, dict):
        time.sleep(data["sleep"])
    return {"model": model, "data": data, "pid": os.getpid()}
def output_fn(prediction, accept):
    return json.dumps(prediction), "application/json"
class UnsupportedFormatError(Exception):
    pass
"""
BROKEN = "def model_fn(model_dir):\n    raise RuntimeError('weights.bin is missing')\n"


def archive(script: str, *, name: str = "code/inference.py") -> bytes:
    """Return a model.tar.gz with one file."""
    return packed({name: script})


class World(ObjectsWorld):
    """The service under test and what surrounds it."""

    def __init__(self, folder: Path, *, scale: float = SCALE, seed: int = 7) -> None:
        self.scaled: set[tuple[str, str]] = set()
        self.alarms: dict[str, str] = {}
        self.told: list[tuple[str, str, str]] = []
        super().__init__(
            folder,
            {"s3://models/good.tar.gz": archive(ECHO), "s3://models/bad.tar.gz": archive(BROKEN)},
            scale=scale,
            is_scaled=lambda endpoint, variant: (endpoint, variant) in self.scaled,
            seed=seed,
            notify=lambda *told: self.told.append(told),
            alarm_states=lambda names: {name: self.alarms[name] for name in names if name in self.alarms},
        )
        for name in ("good", "bad"):
            self.model(name, data=f"s3://models/{name}.tar.gz")

    def model(self, name: str, *, data: str, environment: Mapping[str, str] | None = None) -> None:
        container = {"Image": "image:1", "ModelDataUrl": data, "Environment": dict(environment or {})}
        self.call("CreateModel", ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)

    def config(self, name: str, *variants: dict[str, Any], **more: Any) -> None:
        self.call("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=list(variants), **more)

    def endpoint(self, name: str, config: str) -> dict[str, Any]:
        self.call("CreateEndpoint", EndpointName=name, EndpointConfigName=config)
        return self.settled(name)

    def describe(self, name: str) -> dict[str, Any]:
        return self.call("DescribeEndpoint", EndpointName=name)

    def settled(self, name: str) -> dict[str, Any]:
        self.until(lambda: self.describe(name)["EndpointStatus"] in ("InService", "Failed"))
        return self.describe(name)

    def statuses(self, endpoint: str) -> list[str]:
        wanted = "SageMaker Endpoint State Change"
        found = [detail for _, kind, detail, _ in self.events if kind == wanted]
        return [detail["EndpointStatus"] for detail in found if detail["EndpointName"] == endpoint]

    def invoke(self, endpoint: str, body: bytes = b"1", **headers: str) -> Response:
        return asyncio.run(self.sagemaker.invoke(endpoint, body, sent(**headers)))


def sent(*, target: str | None = None, content_type: str = "application/json") -> dict[str, str]:
    headers = {"content-type": content_type}
    return headers | ({"x-amzn-sagemaker-target-variant": target} if target else {})


def variant(
    name: str = "live", *, model: str = "good", weight: float = 1.0, count: int = 1, kind: str = "ml.m5.large"
) -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": model,
        "InitialInstanceCount": count,
        "InstanceType": kind,
        "InitialVariantWeight": weight,
    }


def summaries(described: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["VariantName"]: each for each in described["ProductionVariants"]}
