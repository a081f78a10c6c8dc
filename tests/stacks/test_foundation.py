import shutil
from pathlib import Path
from typing import Any

from aws_cdk import App

from stacks.fields.managed import ManagedService
from stacks.foundation import FoundationStack
from stacks.service_files import load_deployments
from tests.stacks.conftest import synthesize
from tests.stacks.template_reading import as_list, properties, resources, statements

ROOT = Path(__file__).resolve().parents[2]
T = dict[str, Any]


def test_what_holds_data_stays_when_the_stack_goes(foundation: T) -> None:
    for kind in ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SageMaker::ModelPackageGroup"):
        for name, found in resources(foundation, kind).items():
            assert (found["DeletionPolicy"], found["UpdateReplacePolicy"]) == ("Retain", "Retain"), name


def test_the_stack_refuses_deletion() -> None:
    (deployment,) = load_deployments(ROOT / "services")
    stack = FoundationStack(App(), "foundation", deployment=deployment.of(ManagedService))
    assert stack.termination_protection is True


def test_the_ledger_is_keyed_protected_and_restorable(foundation: T) -> None:
    (table,) = properties(foundation, "AWS::DynamoDB::Table")
    assert table["KeySchema"] == [
        {"AttributeName": "endpoint", "KeyType": "HASH"},
        {"AttributeName": "entry", "KeyType": "RANGE"},
    ]
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["DeletionProtectionEnabled"] is True


def test_the_artifact_bucket_is_versioned_encrypted_private_and_logged(foundation: T) -> None:
    (bucket,) = [one for one in properties(foundation, "AWS::S3::Bucket") if "LoggingConfiguration" in one]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["BucketEncryption"]


def test_every_bucket_refuses_plain_http(foundation: T) -> None:
    policies = properties(foundation, "AWS::S3::BucketPolicy")
    assert len(policies) == len(resources(foundation, "AWS::S3::Bucket")) == 2
    for policy in policies:
        denied = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [one["Condition"] for one in denied]


def test_only_sagemaker_of_this_account_takes_the_execution_role(foundation: T) -> None:
    (role,) = properties(foundation, "AWS::IAM::Role")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_execution_role_is_narrow(foundation: T) -> None:
    granted = [one for _, one in statements(foundation)]
    everywhere = {action for one in granted if one["Resource"] == "*" for action in as_list(one["Action"])}
    assert everywhere == {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}
    (metrics,) = [one for one in granted if one["Action"] == "cloudwatch:PutMetricData"]
    assert "cloudwatch:namespace" in metrics["Condition"]["StringLike"]
    assert "AmazonSageMakerFullAccess" not in str(foundation)


def test_a_rolled_out_service_in_a_network_may_join_it_and_nothing_else(tmp_path: Path) -> None:
    network = "{vpc: vpc-0a, subnets: [subnet-0a], security_groups: [sg-0a]}"
    text = (ROOT / "examples/services/rolled-out.yaml").read_text()
    (tmp_path / "rolled-out.yaml").write_text(text.replace("model: {", f"model: {{network: {network}, "))
    shutil.copy(ROOT / "examples/services/environments.yaml", tmp_path)
    synthesized = synthesize(tmp_path, outdir=tmp_path / "out")
    (join,) = [
        one
        for _, one in statements(synthesized["rolled-out-production-foundation"])
        if one.get("Sid") == "JoinNetwork"
    ]
    assert "*" not in as_list(join["Resource"])
    (model,) = properties(synthesized["rolled-out-production-hosting"], "AWS::SageMaker::Model")
    assert model["VpcConfig"] == {"SecurityGroupIds": ["sg-0a"], "Subnets": ["subnet-0a"]}
