"""How requests reach the emulated services: off the event loop, and invocations by a short way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from localcloud.protocol import JsonService, Response, handle_json

_PREFIX = "/endpoints/"
_KINDS = ("/invocations", "/async-invocations")

Invoke = Callable[[str, bytes, Mapping[str, str]], Awaitable[Response]]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[Response]]


def json_handler(service: JsonService) -> Handler:
    """Return the gateway's handler of a JSON service; operations take locks, so they run on a thread."""

    async def handler(
        _method: str, _path: str, headers: dict[str, str], body: bytes, _query: dict[str, list[str]]
    ) -> Response:
        return await asyncio.to_thread(handle_json, service, headers, body)

    return handler


def sagemaker_handler(service: JsonService, invoke: Invoke, invoke_async: Invoke) -> Handler:
    """Return the handler of SageMaker: its runtime is signed for the same service as its control plane.

    Args:
        service: the control plane.
        invoke: carries out one invocation of endpoint name, body and lower-case headers.
        invoke_async: the same of asynchronous endpoints.

    """
    control = json_handler(service)

    async def handler(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        for kind, carry_out in zip(_KINDS, (invoke, invoke_async), strict=True):
            name = endpoint_name(path, kind) if method == "POST" else None
            if name is not None:
                return await carry_out(name, body, headers)
        return await control(method, path, headers, body, query)

    return handler


class InvocationShortcut:
    """An ASGI application that answers InvokeEndpoint itself, past ministack's routing.

    Not to be used when IAM is enforced: requests that take this way are not authenticated.

    Args:
        application: ASGI application for all other requests.
        invoke: carries out one invocation of endpoint name, body and lower-case headers.

    """

    def __init__(self, application: Any, invoke: Invoke) -> None:
        self._application = application
        self._invoke = invoke

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one connection event."""
        name = endpoint_name(scope.get("path", "")) if scope.get("method") == "POST" else None
        if name is None:
            await self._application(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        body = await _read(receive)
        if body is None:
            return
        status, answer, content = await self._invoke(name, body, headers)
        lines = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in answer.items()]
        lines.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": content})


def endpoint_name(path: str, kind: str = "/invocations") -> str | None:
    """Return the endpoint that a request path invokes, None for any other path.

    Args:
        path: path of the URL.
        kind: how the path ends.

    """
    if not path.startswith(_PREFIX) or not path.endswith(kind):
        return None
    name = path[len(_PREFIX) : -len(kind)]
    return unquote(name) if name and "/" not in name else None


async def _read(receive: Any) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
