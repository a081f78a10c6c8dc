"""The rehearsal of a pipeline end to end, as a user runs it: the real CDK CLI, real builds, real rollouts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path) -> "subprocess.Popen[str]":
    roots = os.pathsep.join(str(ROOT / name) for name in ("constructs", "lambdas", "cli", ""))
    command = [sys.executable, "-m", "tidegate_cli", "rehearse-pipeline", "--keep", str(folder / "work")]
    return subprocess.Popen(
        [*command, "--report", str(folder / "report.html")],
        env={**os.environ, "PYTHONPATH": roots, "AWS_PROFILE": "somebodys-production"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def left_behind(folder: Path) -> list[str]:
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


def test_a_pipeline_updates_itself_delivers_a_model_and_stops_a_bad_commit_and_a_bad_model(
    tmp_path: Path,
) -> None:
    rehearsal = start(tmp_path)
    output, errors = rehearsal.communicate(timeout=900)
    assert rehearsal.returncode == 0, output + errors
    assert errors == ""
    assert "The rehearsal passed: the pipeline updated itself" in output
    assert output.count("as it should be") == 5
    page = (tmp_path / "report.html").read_text()
    assert "staging-validate" in page
    assert left_behind(tmp_path) == []


def test_a_rehearsal_that_is_interrupted_in_a_build_leaves_no_process_behind(tmp_path: Path) -> None:
    rehearsal = start(tmp_path)
    assert rehearsal.stdout is not None
    deadline = time.monotonic() + 300
    for line in rehearsal.stdout:
        # By then the synth runs: a shell, the CLI, an app, a JavaScript kernel.
        if "Source: done" in line or time.monotonic() > deadline:
            break
    time.sleep(3)
    assert len(left_behind(tmp_path)) > 3
    rehearsal.send_signal(signal.SIGTERM)
    _, errors = rehearsal.communicate(timeout=60)
    assert rehearsal.returncode == 128 + signal.SIGTERM
    assert errors == "tidegate: interrupted; every process that the rehearsal started has ended\n"
    assert left_behind(tmp_path) == []
