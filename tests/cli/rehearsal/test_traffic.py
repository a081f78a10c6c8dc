"""The traffic client writes down each request once, whatever became of it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tidegate_cli.rehearsal.pace import Pace
from tidegate_cli.rehearsal.records import Record, RecordFile
from tidegate_cli.rehearsal.request import load_rows, save_rows


class _Endpoint(BaseHTTPRequestHandler):
    """Answers as a SageMaker endpoint: each tenth request is a model error of `candidate`."""

    protocol_version = "HTTP/1.1"
    lock: ClassVar = threading.Lock()
    requests: ClassVar[int] = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            type(self).requests += 1
            number = type(self).requests
        if number % 10 == 0:
            group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/e"
            stream = f"{group}:log-stream:candidate/i-1"
            self._answer(
                424, {"Message": "x", "OriginalStatusCode": 500, "LogStreamArn": stream}, "ModelError"
            )
        else:
            self._answer(200, {"model_version": "v1", "predictions": [7]}, "")

    def _answer(self, status: int, document: dict[str, object], error: str) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-Amzn-Invoked-Production-Variant", "live")
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint_url() -> Iterator[str]:
    _Endpoint.requests = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def _start(endpoint_url: str, folder: Path, *more: str) -> "subprocess.Popen[str]":
    save_rows(folder / "rows", [[1.0] * 64, [2.0] * 64], [7, 3])
    command = [sys.executable, "-m", "tidegate_cli.rehearsal.traffic", "--endpoint-url", endpoint_url]
    command += ["--endpoint", "e", "--rows", str(folder / "rows"), "--output", str(folder / "out"), *more]
    roots = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": roots},
    )


def test_each_request_is_sent_once_and_recorded_once(endpoint_url: str, tmp_path: Path) -> None:
    client = _start(endpoint_url, tmp_path, "--rate", "300", "--max-requests", "100")
    output, _ = client.communicate(timeout=60) if client.wait(60) == 0 else ("", "")
    records = RecordFile(tmp_path / "out").new()
    assert json.loads(output)["sent"] == len(records) == _Endpoint.requests == 100
    failed = [record for record in records if record.outcome == "ModelError"]
    assert len(failed) == 10
    assert {record.variant for record in failed} == {"candidate"}
    assert {record.version for record in records if record.outcome == "ok"} == {"v1"}
    assert {record.right for record in records if record.outcome == "ok"} == {True, False}


def test_the_client_ends_when_its_input_is_closed(endpoint_url: str, tmp_path: Path) -> None:
    client = _start(endpoint_url, tmp_path, "--rate", "50")
    records = RecordFile(tmp_path / "out")
    seen: list[Record] = []
    deadline = time.monotonic() + 30
    while not seen and time.monotonic() < deadline:
        seen += records.new()
        time.sleep(0.05)
    output, _ = client.communicate(timeout=30)
    seen += records.new()
    assert client.returncode == 0
    assert json.loads(output)["sent"] == len(seen) == _Endpoint.requests


def test_an_endpoint_that_nobody_answers_is_a_failure_of_its_own_kind(tmp_path: Path) -> None:
    client = _start("http://127.0.0.1:9", tmp_path, "--rate", "50", "--max-requests", "5")
    client.wait(60)
    client.communicate()
    records = RecordFile(tmp_path / "out").new()
    assert [(record.outcome, record.variant) for record in records] == [("EndpointConnectionError", "-")] * 5


def test_rejects_traffic_to_another_machine(tmp_path: Path) -> None:
    client = _start("http://10.1.2.3:80", tmp_path, "--max-requests", "1")
    client.wait(60)
    client.communicate()
    assert RecordFile(tmp_path / "out").new() == []


def test_a_record_survives_its_line() -> None:
    record = Record(at=12.5, milliseconds=3.5, outcome="ok", variant="live", version="v2", right=True)
    assert Record.from_line(record.to_line()) == record


def test_a_line_that_is_not_complete_yet_is_left_for_later(tmp_path: Path) -> None:
    line = Record(at=1, milliseconds=1, outcome="ok").to_line()
    file = RecordFile(tmp_path / "records")
    assert file.new() == []
    (tmp_path / "records").write_text(line + line[:5])
    assert len(file.new()) == 1
    (tmp_path / "records").write_text(line + line)
    assert len(file.new()) == 1


def test_rows_survive_their_file(tmp_path: Path) -> None:
    save_rows(tmp_path / "rows", [[0.5] * 64], [4])
    (row,) = load_rows(tmp_path / "rows")
    assert row.label == 4
    assert json.loads(row.body) == {"instances": [[0.5] * 64]}


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_pace_ends_after_its_count() -> None:
    clock = _Clock()
    pace = Pace(rate=1e6, max_seconds=100, max_requests=3, clock=clock)
    assert [pace.wait() for _ in range(5)] == [True, True, True, False, False]


def test_requests_that_are_far_too_late_are_counted_and_not_sent_as_a_burst() -> None:
    clock = _Clock()
    pace = Pace(rate=100, max_seconds=60, max_requests=10_000, clock=clock)
    clock.now = 11.0
    sent = 0
    while pace.wait():
        sent += 1
        clock.now += 1
    assert pace.skipped > 900
    assert sent + pace.skipped <= 6000


def test_a_stopped_pace_sends_nothing_more() -> None:
    pace = Pace(rate=100, max_seconds=60, max_requests=10)
    pace.stop()
    assert not pace.wait()
