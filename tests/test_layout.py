import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template

from tests.lambdas.test_handlers import ENVIRONMENT
from tidegate import _assets
from tidegate._handlers import Handler

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = ("constructs", "stacks", "lambdas", "localcloud", "cli", "benchmarks", "tools", "tests")
HANDLERS: Final = {path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py")}
# What each part may import besides the standard library and itself.
ALLOWED: Final = {
    "constructs": {"aws_cdk", "constructs", "jsii"},
    "stacks": {"tidegate", "aws_cdk", "constructs", "pydantic", "pydantic_core", "ruamel"},
    "lambdas": {"boto3", "botocore", *HANDLERS},
}
OWN: Final = {"constructs": {"tidegate"}, "stacks": {"stacks"}, "lambdas": {"tidegate_runtime"}}


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [*found, ROOT / "app.py"] if len(folders) > 1 else found


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_constructs_is_a_source_root_and_never_a_package() -> None:
    assert not (ROOT / "constructs" / "__init__.py").exists()
    assert [path.name for path in (ROOT / "constructs").iterdir() if path.suffix == ".py"] == []


def test_tests_are_no_package() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_a_part_imports_only_what_it_may(part: str) -> None:
    allowed = ALLOWED[part] | OWN[part] | set(sys.stdlib_module_names)
    strays = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files(part)
        for name in imports(path)
        if name.split(".")[0] not in allowed
    }
    assert strays == set()


def test_a_handler_imports_no_other_handler() -> None:
    strays = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files("lambdas")
        for name in imports(path)
        if name.split(".")[0] in HANDLERS - {path.relative_to(ROOT / "lambdas").parts[0]}
    }
    assert strays == set()


def test_the_local_cloud_imports_nothing_of_the_stacks() -> None:
    found = {name.split(".")[0] for path in python_files("localcloud") for name in imports(path)}
    assert not found & {"stacks", "tidegate", "tidegate_runtime", "aws_cdk"}


def test_nobody_imports_the_library_through_its_source_root() -> None:
    found = {name for path in python_files(*SOURCES) for name in imports(path)}
    assert not {name for name in found if re.match(r"constructs\.tidegate\b", name)}


def test_only_the_adapter_imports_ministack() -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in python_files(
            "constructs", "stacks", "lambdas", "localcloud", "cli", "benchmarks", "tools"
        )
        if any(name.split(".")[0] == "ministack" for name in imports(path))
    }
    assert all(path.startswith("localcloud/ministack_adapter") for path in importers)


@pytest.mark.parametrize("folder", SOURCES[:-1])
def test_a_source_file_has_at_most_250_lines(folder: str) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(folder)}
    assert {path.relative_to(ROOT).as_posix(): n for path, n in lengths.items() if n > 250} == {}


def test_byte_code_does_not_change_the_asset_of_a_function(tmp_path: Path) -> None:
    before = _asset_hash(tmp_path / "before")
    cache = ROOT / "lambdas" / "shift" / "__pycache__"
    existed = cache.exists()
    cache.mkdir(exist_ok=True)
    stray = cache / "layout_test.cpython-311.pyc"
    stray.write_bytes(b"byte code")
    try:
        assert _asset_hash(tmp_path / "after") == before
    finally:
        stray.unlink()
        if not existed:
            cache.rmdir()


def test_an_asset_holds_its_own_handler_and_what_it_imports_of_the_runtime_only(tmp_path: Path) -> None:
    _asset_hash(tmp_path)
    (asset,) = tmp_path.glob("asset.*.zip")
    names = ZipFile(asset).namelist()
    assert {name.split("/")[0] for name in names} == {"shift", "tidegate_runtime"}
    assert {"shift/handler.py", "tidegate_runtime/adapters/sagemaker.py"} <= set(names)
    assert "tidegate_runtime/adapters/stacks.py" not in names


def test_how_an_archive_is_compressed_does_not_change_its_asset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _asset_hash(tmp_path / "before")
    monkeypatch.setattr(_assets, "ZIP_DEFLATED", ZIP_STORED)
    assert _asset_hash(tmp_path / "after") == before
    sizes = [next(tmp_path.glob(f"{folder}/asset.*.zip")).stat().st_size for folder in ("before", "after")]
    assert sizes[0] < sizes[1]


def test_what_a_function_does_not_import_does_not_change_its_asset() -> None:
    assert _assets.content_hash("shift") != _assets.content_hash("judge")
    assert "watchdog/logic.py" not in _assets.content_of("judge")


@pytest.mark.parametrize("function", sorted(HANDLERS))
def test_a_function_starts_from_its_own_archive_of_less_than_100_kb(function: str, tmp_path: Path) -> None:
    _assets.archive.cache_clear()
    zipped = _assets.archive(function)
    assert zipped.stat().st_size < 100_000
    ZipFile(zipped).extractall(tmp_path)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), **ENVIRONMENT}
    # Also what a module imports within a function, when it is called.
    code = (
        "import pathlib, importlib\n"
        f"for path in pathlib.Path({str(tmp_path)!r}).rglob('*.py'):\n"
        f"    importlib.import_module('.'.join(path.relative_to({str(tmp_path)!r}).with_suffix('').parts))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)


def test_lambda_may_read_every_file_of_an_asset(tmp_path: Path) -> None:
    _asset_hash(tmp_path)
    (asset,) = tmp_path.glob("asset.*.zip")
    assert {entry.external_attr >> 16 & 0o777 for entry in ZipFile(asset).infolist()} == {0o644}


def test_the_time_of_a_file_does_not_change_an_asset(tmp_path: Path) -> None:
    before = _asset_hash(tmp_path / "before")
    source = ROOT / "lambdas" / "shift" / "handler.py"
    times = source.stat()
    os.utime(source, (0, 0))
    try:
        assert _asset_hash(tmp_path / "after") == before
    finally:
        os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))


def _asset_hash(folder: Path) -> str:
    # What a process has read once it does not read again.
    for kept in (_assets.archive, _assets.read, _assets.content_of, _assets.content_hash):
        kept.cache_clear()
    stack = Stack(App(outdir=str(folder)), "stack")
    Handler(stack, "Shift", folder="shift", environment={}, statements=[])
    (function,) = Template.from_stack(stack).find_resources("AWS::Lambda::Function").values()
    return str(function["Properties"]["Code"]["S3Key"])
