import json
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import Acknowledgment, App, CfnResource, Stack, Validations

from tidegate import SageMakerChecks
from tidegate._sagemaker_rules import RULES, Rule

OPEN: Final[dict[str, Any]] = {"NetworkConfig": {}}
ENCRYPTED: Final = {"NetworkConfig": {"EnableInterContainerTrafficEncryption": True}}
ISOLATED: Final = {"NetworkConfig": {"EnableNetworkIsolation": True}}
# By control: properties that comply, and properties that do not.
CASES: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "SageMaker.4": (
        {"ProductionVariants": [{"InitialInstanceCount": 2}]},
        {"ProductionVariants": [{"InitialInstanceCount": 2}, {"InitialInstanceCount": 1}]},
    ),
    "SageMaker.5": ({"EnableNetworkIsolation": True}, {"EnableNetworkIsolation": False}),
    "SageMaker.9": (ENCRYPTED, OPEN),
    "SageMaker.10": (ENCRYPTED, ISOLATED),
    "SageMaker.11": (ISOLATED, ENCRYPTED),
    "SageMaker.12": (ISOLATED, OPEN),
    "SageMaker.13": (ENCRYPTED, {}),
    "SageMaker.14": (
        {"MonitoringScheduleConfig": {"MonitoringJobDefinition": ISOLATED}},
        {"MonitoringScheduleConfig": {"MonitoringJobDefinition": {}}},
    ),
    "SageMaker.15": (ENCRYPTED, OPEN),
}


def rule(name: str) -> Rule:
    (found,) = [one for one in RULES if one.name == name]
    return found


def test_every_control_has_a_case() -> None:
    assert sorted(CASES) == sorted(one.name for one in RULES)


@pytest.mark.parametrize("name", sorted(CASES))
def test_what_complies_is_no_finding(name: str) -> None:
    assert list(rule(name).faults(CASES[name][0])) == []


@pytest.mark.parametrize("name", sorted(CASES))
def test_what_does_not_comply_is_one_finding(name: str) -> None:
    (_place,) = rule(name).faults(CASES[name][1])


def test_the_finding_names_the_variant_that_has_one_instance() -> None:
    properties = CASES["SageMaker.4"][1]
    assert list(rule("SageMaker.4").faults(properties)) == ["ProductionVariants.1.InitialInstanceCount"]


def test_a_variant_without_a_count_starts_with_one_instance() -> None:
    assert list(rule("SageMaker.4").faults({"ProductionVariants": [{}]})) != []


@pytest.mark.parametrize(
    "variant", [{"ServerlessConfig": {"MaxConcurrency": 1}}, {"InitialInstanceCount": {"Ref": "Instances"}}]
)
def test_serverless_variants_and_counts_known_at_deploy_time_are_left_alone(variant: dict[str, Any]) -> None:
    assert list(rule("SageMaker.4").faults({"ProductionVariants": [variant]})) == []


def test_a_switch_that_is_a_reference_is_not_known_to_be_on() -> None:
    assert list(rule("SageMaker.5").faults({"EnableNetworkIsolation": {"Ref": "Isolation"}})) != []


def test_a_schedule_that_names_its_job_definition_is_left_to_the_rules_of_that() -> None:
    properties = {"MonitoringScheduleConfig": {"MonitoringJobDefinitionName": "job"}}
    assert list(rule("SageMaker.14").faults(properties)) == []


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("CDK_VALIDATION", "true")
    app = App(outdir=str(tmp_path))
    CfnResource(Stack(app, "stack"), "Model", type="AWS::SageMaker::Model", properties={})
    Validations.of(app).add_plugins(SageMakerChecks())
    return app


def report(folder: Path) -> dict[str, Any]:
    reports = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    (found,) = [one for one in reports if one["pluginName"] == SageMakerChecks.NAME]
    return dict(found)


def test_rejects_an_app_with_a_finding_and_names_the_construct(app: App, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    (violation,) = report(tmp_path)["violations"]
    assert violation["ruleName"] == "SageMaker.5"
    assert [one["constructPath"] for one in violation["violatingConstructs"]] == ["stack/Model"]


def test_a_finding_that_is_acknowledged_stays_in_the_report_with_its_reason(app: App, tmp_path: Path) -> None:
    model = app.node.find_child("stack").node.find_child("Model")
    Validations.of(model).acknowledge(
        Acknowledgment(id="SageMakerChecks::SageMaker.5", reason="reads a feature store")
    )
    app.synth()
    found = report(tmp_path)
    assert found["violations"] == []
    assert [one["reason"] for one in found["suppressedViolations"]] == ["reads a feature store"]
