"""Two synths of a commit are the same to the byte, and another commit changes next to nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk.cx_api import CloudAssembly

from tests.stacks.conftest import DELIVERY as EXAMPLE
from tests.stacks.conftest import ROOT, context, synthesized

COMMITS: Final = ("1a2b3c", "4d5e6f")


@pytest.fixture(scope="module")
def two_commits(tmp_path_factory: pytest.TempPathFactory) -> list[CloudAssembly]:
    return [synthesized(EXAMPLE, tmp_path_factory.mktemp(commit), commit=commit) for commit in COMMITS]


def run(outdir: Path, **more: str) -> None:
    """Synthesize in a process of its own, as the pipeline does."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "constructs"),
        "CDK_VALIDATION": "false",
        "CDK_OUTDIR": str(outdir),
        "CDK_CONTEXT_JSON": json.dumps({**context(), "services": str(EXAMPLE), **more}),
        # Another order of sets and of dictionaries' seeds must change nothing.
        "PYTHONHASHSEED": "random",
    }
    subprocess.run([sys.executable, str(ROOT / "app.py")], cwd=ROOT, env=environment, check=True, timeout=300)


def content(outdir: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(outdir)): path.read_bytes()
        for path in sorted(outdir.rglob("*"))
        if path.is_file()
    }


def test_two_synths_of_a_commit_are_the_same_to_the_byte(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    run(first, commit="1a2b3c")
    run(second, commit="1a2b3c")
    assert set(content(first)) == set(content(second))
    different = [name for name, data in content(first).items() if data != content(second)[name]]
    assert different == []


def test_another_commit_changes_an_output_of_hosting_and_nothing_else(
    two_commits: list[CloudAssembly],
) -> None:
    before, after = (whole(assembly) for assembly in two_commits)
    assert before["tidegate-pipeline"] == after["tidegate-pipeline"], "or the pipeline would update itself"
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {name for name in before if name.endswith("-hosting")}
    for name in changed:
        told = before[name]["Outputs"].pop("Commit"), after[name]["Outputs"].pop("Commit")
        assert [one["Value"] for one in told] == ["1a2b3c", "4d5e6f"]
        assert before[name] == after[name]


def whole(assembly: CloudAssembly) -> dict[str, dict[str, Any]]:
    nested = [one.nested_assembly for one in assembly.nested_assemblies]
    return {stack.stack_name: dict(stack.template) for one in (assembly, *nested) for stack in one.stacks}


def test_tags_do_not_change_with_the_commit(two_commits: list[CloudAssembly]) -> None:
    first, second = (
        [
            (stack.stack_name, stack.tags)
            for one in assembly.nested_assemblies
            for stack in one.nested_assembly.stacks
        ]
        for assembly in two_commits
    )
    assert first == second
