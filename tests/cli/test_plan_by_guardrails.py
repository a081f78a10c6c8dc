"""`tidegate plan` of a plan that SageMaker's own guardrails carry out."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tidegate import RolloutPlan
from tidegate_cli.main import app

TRAFFIC = ("--base-error-rate", "0.005", "--requests-per-second")


@pytest.fixture
def plan_file(tmp_path: Path) -> str:
    path = tmp_path / "plan.json"
    path.write_text(RolloutPlan.canary(percent=10).by_guardrails().to_json())
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["plan", *arguments])


def test_what_alarms_see_at_each_share_is_told(plan_file: str) -> None:
    told = run("--plan", plan_file, *TRAFFIC, "50", "--instances", "2")
    assert told.exit_code == 0
    words = " ".join(told.stdout.split())
    assert "at 50 requests a second, under SageMaker's guardrails" in words
    assert "An alarm goes off after 3 bad minutes in a row" in words
    assert "10 % 10 min 300 " in words
    assert "Instances: 4 at the peak" in words


def test_the_figures_are_printed_as_json(plan_file: str) -> None:
    document = json.loads(run("--plan", plan_file, *TRAFFIC, "50", "--json").stdout)
    first, last = document["forecast"]["bakes"]
    assert 0.9 < first["seen"] <= last["seen"] == document["forecast"]["seen"]
    assert (document["forecast"]["blind"], document["peak_instances"]) == ([], None)


def test_rejects_a_traffic_at_which_no_alarm_sees_anything(plan_file: str) -> None:
    told = run("--plan", plan_file, *TRAFFIC, "1")
    assert told.exit_code == 1
    assert "No alarm sees anything at 10 %: too few requests a minute." in " ".join(told.stdout.split())


def test_rejects_a_quota_that_does_not_hold_two_whole_fleets(plan_file: str) -> None:
    assert run("--plan", plan_file, *TRAFFIC, "50", "--instances", "3", "--quota", "5").exit_code == 1
    assert run("--plan", plan_file, *TRAFFIC, "50", "--instances", "3", "--quota", "6").exit_code == 0


@pytest.mark.parametrize("option", [("--reward-rate", "0.1"), ("--shortest", "--risk-bad-answers", "50")])
def test_rejects_what_needs_a_comparison(plan_file: str, option: tuple[str, ...]) -> None:
    told = run("--plan", plan_file, *TRAFFIC, "50", *option)
    assert told.exit_code == 2
    assert f"{option[0]} does not go with a plan by guardrails" in told.stderr
