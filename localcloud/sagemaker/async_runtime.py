"""InvokeEndpointAsync: a queue for each endpoint, and what works it off.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
"""

import asyncio
import json
import random
import threading
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from localcloud.clock import CloudClock
from localcloud.errors import AwsError
from localcloud.protocol import Response
from localcloud.sagemaker.answers import error_response
from localcloud.sagemaker.async_config import AsyncSettings
from localcloud.sagemaker.async_metrics import record_backlog
from localcloud.sagemaker.async_request import AsyncRequest
from localcloud.sagemaker.async_work import AsyncWork, Failed, Notify
from localcloud.sagemaker.invocation_metrics import MetricSink
from localcloud.sagemaker.names import ACCOUNT
from localcloud.sagemaker.routing import Routes, Table
from localcloud.sagemaker.transform import Objects

_LOOK_SECONDS: Final = 10.0
_PUBLISH_SECONDS: Final = 60.0


@dataclass(slots=True, kw_only=True)
class _Queue:
    """The requests of one endpoint."""

    waiting: deque[AsyncRequest] = field(default_factory=deque)
    running: set[asyncio.Task[None]] = field(default_factory=set)
    published: float = 0.0


class AsyncRuntime:
    """Queues requests and works them off on an event loop of its own.

    Args:
        clock: the cloud clock.
        routes: where requests go.
        sink: where samples of metrics go.
        objects: S3.
        notify: publishes to an SNS topic: ARN, subject, message.
        rng: chooses variants and instances.

    """

    def __init__(
        self,
        clock: CloudClock,
        routes: Routes,
        sink: MetricSink,
        objects: Objects,
        notify: Notify,
        *,
        rng: random.Random,
    ) -> None:
        self._clock = clock
        self._routes = routes
        self._sink = sink
        self._work = AsyncWork(clock, sink, objects, notify)
        self._rng = rng
        self._lock = threading.Lock()
        self._queues: dict[str, _Queue] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def follow(self, endpoint_name: str) -> None:
        """Work off the queue of an endpoint, and publish its backlog, until it is forgotten."""
        with self._lock:
            self._queues[endpoint_name] = _Queue()
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="async-inference", daemon=True).start()
        self._clock.after(_LOOK_SECONDS, lambda: self._look(endpoint_name))

    def forget(self, endpoint_name: str) -> None:
        """Drop an endpoint and what is queued for it."""
        with self._lock:
            self._queues.pop(endpoint_name, None)

    def close(self) -> None:
        """End the event loop; a second time does nothing."""
        with self._lock:
            self._queues.clear()
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)

    async def invoke(self, endpoint_name: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Queue one request and answer 202 with where its result will be.

        Args:
            endpoint_name: as created; case matters here.
            body: must be empty, the payload is in S3.
            headers: HTTP headers with names in lower case.

        """
        try:
            table = self._routes.find(endpoint_name)
            if table is None:
                message = f"Endpoint {endpoint_name} of account {ACCOUNT} not found."
                raise AwsError("ValidationError", message)
            settings = _settings(table)
            now = self._clock.now()
            request = AsyncRequest.read(endpoint_name, headers, settings, body=body, now=now)
        except AwsError as error:
            return error_response(error.status, error.code, {"Message": error.message})
        with self._lock:
            self._queues[endpoint_name].waiting.append(request)
        self._wake(endpoint_name)
        answered = {
            "Content-Type": "application/json",
            "X-Amzn-SageMaker-OutputLocation": request.output_location,
            "x-amzn-RequestId": str(uuid.uuid4()),
        }
        if request.failure_location:
            answered["X-Amzn-SageMaker-FailureLocation"] = request.failure_location
        return 202, answered, json.dumps({"InferenceId": request.inference_id}).encode()

    def _look(self, name: str) -> None:
        queue = self._queues.get(name)
        if queue is None:
            return
        if queue.waiting:
            self._wake(name)
        now, table = self._clock.now(), self._routes.find(name)
        if now - queue.published >= _PUBLISH_SECONDS and table is not None:
            queue.published = now
            oldest = next(iter(list(queue.waiting)[:1]), None)
            record_backlog(
                self._sink,
                name,
                queued=len(queue.waiting),
                running=len(queue.running),
                instances=sum(len(route.instances) for route in table.every.routes),
                oldest_seconds=now - oldest.received if oldest else 0.0,
                at=now,
            )
        self._clock.after(_LOOK_SECONDS, lambda: self._look(name))

    def _wake(self, name: str) -> None:
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._dispatch, name)

    def _dispatch(self, name: str) -> None:
        """Give requests to instances as long as one has room. Runs on the own event loop, like all below."""
        queue, table = self._queues.get(name), self._routes.find(name)
        if queue is None or table is None or table.asynchronous is None:
            return
        while queue.waiting:
            if queue.waiting[0].expires <= self._clock.now():
                self._expire(queue.waiting.popleft(), table)
                continue
            route = table.choose(self._rng, None)
            instance = route.pick_below(self._rng, table.asynchronous.most_per_instance)
            if instance is None:
                return
            work = self._work.carry_out(queue.waiting.popleft(), route, instance, table.asynchronous)
            task = asyncio.get_running_loop().create_task(work)
            queue.running.add(task)
            task.add_done_callback(queue.running.discard)
            task.add_done_callback(lambda _task: self._dispatch(name))

    def _expire(self, request: AsyncRequest, table: Table) -> None:
        failed = Failed("The request expired in the queue.", metric="ExpiredRequests")
        self._work.conclude(request, table.every.routes[0].variant, _settings(table), failed, {})


def _settings(table: Table) -> AsyncSettings:
    if table.asynchronous is None:
        raise AwsError(
            "ValidationError", f"Endpoint {table.endpoint} is not an asynchronous inference endpoint."
        )
    return table.asynchronous
