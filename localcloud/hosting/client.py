"""A small HTTP/1.1 client with keep-alive connections to one model process.

Written for latency: the gateway adds well under a millisecond to a call of the process itself.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import httptools

_HOST: Final = "127.0.0.1"
_HANDED_ON: Final = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes")


class InstanceUnreachable(Exception):
    """The process closed the connection, does not listen, or answered no HTTP."""


class InstanceTimeout(Exception):
    """The process did not answer in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model process answered; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ConnectionPool:
    """Connections to one port, reused; for one event loop at a time.

    Args:
        port: TCP port on 127.0.0.1.

    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[_Connection] = []

    async def request(self, head: bytes, body: bytes, *, timeout_seconds: float) -> Answer:
        """Send one request and return the answer.

        Args:
            head: request line and headers, without content length and the empty line.
            body: content.
            timeout_seconds: real seconds to wait for the answer.

        Raises:
            InstanceUnreachable: there was no answer.
            InstanceTimeout: there was none in time.

        """
        connection = await self._take()
        try:
            answer = await connection.send(head, body, timeout_seconds)
        except BaseException:
            connection.close()
            raise
        if not connection.closed:
            self._idle.append(connection)
        return answer

    def close(self) -> None:
        """Close idle connections; from any thread."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.loop.is_closed():
                connection.loop.call_soon_threadsafe(connection.close)

    async def _take(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and connection.loop is loop:
                return connection
        try:
            made = await loop.create_connection(lambda: _Connection(loop), _HOST, self._port)
        except OSError as error:
            raise InstanceUnreachable(f"cannot connect: {error.strerror or error}") from error
        return made[1]


class _Connection(asyncio.Protocol):
    """One connection with at most one request in flight; httptools calls the `on_` methods."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.closed = False
        self._transport: asyncio.WriteTransport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    async def send(self, head: bytes, body: bytes, timeout_seconds: float) -> Answer:
        """Write a request and wait for its answer."""
        if self._transport is None or self.closed:
            raise InstanceUnreachable("the connection is closed")
        waiting: asyncio.Future[Answer] = self.loop.create_future()
        self._waiting = waiting
        self._transport.write(b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body))
        timer = self.loop.call_later(timeout_seconds, self._fail, InstanceTimeout("no answer in time"))
        try:
            return await waiting
        finally:
            timer.cancel()
            self._waiting = None

    def close(self) -> None:
        """Close the connection; a second time does nothing."""
        self.closed = True
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not registered as asyncio's.
        self._transport = cast("asyncio.WriteTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.closed = True
        self._fail(InstanceUnreachable("the model process closed the connection"))

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(InstanceUnreachable(f"the answer is not HTTP: {error}"))
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        answer = Answer(self._parser.get_status_code(), self._headers, b"".join(self._body))
        if not self._parser.should_keep_alive():
            self.close()
        self._begin()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def _fail(self, error: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)


def request_head(headers: Mapping[str, str]) -> bytes:
    """Return the beginning of a request to a container, with the headers that SageMaker hands on."""
    lines = ["POST /invocations HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {headers[name]}" for name in _HANDED_ON if name in headers]
    return ("\r\n".join(lines) + "\r\n").encode("latin-1")
