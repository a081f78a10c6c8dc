"""A service file that names sample requests: what the controller gets of them, and what is refused."""

from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from stacks.compose import define_stacks
from stacks.service_files import load_deployments
from tests.stacks.conftest import EXAMPLES, Faults
from tests.stacks.template_reading import machine

NAMED: Final = ("rollout:\n", "rollout:\n  samples: samples/rolled-out.yaml\n")
GOOD: Final = """\
samples:
  - name: a usual image
    file: usual.json
    content_type: application/json
    expect: {contains: predictions}
  - body: {instances: []}
    expect: {status: 500}
"""


def declared(folder: Path, text: str) -> None:
    samples = folder / "services" / "samples"
    samples.mkdir(parents=True)
    (samples / "rolled-out.yaml").write_text(text)
    (samples / "usual.json").write_text('{"instances": [[0]]}')


def test_a_service_with_samples_has_a_function_that_asks_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared(tmp_path, GOOD)
    folder = tmp_path / "services"
    for name in ("environments", "rolled-out"):
        text = (EXAMPLES / f"{name}.yaml").read_text().replace(*NAMED)
        (folder / f"{name}.yaml").write_text(text)
    app = App(outdir=str(tmp_path / "out"))
    define_stacks(app, load_deployments(folder))
    stack: Any = app.node.find_child("rolled-out-production-controller")
    template = dict(Template.from_stack(stack).to_json())
    handlers = [
        one["Properties"]["Handler"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::Lambda::Function"
    ]
    assert "try_samples.handler.handle" in handlers
    states = machine(template, "rolled-out-production-rollout")["States"]
    assert "TrySamples" in states


def test_samples_that_are_right_are_accepted(faults: Faults, tmp_path: Path) -> None:
    declared(tmp_path, GOOD)
    assert faults("rolled-out", NAMED) == []


def test_rejects_samples_with_a_fault_in_the_line_of_their_own_file(faults: Faults, tmp_path: Path) -> None:
    declared(tmp_path, GOOD.replace("status: 500", "sttus: 500").replace("usual.json", "gone.json"))
    found = faults("rolled-out", NAMED)
    assert [fault.split(": ")[0] for fault in found] == ["samples[0].file", "samples[1].expect.sttus"]
    assert found[0].endswith("gone.json cannot be read: no such file")


def test_rejects_samples_that_are_not_there(faults: Faults) -> None:
    (fault,) = faults("rolled-out", NAMED)
    assert fault == "no such file"


def test_rejects_a_file_that_would_be_taken_for_a_service(faults: Faults) -> None:
    (fault,) = faults("rolled-out", ("rollout:\n", "rollout:\n  samples: mine.yaml\n"))
    assert fault.startswith("rollout.samples: must lie in a folder of its own, as samples/mine.yaml")
