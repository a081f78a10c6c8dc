"""The example services, synthesized once."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import App
from aws_cdk.cx_api import CloudAssembly

from stacks.compose import define_app, define_stacks
from stacks.service_files import load_deployments, load_folder
from stacks.yaml_source import BadFiles

ROOT: Final = Path(__file__).resolve().parents[2]
DELIVERY: Final = ROOT / "examples" / "delivery"
EXAMPLES: Final = ROOT / "examples" / "services"
Templates = Mapping[str, dict[str, Any]]
Faults = Callable[..., list[str]]


def context() -> dict[str, Any]:
    return dict(json.loads((ROOT / "cdk.json").read_text())["context"])


def synthesize(folder: Path, *, outdir: Path) -> Templates:
    app = App(context=context(), outdir=str(outdir))
    define_stacks(app, load_deployments(folder))
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesize(ROOT / "services", outdir=tmp_path_factory.mktemp("cdk.out"))


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The example of every kind, by the names of its stacks."""
    return synthesize(ROOT / "examples" / "services", outdir=tmp_path_factory.mktemp("cdk.out"))


@pytest.fixture(scope="session")
def foundation(templates: Templates) -> dict[str, Any]:
    return templates["digits-rehearsal-foundation"]


@pytest.fixture(scope="session")
def controller(templates: Templates) -> dict[str, Any]:
    return templates["digits-rehearsal-controller"]


@pytest.fixture(scope="session")
def hosting(templates: Templates) -> dict[str, Any]:
    return templates["digits-rehearsal-hosting"]


def synthesized(folder: Path, outdir: Path, **more: str) -> CloudAssembly:
    app = App(context={**context(), **more}, outdir=str(outdir))
    define_app(app, load_folder(folder))
    return app.synth()


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> CloudAssembly:
    return synthesized(DELIVERY, tmp_path_factory.mktemp("delivery"))


@pytest.fixture(scope="session")
def pipeline(assembly: CloudAssembly) -> dict[str, Any]:
    return dict(assembly.get_stack_by_name("tidegate-pipeline").template)


@pytest.fixture(scope="session")
def delivered(assembly: CloudAssembly) -> Templates:
    """The templates inside of the pipeline's stages, by the names of their stacks."""
    return {
        stack.stack_name: stack.template
        for nested in assembly.nested_assemblies
        for stack in nested.nested_assembly.stacks
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What is told of a changed example, and what should be."""

    message: str
    found: Sequence[str]

    @property
    def told(self) -> bool:
        return any(self.message in fault for fault in self.found)


def refusals(*rows: tuple[str, str, str, str]) -> pytest.MarkDecorator:
    """Run a test for each of some rows: an example, a text of it, what is written instead, what is told."""
    return pytest.mark.parametrize("refusal", rows, indirect=True, ids=[row[-1] for row in rows])


@pytest.fixture
def refusal(request: pytest.FixtureRequest, faults: Faults) -> Refusal:
    example, before, after, message = request.param
    return Refusal(message=message, found=faults(example, (before, after)))


@pytest.fixture
def faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Faults:
    """Replace texts in an example, and return its faults without the file's name and line."""
    monkeypatch.chdir(tmp_path)

    def find(example: str, *changes: tuple[str, str]) -> list[str]:
        folder = tmp_path / "services"
        shutil.copytree(EXAMPLES / "samples", folder / "samples", dirs_exist_ok=True)
        (folder / "environments.yaml").write_text((EXAMPLES / "environments.yaml").read_text())
        text = (EXAMPLES / f"{example}.yaml").read_text()
        for before, after in changes:
            assert before in text, before
            text = text.replace(before, after, 1)
        (folder / f"{example}.yaml").write_text(text)
        try:
            define_stacks(App(outdir=str(tmp_path / "out")), load_deployments(folder))
        except BadFiles as bad:
            return [fault.split(": ", 1)[1] for fault in bad.faults]
        return []

    return find
