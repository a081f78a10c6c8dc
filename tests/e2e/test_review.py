"""A pull request is compared with what is deployed, by the command and CloudFormation's own change sets."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.e2e

Review = Callable[..., "subprocess.CompletedProcess[str]"]
Template = dict[str, Any]


@pytest.fixture
def review(world: World) -> Review:
    """Run `tidegate review` on an assembly as a build does."""

    def run(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "tidegate_cli", "review", "--app", str(folder), *options]
        return subprocess.run(
            [*command, "--endpoint-url", world.stage.cloud.endpoint_url],
            env=world.stage.processes.environment,
            cwd=world.stage.work,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def changed(assembly: Path, folder: Path, stack: str, change: Callable[[Template], None]) -> Path:
    """Return a copy of an assembly in which a template has been changed."""
    shutil.copytree(assembly, folder)
    file = folder / f"{stack}.template.json"
    template = json.loads(file.read_text())
    change(template)
    file.write_text(json.dumps(template))
    return folder


def of_type(template: Template, kind: str) -> dict[str, Any]:
    """Return the properties of the first resource of a type."""
    found = next(each for each in template["Resources"].values() if each["Type"] == kind)
    properties: dict[str, Any] = found["Properties"]
    return properties


def another_key(template: Template) -> None:
    table = of_type(template, "AWS::DynamoDB::Table")
    table["KeySchema"][1]["AttributeName"] = table["AttributeDefinitions"][1]["AttributeName"] = "moment"


def more_memory(template: Template) -> None:
    of_type(template, "AWS::Lambda::Function")["MemorySize"] = 1024


def change_sets(world: World, stack: str) -> list[Any]:
    """Return those that the command made and left; the CDK CLI leaves its own last one."""
    found = world.stage.aws.cloudformation.list_change_sets(StackName=stack)["Summaries"]
    return [each for each in found if each["ChangeSetName"].startswith("tidegate-review")]


@pytest.mark.parametrize("options", [[], ["--read-only"]], ids=["change sets", "read only"])
def test_a_change_that_replaces_the_ledger_is_refused_and_leaves_nothing_behind(
    world: World, assembly: Path, review: Review, tmp_path: Path, options: list[str]
) -> None:
    stack = world.stage.service.stack("foundation")
    done = review(changed(assembly, tmp_path / "assembly", stack, another_key), "--json", *options)
    assert done.returncode == 12, done.stderr
    (found,) = [each for each in json.loads(done.stdout)["stacks"] if each["refusals"]]
    (refusal,) = found["refusals"]
    assert (found["name"], refusal["kind"], refusal["because"]) == (
        stack,
        "AWS::DynamoDB::Table",
        ["KeySchema"],
    )
    assert f"{stack}/{refusal['logical_id']}" in done.stderr
    assert change_sets(world, stack) == []
    world.require_rest()


def test_a_harmless_change_passes_also_where_the_template_is_too_long_for_a_request(
    world: World, assembly: Path, review: Review, tmp_path: Path
) -> None:
    stack = world.controller.stack
    folder = changed(assembly, tmp_path / "assembly", stack, more_memory)
    template = json.loads((folder / f"{stack}.template.json").read_text())
    assert len(json.dumps(template, separators=(",", ":"))) > 51_200
    report = tmp_path / "review.md"
    done = review(folder, "--markdown", str(report))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{stack} (000000000000/us-east-1): changed, 1 elements" in report.read_text()
    assert "~ Resources AWS::Lambda::Function" in done.stdout
    assert "+     1024" in done.stdout
    assert change_sets(world, stack) == []


def test_another_environment_of_the_container_replaces_model_and_configuration_and_passes(
    world: World, assembly: Path, review: Review
) -> None:
    # The proofs before may have left either of the two deployed.
    is_changed = world.require_rest().colour == "green"
    done = review(assembly if is_changed else world.synths["changed"].wait(), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = {each["name"]: each for each in json.loads(done.stdout)["stacks"]}
    hosting = found[world.controller.hosting_stack]
    assert (hosting["status"], hosting["refusals"]) == ("changed", [])
    world.require_rest()
