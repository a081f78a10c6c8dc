"""The example services, synthesized once."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import App

from stacks.compose import define_stacks
from stacks.service_files import load_deployments

ROOT: Final = Path(__file__).resolve().parents[2]
Templates = Mapping[str, dict[str, Any]]


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
