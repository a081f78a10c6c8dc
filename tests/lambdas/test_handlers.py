"""The entry points: what they import, that they start, and that they turn events into answers."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lambdas.fakes.plans import DOCUMENT

LAMBDAS = Path(__file__).parents[2] / "lambdas"
FUNCTIONS = sorted(path.parent.name for path in LAMBDAS.glob("*/handler.py"))
ENVIRONMENT = {
    "ENDPOINT_NAME": "digits-rehearsal",
    "POINTER_PARAMETER": "/tidegate/rehearsal/digits/live-model-package",
    "HOSTING_STACK": "digits-rehearsal-hosting",
    "LEDGER_TABLE": "ledger",
    "MODEL_PACKAGE_GROUP": "digits-rehearsal",
    "PLAN": json.dumps(DOCUMENT),
    "EXECUTION_ROLE_ARN": "arn:aws:iam::000000000000:role/execution",
    "AB_TEST": json.dumps(
        {"champion": "a", "instance_types": {"a": "ml.m5.large"}, "deadline": 0, "idle_after_seconds": 3600}
    ),
    "PIPELINE": "digits-models",
    "START_GROUP": "digits-dev",
    "PLACES": "[]",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
}


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_every_function_of_the_contract_has_a_handler() -> None:
    assert (
        sorted(
            [
                "ab_test",
                "attach",
                "check",
                "deliver",
                "end",
                "first_version",
                "gate",
                "guard",
                "hook",
                "judge",
                "operate",
                "prepare",
                "promote",
                "roll_back",
                "shift",
                "start_delivery",
                "start_on_approval",
                "try_samples",
                "watchdog",
            ]
        )
        == FUNCTIONS
    )


@pytest.mark.parametrize(
    "path", sorted(LAMBDAS.rglob("*.py")), ids=lambda path: str(path.relative_to(LAMBDAS))
)
def test_only_the_standard_library_botocore_and_the_own_folder_are_imported(path: Path) -> None:
    """Boto3 itself, on top of botocore, would make each start a third slower, and nothing needs it."""
    own = path.relative_to(LAMBDAS).parts[0]
    allowed = sys.stdlib_module_names | {"botocore", "tidegate_runtime", own}
    assert imports(path) <= allowed


@pytest.mark.parametrize("path", sorted(LAMBDAS.glob("*/logic.py")), ids=lambda path: path.parent.name)
def test_logic_knows_no_aws(path: Path) -> None:
    assert not imports(path) & {"boto3", "botocore"}
    assert "tidegate_runtime.adapters" not in path.read_text()


@pytest.mark.parametrize(
    "path", sorted(LAMBDAS.rglob("*.py")), ids=lambda path: str(path.relative_to(LAMBDAS))
)
def test_only_the_clock_tells_the_time(path: Path) -> None:
    text = path.read_text()
    assert "datetime" not in imports(path)
    assert "time.time()" not in text or path.name == "clock.py"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_entry_point_is_at_most_forty_lines(name: str) -> None:
    assert len((LAMBDAS / name / "handler.py").read_text().splitlines()) <= 40


def test_all_handlers_start_with_the_environment_they_are_given() -> None:
    code = "; ".join(f"import {name}.handler; assert callable({name}.handler.handle)" for name in FUNCTIONS)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(LAMBDAS), **ENVIRONMENT}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)


def test_rejects_a_start_without_a_setting_and_names_it() -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(LAMBDAS), **ENVIRONMENT, "HOSTING_STACK": ""}
    done = subprocess.run(
        [sys.executable, "-c", "import end.handler"],
        env=environment,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert "environment variables missing: HOSTING_STACK" in done.stderr
