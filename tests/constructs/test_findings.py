import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from tidegate import ArtifactBucket, ExecutionRole, Findings, Model, ModelSource, Rollout, RolloutPlan

PACKAGE = "arn:aws:sagemaker:eu-west-1:111122223333:model-package/digits/1"


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(App(outdir=str(tmp_path)), "stack")


def rollout(stack: Stack) -> Rollout:
    bucket = ArtifactBucket(stack, "Artifacts").bucket
    role = ExecutionRole(stack, "ExecutionRole", endpoint_name="digits", artifact_buckets=[bucket])
    return Rollout(
        stack,
        "Rollout",
        endpoint_name="digits",
        model_package_group_name="digits",
        pointer_parameter="/digits/live",
        hosting_stack_name="digits-hosting",
        execution_role=role.role,
        artifact_buckets=[bucket],
        plan=RolloutPlan.canary(percent=5),
    )


def metadata(stack: Stack, kind: str) -> list[dict[str, Any]]:
    found = Template.from_stack(stack).find_resources(kind).values()
    return [resource.get("Metadata", {}) for resource in found]


def test_cdk_nag_finds_nothing_in_a_user_s_own_stack_once_the_known_is_acknowledged(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_VALIDATION", "true")
    rollout(stack)
    Findings.acknowledge_known(stack)
    Validations.of(stack).add_plugins(AwsSolutionsChecks(stack))
    app = App.of(stack)
    assert app is not None
    app.synth()
    (report,) = json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
    assert report["violations"] == []
    reasons = [one["reason"] for one in report["suppressedViolations"]]
    assert reasons
    assert all(reasons)


def test_what_is_known_has_a_reason_for_checkov_and_cfn_lint(stack: Stack) -> None:
    rollout(stack)
    Findings.acknowledge_known(stack)
    for function in Template.from_stack(stack).find_resources("AWS::Lambda::Function").values():
        found = function["Metadata"]
        without_queue = set() if "DeadLetterConfig" in function["Properties"] else {"CKV_AWS_116"}
        usual = {"CKV_AWS_115", "CKV_AWS_117", "CKV_AWS_173"}
        assert {skip["id"] for skip in found["checkov"]["skip"]} == usual | without_queue
        assert all(skip["comment"] for skip in found["checkov"]["skip"])
        if "cfn-lint" in found:
            assert set(found["cfn-lint"]["config"]["ignore_checks"]) == set(found["cfn-lint"]["reasons"])


def test_only_the_log_bucket_may_go_without_an_access_log(stack: Stack) -> None:
    ArtifactBucket(stack, "Artifacts")
    Findings.acknowledge_known(stack)
    logged = {
        resource["Properties"].get("LoggingConfiguration") is not None: resource.get("Metadata", {})
        for resource in Template.from_stack(stack).find_resources("AWS::S3::Bucket").values()
    }
    assert "checkov" not in logged[True]
    assert [skip["id"] for skip in logged[False]["checkov"]["skip"]] == ["CKV_AWS_18"]


def test_a_users_own_resources_are_left_alone(stack: Stack) -> None:
    wide = iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])
    iam.ManagedPolicy(stack, "Policy", statements=[wide])
    Findings.acknowledge_known(stack)
    assert metadata(stack, "AWS::IAM::ManagedPolicy") == [{}]


def test_one_reason_reaches_every_scanner(stack: Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    Findings.acknowledge(bucket, "CKV_AWS_18", "W3005", "AwsSolutions::AwsSolutions-S1", reason="a test")
    (found,) = metadata(stack, "AWS::S3::Bucket")
    assert found["checkov"] == {"skip": [{"id": "CKV_AWS_18", "comment": "a test"}]}
    assert found["cfn-lint"] == {"config": {"ignore_checks": ["W3005"]}, "reasons": {"W3005": "a test"}}
    resource = bucket.node.default_child
    assert resource is not None
    acknowledged = [one.data for one in resource.node.metadata if one.type == "aws:cdk:acknowledged-rules"]
    assert acknowledged == [{"AwsSolutions::AwsSolutions-S1": "a test"}]


def test_acknowledgements_of_one_resource_add_up(stack: Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    for number, finding in enumerate(("CKV_AWS_18", "CKV_AWS_21", "W3005", "W3010")):
        Findings.acknowledge(bucket, finding, reason=f"reason {number}")
    (found,) = metadata(stack, "AWS::S3::Bucket")
    assert [skip["id"] for skip in found["checkov"]["skip"]] == ["CKV_AWS_18", "CKV_AWS_21"]
    assert found["cfn-lint"]["config"] == {"ignore_checks": ["W3005", "W3010"]}


def test_a_construct_of_the_library_stands_for_its_main_resource(stack: Stack) -> None:
    role = ExecutionRole(stack, "ExecutionRole", endpoint_name="digits", artifact_buckets=[])
    model = Model(stack, "Model", source=ModelSource.model_package(PACKAGE), role=role.role)
    Findings.acknowledge(model, "CKV_AWS_370", reason="reads a feature store")
    (found,) = metadata(stack, "AWS::SageMaker::Model")
    assert found["checkov"]["skip"][0]["id"] == "CKV_AWS_370"


@pytest.mark.parametrize(
    ("ids", "reason", "said"),
    [
        (["CKV_AWS_18"], "  ", "needs a reason, got none for CKV_AWS_18"),
        (["S1", "W1"], "why", r"must look like CKV_AWS_18, W3005 or Plugin::Rule, got \['S1', 'W1'\]"),
    ],
)
def test_rejects_an_acknowledgement_that_no_scanner_would_read(
    stack: Stack, ids: list[str], reason: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Findings.acknowledge(s3.Bucket(stack, "Bucket"), *ids, reason=reason)


def test_rejects_a_construct_without_a_resource(stack: Stack) -> None:
    with pytest.raises(ValueError, match="stack has no resource of its own"):
        Findings.acknowledge(stack, "CKV_AWS_18", reason="why")
