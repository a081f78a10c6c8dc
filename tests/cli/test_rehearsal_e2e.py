"""The rehearsal end to end, as a user runs it: the real CDK CLI, real model processes, real traffic."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]


def _start(folder: Path, *more: str) -> "subprocess.Popen[str]":
    roots = os.pathsep.join(str(ROOT / name) for name in ("constructs", "lambdas", "cli", ""))
    command = [sys.executable, "-m", "tidegate_cli", "rehearse", "--keep", str(folder / "work")]
    return subprocess.Popen(
        [*command, "--report", str(folder / "report.html"), *more],
        env={**os.environ, "PYTHONPATH": roots, "AWS_PROFILE": "somebodys-production"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def _left_behind(folder: Path) -> list[str]:
    """Return the command lines of living processes that work in the folder, or for it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            where = str((entry / "cwd").readlink())
            environment = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command or where.startswith(str(folder)) or str(folder) in environment:
            found.append(command)
    return found


def test_a_rehearsal_promotes_v2_stops_v3_and_accounts_for_each_request(tmp_path: Path) -> None:
    rehearsal = _start(tmp_path)
    output, errors = rehearsal.communicate(timeout=580)
    assert rehearsal.returncode == 0, output + errors
    assert errors == ""
    assert "The rehearsal passed: v2 was promoted, v3 was stopped, v2 still answers" in output
    assert re.search(r"^ *v2 +PROMOTED +[1-9][\d,]* +0 ", output, re.MULTILINE)
    assert re.search(r"^ *v3 +ROLLED BACK +[1-9][\d,]* +[1-9]\d* ", output, re.MULTILINE)
    page = (tmp_path / "report.html").read_text()
    assert page.count("<svg") == 3
    assert page.count("✓ yes") >= 14
    assert "✗ no" not in page
    assert "UPDATE_ROLLBACK_COMPLETE" in page
    assert _left_behind(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_rehearsal_that_is_interrupted_leaves_no_process_behind(
    number: signal.Signals, tmp_path: Path
) -> None:
    rehearsal = _start(tmp_path)
    assert rehearsal.stdout is not None
    deadline = time.monotonic() + 300
    for line in rehearsal.stdout:
        # By then the cloud, its Lambdas, model processes and the traffic client all run.
        if "CHECKED" in line or "PREPARING" in line or time.monotonic() > deadline:
            break
    assert len(_left_behind(tmp_path)) > 5
    rehearsal.send_signal(number)
    _, errors = rehearsal.communicate(timeout=60)
    assert rehearsal.returncode == 128 + number
    assert errors == "tidegate: interrupted; every process that the rehearsal started has ended\n"
    assert _left_behind(tmp_path) == []
