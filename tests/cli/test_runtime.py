"""The operator's command judges again with the controller's own code, however it was installed."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
LIBRARY: Final = "constructs/tidegate"
PROGRAM: Final = """
import sys
sys.path[:0] = sys.argv[1:]
from tidegate_cli.runtime import make_runtime_importable
from tidegate_cli.failures import CliError
try:
    make_runtime_importable()
    make_runtime_importable()
except CliError as error:
    sys.exit(f"refused: {error}")
from tidegate_runtime import judging
import tidegate_cli.operator.explain
try:
    import judge
except ImportError:
    print(judging.__file__)
"""


def _run(*path: Path) -> "subprocess.CompletedProcess[str]":
    # No PYTHONPATH and no editable install: only what an installed wheel would offer.
    packages = [entry for entry in sys.path if entry.endswith("site-packages")]
    return subprocess.run(
        [sys.executable, "-S", "-c", PROGRAM, *map(str, path), *packages],
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """Lay the packages out as the wheel does."""
    ignored = shutil.ignore_patterns("__pycache__")
    for source, target in (
        ("cli/tidegate_cli", "tidegate_cli"),
        (LIBRARY, "tidegate"),
        ("lambdas", "tidegate/_lambdas"),
    ):
        shutil.copytree(ROOT / source, tmp_path / target, ignore=ignored)
    return tmp_path


def test_an_installed_wheel_judges_with_the_handlers_that_it_carries(wheel: Path) -> None:
    done = _run(wheel)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(wheel / "tidegate" / "_lambdas" / "tidegate_runtime" / "judging.py")


def test_a_checkout_judges_with_its_own_handlers() -> None:
    done = _run(ROOT / "cli", ROOT / "constructs")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(ROOT / "lambdas" / "tidegate_runtime" / "judging.py")


def test_rejects_an_installation_without_handlers(wheel: Path) -> None:
    shutil.rmtree(wheel / "tidegate" / "_lambdas")
    done = _run(wheel)
    assert done.returncode == 1
    assert "refused: this installation has no " in done.stderr
