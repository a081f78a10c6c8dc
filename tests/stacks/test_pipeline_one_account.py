"""A pipeline whose environments share an account and a region, as in the local cloud."""

import json
from pathlib import Path
from typing import Final

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from stacks.compose import define_app
from stacks.service_files import load_folder
from tests.stacks.conftest import DELIVERY as EXAMPLE
from tests.stacks.conftest import context, synthesized
from tests.stacks.template_reading import properties, stages_of

ONE_ACCOUNT: Final = """
rehearsal: {account: "000000000000", region: us-east-1, deploy_with: bootstrap-roles}
dev: {account: "000000000000", region: us-east-1, deploy_with: bootstrap-roles}
prod: {account: "000000000000", region: us-east-1, deploy_with: bootstrap-roles}
delivery:
  name: rehearsed
  at: rehearsal
  source: {s3_bucket: sources, s3_key: source.zip, poll: true}
  synth: {commands: ["cdk synth"]}
  stages:
    - {name: dev, waves: [[dev]]}
    - {name: prod, waves: [[prod]], approval: true, models_from: dev}
"""


@pytest.fixture
def one_account(tmp_path: Path) -> Path:
    folder = tmp_path / "services"
    folder.mkdir()
    (folder / "samples").symlink_to(EXAMPLE / "samples")
    text = (EXAMPLE / "promoted.yaml").read_text()
    (folder / "promoted.yaml").write_text(text.replace("[dev, staging, prod-eu, prod-us]", "[dev, prod]"))
    (folder / "environments.yaml").write_text(ONE_ACCOUNT)
    return folder


def test_several_environments_may_share_an_account_and_a_region(one_account: Path, tmp_path: Path) -> None:
    assembly = synthesized(one_account, tmp_path / "out")
    pipeline = assembly.get_stack_by_name("rehearsed-pipeline").template
    stages = stages_of(pipeline, "rehearsed")
    assert list(stages)[4:] == ["dev", "Approve-prod", "prod", "Release"]
    (source,) = stages["Source"]
    assert source["Configuration"]["PollForSourceChanges"] is True
    assert not properties(pipeline, "AWS::KMS::Key"), "no other account reads the artifacts"
    assert [stack.stack_name for stack in assembly.stacks] == ["rehearsed-pipeline"]


def test_cdk_nag_finds_nothing_unacknowledged_in_a_pipeline(
    one_account: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_VALIDATION", "true")
    app = App(context=context(), outdir=str(tmp_path / "out"))
    define_app(app, load_folder(one_account))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    report = json.loads((tmp_path / "out" / "validation-report.json").read_text())
    assert [plugin["conclusion"] for plugin in report["pluginReports"]] == ["success"]
