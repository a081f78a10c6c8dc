"""InvokeEndpoint.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import asyncio
import random
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from localcloud.clock import CloudClock
from localcloud.errors import AwsError, NotEmulated
from localcloud.hosting import Call, Host, Taken, request_head
from localcloud.hosting.client import Answer
from localcloud.protocol import Response
from localcloud.sagemaker.addressing import COMPONENT, call_for
from localcloud.sagemaker.answers import error_response, model_error, success_headers
from localcloud.sagemaker.asking import ask, worker_of
from localcloud.sagemaker.capture import DataCapture
from localcloud.sagemaker.invocation_metrics import Invocation, InvocationMetrics
from localcloud.sagemaker.names import ACCOUNT
from localcloud.sagemaker.routing import Route, Routes, Shadow

_LARGEST_BODY: Final = 6 * 1024 * 1024
_LARGEST_SERVERLESS_BODY: Final = 4 * 1024 * 1024
_MODEL_SECONDS: Final = 60.0
_TARGET_VARIANT: Final = "x-amzn-sagemaker-target-variant"
_NOT_EMULATED: Final = {
    "x-amzn-sagemaker-enable-explanations": "EnableExplanations",
    "x-amzn-sagemaker-session-id": "SessionId",
    "x-amzn-sagemaker-prefix-aware-id": "PrefixAwareId",
}


class _Reserved(NamedTuple):
    """Where a request goes: the route, what answers, the way within it, the worker it is."""

    route: Route
    host: Host
    call: Call | None
    worker: Taken | None


class Runtime:
    """Sends invocations to model processes.

    Args:
        clock: the cloud clock.
        routes: where requests go.
        metrics: told of every request that reached a model.
        capture: keeps requests and answers that are to be captured.
        rng: chooses variants and instances.
        model_seconds: real seconds that a model may take.

    """

    def __init__(
        self,
        clock: CloudClock,
        routes: Routes,
        metrics: InvocationMetrics,
        capture: DataCapture,
        *,
        rng: random.Random,
        model_seconds: float = _MODEL_SECONDS,
    ) -> None:
        self._clock = clock
        self._routes = routes
        self._metrics = metrics
        self._capture = capture
        self._copies: set[asyncio.Task[None]] = set()
        self._rng = rng
        self._model_seconds = model_seconds

    async def invoke(self, endpoint_name: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Answer one InvokeEndpoint request.

        Args:
            endpoint_name: as created; case matters here.
            body: at most 6 MB.
            headers: HTTP headers with names in lower case.

        Returns:
            Status, headers and body; a refusal or a model's error as AWS shapes it.

        """
        began = time.perf_counter()
        try:
            _check(body, headers)
            taken = await self._take(endpoint_name, headers, len(body))
        except AwsError as error:
            return error_response(error.status, error.code, {"Message": error.message})
        route, host, call, _ = taken
        if taken.worker is None:
            self._metrics.concurrent(endpoint_name, route.variant, host.outstanding)
        if route.shadow is not None:
            self._copy(endpoint_name, route.shadow, body, headers)
        sent = time.perf_counter()
        try:
            answer, problem = await self._ask(host, body, headers, call)
        except AwsError as error:
            return error_response(error.status, error.code, {"Message": error.message})
        finally:
            host.end()
        answered = time.perf_counter()
        self._metrics.add(
            Invocation(
                endpoint=endpoint_name,
                variant=route.variant,
                at=self._clock.now(),
                status=answer.status,
                config=route.config,
                instances=route.capacity,
                model_seconds=answered - sent,
                overhead_seconds=(sent - began) + (time.perf_counter() - answered),
                taken=taken.worker,
                call=call,
                component=route.component,
            ),
            interval_seconds=route.metrics_seconds,
        )
        if 200 <= answer.status < 300:
            if route.capture is not None:
                self._capture.add(route.capture, f"{endpoint_name}/{route.variant}", headers, body, answer)
            return 200, success_headers(answer, route), answer.body
        return model_error(endpoint_name, route, host, answer, problem, call)

    def _copy(self, endpoint_name: str, shadow: Shadow, body: bytes, headers: Mapping[str, str]) -> None:
        """Send a copy to a shadow variant, if this request's turn has come, and do not wait for it."""
        if self._rng.random() >= shadow.share:
            return
        task = asyncio.get_running_loop().create_task(
            self._shadow(endpoint_name, shadow.route, body, headers)
        )
        self._copies.add(task)
        task.add_done_callback(self._copies.discard)

    async def _shadow(
        self, endpoint_name: str, route: Route, body: bytes, headers: Mapping[str, str]
    ) -> None:
        host = route.pick(self._rng)
        if host is None:
            return
        sent = time.perf_counter()
        try:
            answer, _ = await self._ask(host, body, headers, None)
        finally:
            host.end()
        self._metrics.add(
            Invocation(
                endpoint=endpoint_name,
                variant=route.variant,
                at=self._clock.now(),
                status=answer.status,
                config=route.config,
                instances=route.capacity,
                model_seconds=time.perf_counter() - sent,
                overhead_seconds=0.0,
            ),
            interval_seconds=route.metrics_seconds,
        )
        if route.capture is not None and 200 <= answer.status < 300:
            self._capture.add(route.capture, f"{endpoint_name}/{route.variant}", headers, body, answer)

    async def _take(self, endpoint_name: str, headers: Mapping[str, str], size: int) -> _Reserved:
        while True:
            route, host, call = self._reserve(endpoint_name, headers)
            if host is not None:
                return _Reserved(route, host, call, None)
            assert route.workers is not None  # noqa: S101 - `_reserve` raises without a host
            _check_size(size, _LARGEST_SERVERLESS_BODY)
            worker = await worker_of(route.workers)
            if worker is not None:
                return _Reserved(route, worker.instance, call, worker)

    def _reserve(
        self, endpoint_name: str, headers: Mapping[str, str]
    ) -> tuple[Route, Host | None, Call | None]:
        table = None
        while (newest := self._routes.find(endpoint_name)) is not table:
            if newest is None:
                break
            table = newest
            if table.asynchronous is not None:
                message = f"Endpoint {endpoint_name} is asynchronous: InvokeEndpointAsync invokes it."
                raise AwsError("ValidationError", message)
            route = table.choose(self._rng, headers.get(_TARGET_VARIANT))
            call = call_for(route, headers)
            if route.mode == "Components":
                route, call = self._component(endpoint_name, headers[COMPONENT]), None
            host = route.pick(self._rng, call.target if call is not None else None)
            if host is not None or route.workers is not None:
                return route, host, call
            # None was free: a fleet that has just been replaced is a reason to look again.
        if newest is None:
            raise AwsError("ValidationError", f"Endpoint {endpoint_name} of account {ACCOUNT} not found.")
        raise AwsError("ServiceUnavailable", "No instance of the variant is available.", 503)

    def _component(self, endpoint_name: str, name: str) -> Route:
        route = self._routes.component(endpoint_name, name)
        if route is None:
            message = f"Inference component {name} not found on endpoint {endpoint_name}."
            raise AwsError("ValidationError", message)
        if not route.instances:
            self._metrics.no_capacity(name, at=self._clock.now())
            message = f"Inference component {name} has no capacity to process this request."
            raise AwsError("ValidationError", message)
        return route

    async def _ask(
        self, host: Host, body: bytes, headers: Mapping[str, str], call: Call | None
    ) -> tuple[Answer, str | None]:
        seconds = self._model_seconds
        return await ask(host, request_head(headers), body, call, timeout_seconds=seconds)


def _check(body: bytes, headers: Mapping[str, str]) -> None:
    _check_size(len(body), _LARGEST_BODY)
    for header, parameter in _NOT_EMULATED.items():
        if header in headers:
            raise NotEmulated(f"SageMaker InvokeEndpoint.{parameter}")


def _check_size(size: int, largest: int) -> None:
    if size > largest:
        raise AwsError("ValidationError", f"Request body exceeds {largest} bytes.", 413)
