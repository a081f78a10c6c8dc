"""The rehearsal of a pipeline end to end, as a user runs it: the real CDK CLI, real builds, real rollouts."""

import signal
import time
from pathlib import Path

import pytest

from tests.cli.rehearsal_process import interrupted, left_behind, start

pytestmark = pytest.mark.e2e


def test_a_pipeline_updates_itself_delivers_a_model_and_stops_a_bad_commit_and_a_bad_model(
    tmp_path: Path,
) -> None:
    rehearsal = start("rehearse-pipeline", tmp_path)
    output, errors = rehearsal.communicate(timeout=900)
    assert rehearsal.returncode == 0, output + errors
    assert errors == ""
    assert "The rehearsal passed: the pipeline updated itself" in output
    assert output.count("as it should be") == 5
    page = (tmp_path / "report.html").read_text()
    assert "staging-validate" in page
    assert left_behind(tmp_path) == []


def test_a_rehearsal_that_is_interrupted_in_a_build_leaves_no_process_behind(tmp_path: Path) -> None:
    rehearsal = start("rehearse-pipeline", tmp_path)
    assert rehearsal.stdout is not None
    deadline = time.monotonic() + 300
    for line in rehearsal.stdout:
        # By then the synth runs: a shell, the CLI, an app, a JavaScript kernel.
        if "Source: done" in line or time.monotonic() > deadline:
            break
    time.sleep(3)
    assert len(left_behind(tmp_path)) > 3
    interrupted(rehearsal, signal.SIGTERM, tmp_path)
