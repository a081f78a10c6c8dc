"""A CloudWatch on a clock that is advanced by hand, and boto3 clients in front of another one."""

import asyncio
import json
import socket
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
import uvicorn

from localcloud.clock import CloudClock
from localcloud.cloudwatch import CloudWatch

MIDNIGHT = 1_800_000_000 // 86_400 * 86_400


class ManualClock(CloudClock):
    """Time as a number; timers run when `advance` passes them."""

    def __init__(self, time: float = MIDNIGHT) -> None:
        super().__init__(1.0)
        self.time = time
        self.timers: list[tuple[float, int, Callable[[], object]]] = []

    def now(self) -> float:
        return self.time

    def after(self, cloud_seconds: float, fn: Callable[[], object]) -> Any:
        self.timers.append((self.time + cloud_seconds, len(self.timers), fn))

    def advance(self, seconds: float) -> None:
        end = self.time + seconds
        while due := sorted(timer for timer in self.timers if timer[0] <= end):
            self.timers.remove(due[0])
            self.time = due[0][0]
            due[0][2]()
        self.time = end


@dataclass
class World:
    """A CloudWatch, its clock, and what it told the world."""

    clock: ManualClock
    cloudwatch: CloudWatch
    events: list[dict[str, Any]]
    messages: list[tuple[str, str, str]]

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        return self.cloudwatch.call(operation, params)

    def state(self, name: str) -> str:
        found = self.call("DescribeAlarms", AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        return str((found["MetricAlarms"] + found["CompositeAlarms"])[0]["StateValue"])

    def record(self, value: float, *, name: str = "Errors", ago: float = 0.0, **dimensions: str) -> None:
        """Record a sample of the metric that `alarm` watches by default."""
        chosen = dimensions or {"VariantName": "candidate"}
        self.cloudwatch.metrics.record("Test", name, chosen, value, "Count", self.clock.now() - ago)

    def alarm(self, name: str = "broken", **changes: Any) -> None:
        """Put an alarm on the sum of Errors over a minute being above 5."""
        single = {
            "Namespace": "Test",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "VariantName", "Value": "candidate"}],
            "Statistic": "Sum",
            "Period": 60,
        }
        params = {
            "AlarmName": name,
            "EvaluationPeriods": 1,
            "Threshold": 5.0,
            "ComparisonOperator": "GreaterThanThreshold",
            **({} if "Metrics" in changes else single),
            **changes,
        }
        self.call("PutMetricAlarm", **{key: value for key, value in params.items() if value is not None})


@pytest.fixture
def world() -> World:
    clock = ManualClock()
    events: list[dict[str, Any]] = []
    messages: list[tuple[str, str, str]] = []

    def emit(source: str, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
        events.append({"source": source, "type": detail_type, "detail": detail, "resources": resources})

    def notify(topic: str, subject: str, message: str) -> None:
        messages.append((topic, subject, message))

    return World(clock, CloudWatch(clock, emit, notify=notify), events, messages)


class Host:
    """An ASGI application in front of a CloudWatch that can be exchanged for a fresh one."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self.cloudwatch = CloudWatch(ManualClock(), lambda *_: None)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = urllib.parse.parse_qs(scope["query_string"].decode())
        answered = await self.cloudwatch.handle(scope["method"], scope["path"], headers, body, query)
        content = {**answered[1], "content-length": str(len(answered[2]))}
        sent = [(name.encode(), value.encode()) for name, value in content.items()]
        await send({"type": "http.response.start", "status": answered[0], "headers": sent})
        await send({"type": "http.response.body", "body": answered[2]})


@pytest.fixture(scope="module")
def host() -> Host:
    return Host()


@pytest.fixture(scope="module")
def url(host: Host) -> Iterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(host, log_config=None, lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module", params=["as boto3 chooses", "query"])
def _client(request: pytest.FixtureRequest, url: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a client; for the query protocol, one whose service model knows no other."""
    session = botocore.session.Session()
    if request.param == "query":
        models = tmp_path_factory.mktemp("models")
        _write_query_model(models / "cloudwatch" / "2010-08-01")
        session.set_config_variable("data_path", str(models))
    return boto3.session.Session(botocore_session=session).client(
        "cloudwatch",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        endpoint_url=url,
    )


@pytest.fixture
def client(_client: Any, host: Host) -> Any:
    """Return a client of a CloudWatch that nobody has used yet."""
    host.renew()
    return _client


def _write_query_model(folder: Path) -> None:
    loader = botocore.session.Session().get_component("data_loader")
    model = loader.load_service_model("cloudwatch", "service-2")
    model["metadata"] |= {"protocol": "query", "protocols": ["query"]}
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps(model))
