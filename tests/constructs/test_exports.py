import ast
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import tidegate

STUB: Final = Path(tidegate.__file__).with_suffix(".pyi")


def stub_imports() -> dict[str, str]:
    """Return the module of each public name, as a type checker reads it."""
    return {
        alias.asname or alias.name: str(node.module)
        for node in ast.parse(STUB.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def run(code: str) -> str:
    """Run code in an interpreter that has imported nothing yet; return what it prints."""
    paths = f"import sys; sys.path[:0] = {sys.path!r}\n"
    done = subprocess.run([sys.executable, "-c", paths + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_stub_has_nothing_but_imports_of_public_names() -> None:
    body = ast.parse(STUB.read_text(encoding="utf-8")).body
    assert [type(node).__name__ for node in body if not isinstance(node, ast.ImportFrom)] == []


def test_run_time_and_type_checkers_know_the_same_names() -> None:
    names = set(vars(tidegate)["__all__"])
    assert names == set(stub_imports())
    assert names <= set(dir(tidegate))


@pytest.mark.parametrize(("name", "module"), sorted(stub_imports().items()))
def test_a_public_name_is_the_one_that_its_module_defines(name: str, module: str) -> None:
    assert getattr(tidegate, name).__module__ == module


def test_a_star_import_gives_every_public_name() -> None:
    found = run("from tidegate import *\nprint(*sorted(name for name in dir() if name[0].isupper()))")
    assert found.split() == sorted(stub_imports())


def test_importing_the_library_imports_no_construct_and_no_cdk_service() -> None:
    found = run("import tidegate\nprint(*[m for m in sys.modules if m.startswith(('aws_cdk', 'tidegate.'))])")
    assert found == ""


def test_using_a_plan_imports_no_cdk_service() -> None:
    found = run(
        "from tidegate import RolloutPlan\nprint(*[m for m in sys.modules if m.startswith('aws_cdk.aws_')])"
    )
    assert found == ""


def test_rejects_a_name_that_is_not_public() -> None:
    with pytest.raises(AttributeError, match="module 'tidegate' has no attribute 'Modle'"):
        getattr(tidegate, "Modle")  # noqa: B009, since type checkers refuse the plain form too
