import json
import subprocess
import sys
from typing import Final

from typer.testing import CliRunner

from tidegate_cli.main import app

VIDEO: Final = ["--payload-mb", "200", "--processing-seconds", "300", "--answer-within-seconds", "900"]


def test_it_names_the_best_fit_and_why_others_do_not_fit() -> None:
    result = CliRunner().invoke(app, ["advise", *VIDEO, "--traffic", "spiky"])
    assert result.exit_code == 0, result.output
    assert "Best fit: async" in result.output
    assert (
        "a payload is at most 6 MB, got 200 [real-time/payload-size: https://docs.aws.amazon.com"
        in result.output
    )


def test_json_is_the_same_answer() -> None:
    result = CliRunner().invoke(app, ["advise", *VIDEO, "--json"])
    answer = json.loads(result.output)
    assert answer["best"] == "async"
    kinds = {one["kind"]: one["reasons"] for one in answer["rejected"]}
    assert {reason["rule"] for reason in kinds["real-time"]} == {
        "real-time/payload-size",
        "real-time/processing-time",
    }


def test_wanted_features_are_asked_of_the_table() -> None:
    wanted = ["--feature", "vpc", "--feature", "canary-by-weights", "--gpu"]
    result = CliRunner().invoke(app, ["advise", *wanted, "--json"])
    assert json.loads(result.output)["best"] == "real-time"
    rules = {reason["rule"] for one in json.loads(result.output)["rejected"] for reason in one["reasons"]}
    assert {"serverless/vpc", "serverless/gpu", "inference-components/canary-by-weights"} <= rules


def test_it_exits_with_1_when_nothing_fits() -> None:
    result = CliRunner().invoke(app, ["advise", "--payload-mb", "200", "--answer-within-seconds", "1"])
    assert result.exit_code == 1
    assert "Nothing fits." in result.output


def test_rejects_an_impossible_workload_in_one_line() -> None:
    result = CliRunner().invoke(app, ["advise", "--models", "0"])
    assert result.exit_code == 2
    assert "models must be at least 1, got 0" in result.output
    assert "Traceback" not in result.output


def test_rejects_an_unknown_feature_and_names_the_known_ones() -> None:
    result = CliRunner().invoke(app, ["advise", "--feature", "teleport"])
    assert result.exit_code == 2
    assert "canary-by-weights" in result.output


def test_advice_does_not_import_the_cdk() -> None:
    program = (
        "import sys, tidegate_cli.main; sys.exit(any(name.startswith('aws_cdk') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
