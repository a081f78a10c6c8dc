"""`python -m localcloud` is reachable from this machine only, says when it is ready, and always ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOST_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAHOST", "AWS_SECRET_ACCESS_KEY": "the host's secret"}
Process = subprocess.Popen[str]


def launch(data_dir: Path, *options: str) -> Process:
    return subprocess.Popen(
        [sys.executable, "-m", "localcloud", "--data-dir", str(data_dir), *options],
        cwd=ROOT,
        env=os.environ | HOST_CREDENTIALS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Process]:
    with launch(tmp_path, "--stop-on-stdin-close") as process:
        yield process
        process.kill()


def ready(process: Process) -> dict[str, object]:
    assert process.stdout is not None
    line: dict[str, object] = json.loads(process.stdout.readline())
    return line


def test_one_line_says_where_it_answers_and_how_fast_its_clock_runs(cloud: Process) -> None:
    line = ready(cloud)
    assert line["ready"] is True
    assert line["pid"] == cloud.pid
    assert line["scale"] == 60.0
    with urllib.request.urlopen(f"{line['endpoint_url']}/_ministack/health", timeout=5) as response:
        assert "states" in json.load(response)["services"]


def test_it_stops_when_standard_input_closes(cloud: Process) -> None:
    ready(cloud)
    assert cloud.stdin is not None
    cloud.stdin.close()
    assert cloud.wait(timeout=20) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_on_a_signal(cloud: Process, number: signal.Signals) -> None:
    ready(cloud)
    cloud.send_signal(number)
    assert cloud.wait(timeout=20) == 0


def test_it_stops_when_its_time_is_over(tmp_path: Path) -> None:
    process = launch(tmp_path, "--max-seconds", "0.2")
    ready(process)
    assert process.wait(timeout=20) == 0
    process.communicate()


def test_rejects_a_port_in_use_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = launch(tmp_path, "--port", str(port))
        out, error = process.communicate(timeout=20)
    assert process.returncode == 2
    assert out == ""
    assert error == f"localcloud: port {port} on 127.0.0.1 cannot be used: Address already in use\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_rejects_any_address_but_loopback(tmp_path: Path, host: str) -> None:
    process = launch(tmp_path, "--host", host)
    _, error = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "binds to 127.0.0.1 only" in error


@pytest.mark.parametrize("scale", ["0", "-1", "inf", "nan"])
def test_rejects_a_clock_that_does_not_run_forward(tmp_path: Path, scale: str) -> None:
    process = launch(tmp_path, "--time-scale", scale)
    _, error = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "must be more than 0" in error


def test_without_a_data_directory_nothing_stays_behind(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "localcloud", "--max-seconds", "0.2"],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert ready(process)["ready"] is True
    process.communicate(timeout=20)
    assert list(tmp_path.iterdir()) == []
