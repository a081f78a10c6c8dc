import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from stacks.compose import define_stacks
from stacks.service_files import load_deployments
from tests.stacks.conftest import ROOT, Templates, context, synthesize

SERVICES: Final = [ROOT / "services", ROOT / "examples" / "services"]
every_folder = pytest.mark.parametrize("services", SERVICES, ids=["services", "examples"])


def test_two_synths_are_identical(templates: Templates, tmp_path: Path) -> None:
    assert synthesize(ROOT / "services", outdir=tmp_path) == templates


def test_two_synths_of_every_kind_are_identical(examples: Templates, tmp_path: Path) -> None:
    assert synthesize(ROOT / "examples" / "services", outdir=tmp_path) == examples


def test_the_template_does_not_depend_on_environment_variables(
    templates: Templates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "CDK_DEFAULT_REGION"):
        monkeypatch.setenv(name, "ap-south-1")
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "999999999999")
    monkeypatch.setenv("PLAN", "{}")
    assert synthesize(ROOT / "services", outdir=tmp_path) == templates


@every_folder
def test_cdk_nag_finds_nothing_unacknowledged(
    services: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = _validated(services, tmp_path, monkeypatch)
    assert [plugin["conclusion"] for plugin in report["pluginReports"]] == ["success"]


@every_folder
def test_at_most_three_rules_are_acknowledged_each_time_with_a_reason(
    services: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acknowledged = list(_acknowledged(_validated(services, tmp_path, monkeypatch)))
    rules = {rule for rule, _ in acknowledged}
    assert {"AwsSolutions-IAM5"} <= rules <= {"AwsSolutions-IAM5", "AwsSolutions-SQS3"}
    assert all(reason for _, reason in acknowledged)


def test_bootstrap_roles_add_no_parameter_that_a_promotion_would_have_to_pass(tmp_path: Path) -> None:
    services = tmp_path / "services"
    services.mkdir()
    (services / "environments.yaml").write_text((ROOT / "services/environments.yaml").read_text())
    text = (ROOT / "services/digits.yaml").read_text()
    (services / "digits.yaml").write_text(text.replace("[rehearsal]", "[production]"))
    hosting = synthesize(services, outdir=tmp_path / "out")["digits-production-hosting"]
    assert set(hosting["Parameters"]) == {"LiveModelPackage"}


def _validated(services: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("CDK_VALIDATION", "true")
    app = App(context=context(), outdir=str(folder))
    define_stacks(app, load_deployments(services))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return dict(json.loads((folder / "validation-report.json").read_text()))


def _acknowledged(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for plugin in report["pluginReports"]:
        for violation in plugin.get("suppressedViolations", []):
            yield violation["ruleName"].split("[")[0], violation["reason"]
