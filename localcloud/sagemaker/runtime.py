"""InvokeEndpoint.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import json
import random
import time
import uuid
from collections.abc import Mapping
from typing import Final

from localcloud.clock import CloudClock
from localcloud.errors import AwsError, NotEmulated
from localcloud.hosting import Instance, LaunchFailed, Taken, TooManyRequests, WorkerPool
from localcloud.hosting.client import Answer, InstanceTimeout, InstanceUnreachable
from localcloud.protocol import Response
from localcloud.sagemaker.invocation_metrics import Invocation, InvocationMetrics
from localcloud.sagemaker.names import ACCOUNT, REGION
from localcloud.sagemaker.routing import Route, Routes

_LARGEST_BODY: Final = 6 * 1024 * 1024
_LARGEST_SERVERLESS_BODY: Final = 4 * 1024 * 1024
_MODEL_SECONDS: Final = 60.0
_TARGET_VARIANT: Final = "x-amzn-sagemaker-target-variant"
_CUSTOM_ATTRIBUTES: Final = "x-amzn-sagemaker-custom-attributes"
_NOT_EMULATED: Final = {
    "x-amzn-sagemaker-target-model": "TargetModel",
    "x-amzn-sagemaker-target-container-hostname": "TargetContainerHostname",
    "x-amzn-sagemaker-enable-explanations": "EnableExplanations",
    "x-amzn-sagemaker-inference-component": "InferenceComponentName",
    "x-amzn-sagemaker-session-id": "SessionId",
    "x-amzn-sagemaker-prefix-aware-id": "PrefixAwareId",
}
_NO_ANSWER: Final = 0


class Runtime:
    """Sends invocations to model processes.

    Args:
        clock: the cloud clock.
        routes: where requests go.
        metrics: told of every request that reached a model.
        rng: chooses variants and instances.
        model_seconds: real seconds that a model may take.

    """

    def __init__(
        self,
        clock: CloudClock,
        routes: Routes,
        metrics: InvocationMetrics,
        *,
        rng: random.Random,
        model_seconds: float = _MODEL_SECONDS,
    ) -> None:
        self._clock = clock
        self._routes = routes
        self._metrics = metrics
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
            route, instance, taken = await self._take(endpoint_name, headers.get(_TARGET_VARIANT), len(body))
        except AwsError as error:
            return error_response(error.status, error.code, {"Message": error.message})
        sent = time.perf_counter()
        try:
            answer, problem = await self._ask(instance, body, headers)
        finally:
            instance.end()
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
                taken=taken,
            ),
            interval_seconds=route.metrics_seconds,
        )
        if 200 <= answer.status < 300:
            return 200, _success_headers(answer, route), answer.body
        return _model_error(endpoint_name, route, instance, answer, problem)

    async def _take(
        self, endpoint_name: str, target: str | None, size: int
    ) -> tuple[Route, Instance, Taken | None]:
        while True:
            route, instance = self._reserve(endpoint_name, target)
            if route.workers is None:
                assert instance is not None  # noqa: S101 - `_reserve` raises without one
                return route, instance, None
            _check_size(size, _LARGEST_SERVERLESS_BODY)
            taken = await _worker(route.workers)
            if taken is not None:
                return route, taken.instance, taken

    def _reserve(self, endpoint_name: str, target: str | None) -> tuple[Route, Instance | None]:
        table = None
        while (newest := self._routes.find(endpoint_name)) is not table:
            if newest is None:
                break
            table = newest
            if table.asynchronous is not None:
                message = f"Endpoint {endpoint_name} is asynchronous: InvokeEndpointAsync invokes it."
                raise AwsError("ValidationError", message)
            route = table.choose(self._rng, target)
            instance = route.pick(self._rng)
            if instance is not None or route.workers is not None:
                return route, instance
            # None was free: a fleet that has just been replaced is a reason to look again.
        if newest is None:
            raise AwsError("ValidationError", f"Endpoint {endpoint_name} of account {ACCOUNT} not found.")
        raise AwsError("ServiceUnavailable", "No instance of the variant is available.", 503)

    async def _ask(
        self, instance: Instance, body: bytes, headers: Mapping[str, str]
    ) -> tuple[Answer, str | None]:
        try:
            head = request_head(headers)
            return await instance.invoke(head, body, timeout_seconds=self._model_seconds), None
        except InstanceTimeout:
            return Answer(_NO_ANSWER, {}, b""), f"no answer within {self._model_seconds:g} s"
        except InstanceUnreachable as error:
            return Answer(_NO_ANSWER, {}, b""), str(error)


async def _worker(workers: WorkerPool) -> Taken | None:
    try:
        return await workers.take()
    except TooManyRequests:
        raise AwsError("ThrottlingException", "Rate exceeded", 429) from None
    except LaunchFailed as error:
        raise AwsError("ModelError", f"The container did not start: {error}", 424) from error


def _check(body: bytes, headers: Mapping[str, str]) -> None:
    _check_size(len(body), _LARGEST_BODY)
    for header, parameter in _NOT_EMULATED.items():
        if header in headers:
            raise NotEmulated(f"SageMaker InvokeEndpoint.{parameter}")


def _check_size(size: int, largest: int) -> None:
    if size > largest:
        raise AwsError("ValidationError", f"Request body exceeds {largest} bytes.", 413)


def request_head(headers: Mapping[str, str]) -> bytes:
    """Return the beginning of a request to a container, with the headers that SageMaker hands on."""
    lines = ["POST /invocations HTTP/1.1", "Host: 127.0.0.1"]
    for name in ("content-type", "accept", _CUSTOM_ATTRIBUTES):
        if name in headers:
            lines.append(f"{name}: {headers[name]}")
    return ("\r\n".join(lines) + "\r\n").encode("latin-1")


def _success_headers(answer: Answer, route: Route) -> dict[str, str]:
    headers = {
        "Content-Type": answer.headers.get("content-type", "application/octet-stream"),
        "x-Amzn-Invoked-Production-Variant": route.variant,
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    if _CUSTOM_ATTRIBUTES in answer.headers:
        headers["X-Amzn-SageMaker-Custom-Attributes"] = answer.headers[_CUSTOM_ATTRIBUTES]
    return headers


def _model_error(
    endpoint_name: str, route: Route, instance: Instance, answer: Answer, problem: str | None
) -> Response:
    text = problem or answer.body.decode(errors="replace")
    side = "client" if 400 <= answer.status < 500 else "server"
    group = f"/aws/sagemaker/Endpoints/{endpoint_name}"
    document = {
        "Message": f'Received {side} error ({answer.status}) from primary with message "{text}".',
        "OriginalStatusCode": answer.status,
        "OriginalMessage": text,
        "LogStreamArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"
        f":log-stream:{route.variant}/{instance.instance_id}",
    }
    return error_response(424, "ModelError", document)


def error_response(status: int, code: str, document: Mapping[str, object]) -> Response:
    """Return a refusal of the runtime API in the shape that botocore parses."""
    headers = {
        "Content-Type": "application/json",
        "x-amzn-ErrorType": code,
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    return status, headers, json.dumps(document).encode()
