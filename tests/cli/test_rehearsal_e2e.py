"""The rehearsal end to end, as a user runs it: the real CDK CLI, real model processes, real traffic."""

import re
import signal
import time
from pathlib import Path

import pytest

from tests.cli.rehearsal_process import interrupted, left_behind, start

pytestmark = pytest.mark.e2e


def test_a_rehearsal_promotes_v2_stops_v3_and_accounts_for_each_request(tmp_path: Path) -> None:
    rehearsal = start("rehearse", tmp_path)
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
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_rehearsal_that_is_interrupted_leaves_no_process_behind(
    number: signal.Signals, tmp_path: Path
) -> None:
    rehearsal = start("rehearse", tmp_path)
    assert rehearsal.stdout is not None
    deadline = time.monotonic() + 300
    for line in rehearsal.stdout:
        # By then the cloud, its Lambdas, model processes and the traffic client all run.
        if "CHECKED" in line or "PREPARING" in line or time.monotonic() > deadline:
            break
    assert len(left_behind(tmp_path)) > 5
    interrupted(rehearsal, number, tmp_path)
