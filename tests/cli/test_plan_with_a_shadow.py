"""`tidegate plan` tells of a shadow phase: how long, how many instances, and that it serves no bad answer."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tidegate import RolloutPlan, ShadowPhase
from tidegate_cli import main


@pytest.mark.parametrize(("requests", "exit_code"), [("50", 0), ("0.1", 1)])
def test_the_shadow_is_told_and_must_get_its_copies(tmp_path: Path, requests: str, exit_code: int) -> None:
    shadow = ShadowPhase(traffic_percent=50, min_bake_seconds=600, max_bake_seconds=3_600, min_requests=1_000)
    (tmp_path / "plan.json").write_text(replace(RolloutPlan.canary(), shadow=shadow).to_json())
    arguments = ["plan", "--plan", str(tmp_path / "plan.json"), "--base-error-rate", "0.005"]
    arguments += ["--requests-per-second", requests, "--instances", "4"]
    answer = CliRunner().invoke(main.app, arguments, env={"COLUMNS": "200"})
    text = " ".join(answer.output.split())
    assert answer.exit_code == exit_code
    assert "copies of 50 % of the requests" in text
    assert "no bad answer is served" in text
    assert "16 at the peak" in text
    assert ("The shadow cannot pass" in text) is (exit_code == 1)
