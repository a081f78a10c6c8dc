import ast
import doctest
import importlib
import sys
from pathlib import Path

import pytest

import tidegate_runtime.judge

SOURCES = sorted(Path(tidegate_runtime.judge.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("name", ["__init__", "counts", "evidence"])
def test_the_example_in_the_docstring_holds(name: str) -> None:
    module = importlib.import_module("tidegate_runtime.judge" + ("" if name == "__init__" else f".{name}"))
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_imports_nothing_but_the_standard_library_and_itself(source: Path) -> None:
    nodes = list(ast.walk(ast.parse(source.read_text())))
    imported = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    imported += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    roots = {name.split(".")[0] for name in imported}
    assert roots <= sys.stdlib_module_names | {"tidegate_runtime"}
