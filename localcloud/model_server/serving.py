"""HTTP/1.1 with keep-alive for one model: GET /ping and POST /invocations.

Source: How SageMaker AI interacts with your container,
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import asyncio
import socket
from http import HTTPStatus
from typing import Final, cast

import httptools

from localcloud.model_server.handlers import ModelHandlers

_BACKLOG: Final = 512
_CONTENT_TYPE: Final = b"content-type"
_ACCEPT: Final = b"accept"


async def serve(listener: socket.socket, handlers: ModelHandlers) -> None:
    """Serve until the process ends.

    Predictions run on the event loop, one at a time: an instance is one worker, and its queue is what
    SageMaker's own routing sees as outstanding requests.
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Connection(handlers), sock=listener, backlog=_BACKLOG, start_serving=True
    )
    await server.serve_forever()


class _Connection(asyncio.Protocol):
    """One keep-alive connection; httptools calls the `on_` methods."""

    def __init__(self, handlers: ModelHandlers) -> None:
        self._handlers = handlers
        self._transport: asyncio.WriteTransport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._reset()

    def _reset(self) -> None:
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not registered as asyncio's.
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._send(400, b"malformed request", "text/plain")
            if self._transport is not None:
                self._transport.close()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._send(*self._answer())
        self._reset()

    def _answer(self) -> tuple[int, bytes, str]:
        request = (self._parser.get_method(), self._url)
        if request == (b"GET", b"/ping"):
            return 200, b"", "text/plain"
        if request == (b"POST", b"/invocations"):
            content_type = self._headers.get(_CONTENT_TYPE, b"application/json").decode("latin-1")
            accept = self._headers.get(_ACCEPT, b"*/*").decode("latin-1")
            return self._handlers.respond(bytes(self._body), content_type, accept)
        return 404, b"only GET /ping and POST /invocations", "text/plain"

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        reason = HTTPStatus(status).phrase
        kind = content_type.replace("\r", "").replace("\n", "")
        head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode("latin-1", "replace") + body)
