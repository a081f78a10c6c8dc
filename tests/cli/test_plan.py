import json
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from stacks.fields.rollout import RolloutPart
from stacks.yaml_source import YamlSource, plain
from tidegate import Gate, RolloutPlan
from tidegate_cli.main import app
from tidegate_cli.plan_source import PlanSource
from tidegate_cli.plan_view import rollout_yaml
from tidegate_cli.plan_words import at_most, duration, percent

ROOT: Final = Path(__file__).resolve().parents[2]
DIGITS: Final = ROOT / "services" / "digits.yaml"
PAGE: Final = ROOT / "docs" / "planning.md"
PLAN: Final = RolloutPlan.stepped(percents=(5, 25, 100), bake_seconds=300)
TRAFFIC: Final = ("--requests-per-second", "50", "--base-error-rate", "0.005")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["plan", *arguments])


def answer(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return found


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    path.write_text(PLAN.to_json())
    return path


def examples() -> list[tuple[str, str]]:
    """Return each command of the page with the output that stands below it."""
    blocks = re.findall(r"```console\n\$ tidegate (plan .+?)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return [(command.replace("\\\n", " "), output) for command, output in blocks]


def joined(text: str) -> str:
    return re.sub(r"[ \t]+\n", "\n", text).strip()


@pytest.mark.parametrize(("command", "output"), examples())
def test_the_page_shows_what_the_command_prints(
    command: str, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(app, shlex.split(command))
    assert joined(result.output) == joined(output)


def test_the_page_has_examples() -> None:
    assert len(examples()) >= 2


def test_each_step_is_told_with_its_figures(plan_file: Path) -> None:
    result = run("--plan", str(plan_file), *TRAFFIC)
    assert result.exit_code == 0, result.output
    found = answer("--plan", str(plan_file), *TRAFFIC)["forecast"]
    assert [step["weight_percent"] for step in found["steps"]] == [5, 25, 100]
    for step in found["steps"]:
        assert percent(step["seen"]) in result.output
        assert f"{step['requests']:,} of 100" in result.output
    assert f"{found['bad_answers']:,.0f} bad answers to expect" in result.output


def test_gates_and_hooks_are_told_beside_the_time_that_can_be_forecast(tmp_path: Path) -> None:
    hook = "arn:aws:lambda:us-east-1:000000000000:function:warm-up"
    first = replace(PLAN.steps[0], gate=Gate.manual(max_wait_seconds=8 * 3600), before=hook)
    path = tmp_path / "gated.json"
    path.write_text(replace(PLAN, steps=(first, *PLAN.steps[1:])).to_json())
    result = run("--plan", str(path), *TRAFFIC)
    assert result.exit_code == 0, result.output
    assert "1 gate: up to 8 h more, with the instances of both fleets" in result.output
    assert "1 hook: up to 1 h more" in result.output


def test_a_service_file_gives_the_plan_and_the_instances() -> None:
    found = answer("--service-file", str(DIGITS), *TRAFFIC)
    assert found["fleets"][0]["peak_instances"] == 6
    assert found["fleets"][0]["quota_name"] == "ml.m5.large for endpoint usage"
    assert [step["weight_percent"] for step in found["plan"]["steps"]] == [5, 25, 50, 100]


def test_a_scaled_service_is_told_what_its_largest_fleet_needs() -> None:
    found = answer("--service-file", str(DIGITS), *TRAFFIC)
    assert [fleet["live_instances"] for fleet in found["fleets"]] == [2, 4]
    assert found["fleets"][1]["peak_instances"] == 12


def test_the_declared_needs_are_the_traffic_unless_another_is_given(tmp_path: Path) -> None:
    text = DIGITS.read_text() + "\nneeds: {requests_per_second: 40, base_error_rate: 0.005}\n"
    (tmp_path / "digits.yaml").write_text(text)
    (tmp_path / "environments.yaml").write_text((DIGITS.parent / "environments.yaml").read_text())
    asked = ("--service-file", str(tmp_path / "digits.yaml"))
    declared = {"requests_per_second": 40, "base_error_rate": 0.005, "ratio": 3.0}
    assert answer(*asked)["forecast"]["traffic"] == declared
    given = answer(*asked, "--requests-per-second", "7", "--base-error-rate", "0.01")["forecast"]["traffic"]
    assert given == {"requests_per_second": 7, "base_error_rate": 0.01, "ratio": 3.0}


def test_there_is_no_cost_without_a_price(plan_file: Path) -> None:
    asked = ("--plan", str(plan_file), *TRAFFIC, "--instances", "2")
    assert "cost" not in run(*asked).output
    found = answer(*asked, "--price-per-hour", "0.5")["fleets"][0]
    assert found["added_cost"] == pytest.approx([hours * 0.5 for hours in found["added_instance_hours"]])


@pytest.mark.parametrize(("quota", "code", "said"), [("6", 0, "6 is enough"), ("5", 1, "6 are needed")])
def test_a_quota_that_is_too_small_ends_with_1(plan_file: Path, quota: str, code: int, said: str) -> None:
    result = run("--plan", str(plan_file), *TRAFFIC, "--instances", "2", "--quota", quota)
    assert result.exit_code == code
    assert said in result.output


def test_a_step_that_cannot_pass_ends_with_1(plan_file: Path) -> None:
    result = run("--plan", str(plan_file), "--requests-per-second", "0.5", "--base-error-rate", "0.005")
    assert result.exit_code == 1
    assert "The step at 5 % cannot pass: at this traffic it gets 45" in result.output


def test_a_watch_that_cannot_pass_ends_with_1(tmp_path: Path) -> None:
    watch = replace(PLAN.watch, min_requests=10_000_000)
    path = tmp_path / "plan.json"
    path.write_text(replace(PLAN, watch=watch).to_json())
    result = run("--plan", str(path), *TRAFFIC)
    assert result.exit_code == 1
    assert "The watch cannot pass" in result.output


def test_the_shortest_plan_is_printed_as_a_service_file_takes_it(tmp_path: Path) -> None:
    asked = ("--shortest", "--detect-probability", "0.9", "--ratio", "2", *TRAFFIC)
    result = run(*asked)
    assert result.exit_code == 0, result.output
    text = result.output[result.output.index("rollout:") :]
    (tmp_path / "rollout.yaml").write_text(text)
    section = plain(YamlSource.read(tmp_path / "rollout.yaml").document)["rollout"]
    part = RolloutPart.model_validate({**section, "signals": {"5xx": {}, "model_errors": {}}})
    found = answer(*asked)
    assert json.loads(part.plan().to_json()) == found["plan"]
    assert found["forecast"]["steps"][-2]["seen"] >= 0.9


def test_the_shortest_plan_keeps_the_settings_of_the_service() -> None:
    asked = ("--service-file", str(DIGITS), *TRAFFIC, "--shortest", "--risk-bad-answers", "40")
    found = answer(*asked)
    assert found["forecast"]["bad_answers"] <= 40
    assert found["plan"]["bucket_seconds"] == 60
    assert found["fleets"][0]["peak_instances"] == 6


def test_a_bake_of_whole_buckets_is_written_in_minutes() -> None:
    plan = RolloutPlan.stepped(percents=(10, 100), bake_seconds=70, min_requests=5)
    assert "{weight_percent: 10, min_bake_minutes: 1.166666667, max_bake_minutes: 7, " in rollout_yaml(plan)


def test_a_risk_that_no_plan_keeps_ends_with_1() -> None:
    traffic = ("--requests-per-second", "0.05", "--base-error-rate", "0.001")
    result = run("--shortest", "--detect-probability", "0.9", *traffic)
    assert result.exit_code == 1
    assert "no plan keeps this risk at 0.05 requests a second" in result.output


def refused(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert len(result.output.strip().splitlines()) == 1
    return result.output


def test_rejects_a_question_without_a_plan() -> None:
    assert "give --service-file, --plan or --shortest" in refused(*TRAFFIC)


def test_rejects_two_plans(plan_file: Path) -> None:
    two = ("--plan", str(plan_file), "--service-file", str(DIGITS))
    assert "give --service-file or --plan, not both" in refused(*two, *TRAFFIC)


def test_rejects_a_risk_without_a_search(plan_file: Path) -> None:
    risk = ("--risk-bad-answers", "40")
    assert "a risk goes with --shortest only" in refused("--plan", str(plan_file), *TRAFFIC, *risk)


def test_rejects_a_search_without_a_risk() -> None:
    assert "needs bad_answers, detect_probability or both" in refused("--shortest", *TRAFFIC)


def test_rejects_a_plan_without_traffic(plan_file: Path) -> None:
    said = refused("--plan", str(plan_file), "--base-error-rate", "0.005")
    assert "give --requests-per-second" in said


def test_rejects_a_plan_without_a_usual_share_of_bad_answers(plan_file: Path) -> None:
    said = refused("--plan", str(plan_file), "--requests-per-second", "50")
    assert "give --base-error-rate" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--requests-per-second", "-1", "--base-error-rate", "2"),
            "above 0, got -1.0; base_error_rate must",
        ),
        ((*TRAFFIC, "--instances", "0"), "live_instances must be at least 1, got 0"),
        (
            (*TRAFFIC, "--instances", "2", "--candidate-instances", "0"),
            "candidate_instances must be at least 1",
        ),
    ],
)
def test_rejects_numbers_out_of_range(plan_file: Path, arguments: Sequence[str], said: str) -> None:
    assert said in refused("--plan", str(plan_file), *arguments)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "is no rollout plan"),
        ("{", "is no rollout plan"),
        ("{}", "field 'steps' is missing"),
        (PLAN.to_json().replace('"weight_percent":100', '"weight_percent":99'), "the last step must be 100"),
        (PLAN.to_json().replace('"alpha":', '"alhpa":'), "unexpected keyword argument 'alhpa'"),
    ],
)
def test_rejects_a_file_that_is_no_plan(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    assert said in refused("--plan", str(path), *TRAFFIC)


def test_rejects_a_service_file_that_does_not_exist(tmp_path: Path) -> None:
    assert "no such file" in refused("--service-file", str(tmp_path / "digits.yaml"), *TRAFFIC)


def test_rejects_a_faulty_service_file_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "digits.yaml").write_text(DIGITS.read_text() + "\nwrong: 1\n")
    (tmp_path / "environments.yaml").write_text((DIGITS.parent / "environments.yaml").read_text())
    assert "digits.yaml:" in refused("--service-file", str(tmp_path / "digits.yaml"), *TRAFFIC)


def test_rejects_a_service_file_without_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stacks.fields.managed", None)
    monkeypatch.delitem(sys.modules, "stacks", raising=False)
    said = refused("--service-file", str(DIGITS), *TRAFFIC)
    assert "a service file needs a checkout of Tidegate" in said


def test_the_command_line_itself_does_not_import_the_cdk() -> None:
    program = "import sys, tidegate_cli.plan; sys.exit(any(one.startswith('aws_cdk') for one in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(40, "40 s"), (60, "1 min"), (390, "6 min 30 s"), (3600, "1 h"), (3900, "1 h 5 min"), (7199, "2 h")],
)
def test_times_are_told_as_people_say_them(seconds: int, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("chance", "said"), [(0, "below 0.1 %"), (0.289, "28.9 %"), (0.9995, "over 99.9 %"), (1, "over 99.9 %")]
)
def test_no_chance_is_told_as_a_certainty(chance: float, said: str) -> None:
    assert percent(chance) == said


def test_a_bound_is_never_told_as_zero() -> None:
    assert (at_most(0), at_most(0.03)) == ("0.1 %", "3 %")


CONTEST: Final = ROOT / "examples" / "services" / "contested.yaml"


def test_a_contest_without_rewards_says_what_it_does_not_tell() -> None:
    said = run("--service-file", str(CONTEST), *TRAFFIC).stdout
    assert "The step at 50 % is a bandit for Purchases." in said
    assert "How long it takes is not told: give --reward-rate" in said


def test_a_contest_is_told_how_long_it_needs() -> None:
    found = answer("--service-file", str(CONTEST), *TRAFFIC, "--reward-rate", "0.05", "--reward-ratio", "1.1")
    assert found["contest"]["seconds"] < found["contest"]["max_seconds"] == 86_400
    said = joined(run("--service-file", str(CONTEST), *TRAFFIC, "--reward-rate", "0.05").stdout)
    assert "is told apart in half of such contests after" in said.replace("\n", " ")
    assert "a bandit that has moved it needs longer" in said


def test_a_contest_that_is_too_short_is_told() -> None:
    said = run("--service-file", str(CONTEST), *TRAFFIC, "--reward-rate", "0.001", "--reward-ratio", "1.02")
    assert "The step is too short for that: it ends after 24 h." in said.stdout


def test_a_plan_file_keeps_its_contest(tmp_path: Path) -> None:
    plan = PlanSource.service_file(CONTEST).plan
    (tmp_path / "plan.json").write_text(plan.to_json())
    assert PlanSource.plan_file(tmp_path / "plan.json").plan == plan


def test_rejects_rewards_without_a_contest(plan_file: Path) -> None:
    said = refused("--plan", str(plan_file), *TRAFFIC, "--reward-rate", "0.05")
    assert "--reward-rate goes with a plan that has a contest" in said


def test_rejects_to_search_a_plan_with_a_contest() -> None:
    said = refused("--service-file", str(CONTEST), *TRAFFIC, "--shortest", "--risk-bad-answers", "50")
    assert "a plan with a contest cannot be searched: its length follows from the rewards" in said
