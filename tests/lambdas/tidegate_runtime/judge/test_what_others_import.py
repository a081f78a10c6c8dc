"""Only one function of the controller judges."""

import subprocess
import sys
from pathlib import Path

import pytest

from tidegate._assets import content_of

ASSESS = "tidegate_runtime/judge/assess.py"
PLAN_ALONE = """
import sys
import tidegate_runtime.plan
print("tidegate_runtime.judge.evidence" in sys.modules)
"""
LAMBDAS = Path(__file__).parents[4] / "lambdas"


def test_who_reads_a_plan_does_not_import_what_judges() -> None:
    found = subprocess.check_output([sys.executable, "-c", PLAN_ALONE], text=True, cwd=LAMBDAS)
    assert found.strip() == "False"


@pytest.mark.parametrize("function", ["check", "end", "gate", "hook", "shift", "watchdog"])
def test_the_archive_of_a_function_that_does_not_judge_holds_no_judge(function: str) -> None:
    assert ASSESS not in content_of(function)


def test_the_archive_of_the_function_that_judges_holds_it() -> None:
    assert ASSESS in content_of("judge")
