"""The answer to CloudFormation over a real socket."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tidegate_runtime.custom_resource import respond

EVENT = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "Guard"}


class _Receiver(BaseHTTPRequestHandler):
    received: list[dict[str, Any]]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def cloudformation() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    _Receiver.received = []
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/answer", _Receiver.received
    server.shutdown()
    server.server_close()


def test_success_keeps_the_physical_id(cloudformation: tuple[str, list[dict[str, Any]]]) -> None:
    url, received = cloudformation
    respond({**EVENT, "ResponseURL": url, "PhysicalResourceId": "mine"}, None, kind="guard")
    assert (received[0]["Status"], received[0]["PhysicalResourceId"]) == ("SUCCESS", "mine")


def test_rejects_with_the_reason(cloudformation: tuple[str, list[dict[str, Any]]]) -> None:
    url, received = cloudformation
    respond({**EVENT, "ResponseURL": url}, "a rollout is in flight", kind="guard")
    assert received[0] == {
        "Status": "FAILED",
        "Reason": "a rollout is in flight",
        "PhysicalResourceId": "guard-Guard",
        **EVENT,
    }
