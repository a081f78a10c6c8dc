"""Requests reach the emulated services, invocations without a detour."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from localcloud.protocol import Response
from localcloud.wire import InvocationShortcut, endpoint_name

Event = dict[str, Any]


async def invoke(name: str, body: bytes, headers: Mapping[str, str]) -> Response:
    return 200, {"Content-Type": headers["content-type"]}, name.encode() + b":" + body


async def elsewhere(_scope: Event, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})


def request(method: str, path: str, *messages: Event) -> list[Event]:
    sent: list[Event] = []
    waiting = list(messages)

    async def receive() -> Event:
        return waiting.pop(0)

    async def send(message: Event) -> None:
        sent.append(message)

    headers = [(b"Content-Type", b"text/csv")]
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    asyncio.run(InvocationShortcut(elsewhere, invoke)(scope, receive, send))
    return sent


def test_an_invocation_is_answered_with_its_whole_body() -> None:
    first = {"type": "http.request", "body": b"1,", "more_body": True}
    start, body = request(
        "POST", "/endpoints/digits/invocations", first, {"type": "http.request", "body": b"2"}
    )
    assert start["status"] == 200
    assert dict(start["headers"]) == {b"Content-Type": b"text/csv", b"content-length": b"10"}
    assert body["body"] == b"digits:1,2"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/endpoints/digits/invocations"),
        ("POST", "/endpoints/digits/async-invocations"),
        ("POST", "/endpoints//invocations"),
        ("POST", "/endpoints/a/b/invocations"),
        ("POST", "/"),
    ],
)
def test_every_other_request_goes_to_the_application(method: str, path: str) -> None:
    assert request(method, path)[0]["status"] == 404


def test_a_client_that_goes_away_gets_no_answer() -> None:
    assert request("POST", "/endpoints/digits/invocations", {"type": "http.disconnect"}) == []


def test_the_name_of_an_endpoint_is_decoded() -> None:
    assert endpoint_name("/endpoints/a%2Db/invocations") == "a-b"
