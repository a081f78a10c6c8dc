"""What changes with every commit is an output, and nothing that CloudFormation hands down to a resource."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import App

from stacks.compose import define_stacks
from stacks.service_files import load_deployments
from tests.stacks.conftest import ROOT, Templates, context

FOLDERS: Final = [ROOT / "services", ROOT / "examples" / "services"]
Assembly = dict[str, dict[str, Any]]


def _synthesize(folder: Path, outdir: Path, **origin: str) -> tuple[Assembly, Assembly]:
    """Return templates, and what the assembly's manifest says about stacks, by the stacks' names."""
    app = App(context={**context(), **origin}, outdir=str(outdir))
    define_stacks(app, load_deployments(folder))
    assembly = app.synth()
    artifacts = json.loads((Path(assembly.directory) / "manifest.json").read_text())["artifacts"]
    deployed = {
        name: artifact["properties"]
        for name, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    for properties in deployed.values():
        properties.pop("stackTemplateAssetObjectUrl", None)
    return {stack.stack_name: stack.template for stack in assembly.stacks}, deployed


@pytest.mark.parametrize("folder", FOLDERS, ids=["services", "examples"])
def test_two_commits_differ_in_outputs_and_in_no_resource_tag_or_stack_tag(
    folder: Path, tmp_path: Path
) -> None:
    one, one_deployed = _synthesize(folder, tmp_path / "one", commit="1a2b3c", build="synth:1")
    two, two_deployed = _synthesize(folder, tmp_path / "two", commit="4d5e6f", build="synth:2")
    assert one_deployed == two_deployed
    changed = {name for name in one if one[name] != two[name]}
    assert changed == {name for name in one if name.endswith("-hosting")}
    for name in changed:
        assert (one[name]["Outputs"].pop("Commit"), two[name]["Outputs"].pop("Commit")) == (
            {"Value": "1a2b3c"},
            {"Value": "4d5e6f"},
        )
        assert one[name]["Outputs"].pop("Build") == {"Value": "synth:1"}
        assert two[name]["Outputs"].pop("Build") == {"Value": "synth:2"}
    assert one == two


def test_without_a_commit_there_is_no_such_output(templates: Templates) -> None:
    assert not {"Commit", "Build"} & set(templates["digits-rehearsal-hosting"]["Outputs"])
