"""What AWS is asked to promote a version: registry, S3, ledger, stacks, approvals, trainings."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from tidegate_runtime import errors
from tidegate_runtime.adapters.approvals import PipelineApprovals
from tidegate_runtime.adapters.artifact_store import S3Artifacts
from tidegate_runtime.adapters.model_versions import ModelVersions
from tidegate_runtime.adapters.rollouts import LedgerRollouts
from tidegate_runtime.adapters.stack_outputs import StackOutputs
from tidegate_runtime.adapters.training import SageMakerPipelines
from tidegate_runtime.delivery_ports import Decision, Stored, TrainingRun

Stubbed = Callable[[str], tuple[Any, Stubber]]

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
ARN = "arn:aws:sagemaker:us-east-1:111111111111:model-package/digits-dev/7"
COPY = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/digits-staging/3"
SOURCE = {"tidegate:source-package": ARN}


def described(arn: str = ARN, **more: Any) -> dict[str, Any]:
    container = {"Image": "i@sha256:0", "ImageDigest": "sha256:0", "ModelDataUrl": "s3://b/m.tar.gz"}
    specification = {"Containers": [container], "SupportedContentTypes": [], "SupportedResponseMIMETypes": []}
    return {
        "ModelPackageName": "7",
        "ModelPackageArn": arn,
        "ModelPackageGroupName": "digits-dev",
        "ModelPackageVersion": 7,
        "CreationTime": NOW,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "ModelApprovalStatus": "Approved",
        "InferenceSpecification": specification,
        "MetadataProperties": {"CommitId": "1a2b3c"},
        **more,
    }


def registry(client: Any) -> tuple[ModelVersions, list[str]]:
    regions: list[str] = []

    def client_of(region: str) -> Any:
        regions.append(region)
        return client

    return ModelVersions(client_of), regions


def test_a_version_is_asked_for_in_its_own_region_and_told_in_the_words_of_a_new_one(
    stubbed: Stubbed,
) -> None:
    client, stubber = stubbed("sagemaker")
    versions, regions = registry(client)
    answer = described(
        CustomerMetadataProperties={"a": "b"},
        ApprovalDescription="good",
        LastModifiedBy={"IamIdentity": {"Arn": "arn:aws:iam::1:user/ada"}},
        CertifyForMarketplace=False,
    )
    stubber.add_response("describe_model_package", answer, {"ModelPackageName": ARN})
    version = versions.describe(ARN)
    assert regions == ["us-east-1"]
    assert (version.name, version.number, version.approval) == ("digits-dev/7", "7", "Approved")
    assert (version.approval_note, version.changed_by) == ("good", "arn:aws:iam::1:user/ada")
    assert version.created_at == NOW.timestamp()
    assert version.definition == {
        "InferenceSpecification": answer["InferenceSpecification"],
        "MetadataProperties": {"CommitId": "1a2b3c"},
    }


def test_a_version_that_does_not_exist_is_named(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    stubber.add_client_error(
        "describe_model_package", "ValidationException", f"ModelPackage {ARN} does not exist."
    )
    with pytest.raises(errors.NotApproved, match="digits-dev/7 does not exist"):
        registry(client)[0].describe(ARN)


def test_a_copy_is_found_by_its_source_among_those_made_after_it(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    versions, regions = registry(client)

    def summary(number: int, description: str) -> dict[str, Any]:
        return {
            "ModelPackageArn": f"{COPY[:-1]}{number}",
            "CreationTime": NOW,
            "ModelPackageStatus": "Completed",
            "ModelPackageDescription": description,
        }

    stubber.add_response(
        "list_model_packages",
        {"ModelPackageSummaryList": [summary(4, "better"), summary(5, f"Made from {ARN}")], "NextToken": "n"},
        {"ModelPackageGroupName": "digits-staging", "CreationTimeAfter": NOW.timestamp() - 1},
    )
    stubber.add_response(
        "list_model_packages",
        {"ModelPackageSummaryList": [summary(3, f"digits Made from {ARN}")]},
        {"ModelPackageGroupName": "digits-staging", "CreationTimeAfter": ANY, "NextToken": "n"},
    )
    stubber.add_response("describe_model_package", described(f"{COPY[:-1]}5"))
    stubber.add_response("describe_model_package", described(COPY, CustomerMetadataProperties=SOURCE))
    found = versions.made_from(ARN, group="digits-staging", region="eu-west-1", since=NOW.timestamp())
    assert found is not None
    assert found.arn == COPY
    assert regions == ["eu-west-1"] * 3


def test_a_version_is_registered_with_a_token_and_decided_about_with_a_note(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    versions, _ = registry(client)
    definition = {"ModelPackageGroupName": "digits-staging", "CustomerMetadataProperties": SOURCE}
    stubber.add_response(
        "create_model_package", {"ModelPackageArn": COPY}, {**definition, "ClientToken": "t"}
    )
    approved = {"ModelPackageArn": COPY, "ModelApprovalStatus": "Approved", "ApprovalDescription": "by ada"}
    stubber.add_response(
        "update_model_package",
        {"ModelPackageArn": COPY},
        {**approved, "CustomerMetadataProperties": {"k": "v"}},
    )
    stubber.add_response("update_model_package", {"ModelPackageArn": COPY}, approved)
    stubber.add_response(
        "update_model_package",
        {"ModelPackageArn": COPY},
        {"ModelPackageArn": COPY, "CustomerMetadataProperties": {"k": "v"}},
    )
    assert versions.register(definition, region="eu-west-1", token="t") == COPY
    versions.decide(COPY, approval="Approved", note="by ada", metadata={"k": "v"})
    versions.decide(COPY, approval="Approved", note="by ada", metadata={})
    versions.note(COPY, {"k": "v"})
    versions.note(COPY, {})


@pytest.mark.parametrize(
    ("told", "digest"),
    [
        ({"ChecksumSHA256": "abc=", "ChecksumType": "FULL_OBJECT", "ETag": '"e"'}, "sha256:abc="),
        ({"ChecksumSHA256": "abc=-2", "ChecksumType": "COMPOSITE", "ETag": '"e-2"'}, ""),
        ({"ETag": '"e"'}, "md5:e"),
        ({"ETag": '"e"', "ServerSideEncryption": "aws:kms"}, ""),
    ],
)
def test_a_digest_is_told_only_where_it_is_one_of_the_whole_object(
    stubbed: Stubbed, told: dict[str, Any], digest: str
) -> None:
    client, stubber = stubbed("s3")
    stubber.add_response(
        "head_object",
        {"ContentLength": 7, "VersionId": "v1", "Metadata": {"tidegate-origin": "s3://a/b"}, **told},
        {"Bucket": "b", "Key": "k", "ChecksumMode": "ENABLED", "VersionId": "v1"},
    )
    found = S3Artifacts(client).find("b", "k", version="v1")
    assert found is not None
    assert (found.digest, found.size, found.version, found.origin) == (digest, 7, "v1", "s3://a/b")


def test_an_artifact_is_copied_in_its_very_version_and_one_that_is_missing_is_none(stubbed: Stubbed) -> None:
    client, stubber = stubbed("s3")
    stubber.add_client_error("head_object", "404")
    stubber.add_response(
        "copy_object",
        {},
        {
            "Bucket": "to",
            "Key": "k2",
            "CopySource": {"Bucket": "from", "Key": "k", "VersionId": "v1"},
            "CopySourceIfMatch": '"e"',
            "ChecksumAlgorithm": "SHA256",
            "MetadataDirective": "REPLACE",
            "Metadata": {"tidegate-origin": "s3://from/k?versionId=v1"},
            "TaggingDirective": "REPLACE",
        },
    )
    artifacts = S3Artifacts(client)
    assert artifacts.find("from", "k") is None
    stored = Stored(bucket="from", key="k", version="v1", size=7, etag='"e"')
    artifacts.copy(stored, bucket="to", key="k2", origin="s3://from/k?versionId=v1")


def test_the_rollouts_of_a_version_come_in_the_order_of_its_approvals(stubbed: Stubbed) -> None:
    client, stubber = stubbed("dynamodb")
    ids = ("v7-20261122T000000Z", "v7-20261121T000000Z")
    items = [
        {
            "entry": {"S": f"RUN#{one}"},
            "status": {"S": "PROMOTED"},
            "body": {"S": "{}"},
            "revision": {"N": "2"},
        }
        for one in ids
    ]
    stubber.add_response("query", {"Items": items}, _query("RUN#v7-"))
    stubber.add_response("query", {"Items": []}, _query("RUN#v"))
    log = [
        {"entry": {"S": f"LOG#v7-1#00{number}#{kind}"}, "body": {"S": json.dumps({"kind": kind})}}
        for number, kind in enumerate(("SHIFTED", "JUDGED"))
    ]
    stubber.add_response("query", {"Items": log}, _query("LOG#v7-1#"))
    rollouts = LedgerRollouts(client, table="ledger", endpoint_name="digits-dev")
    assert [run.rollout_id for run in rollouts.of("7")] == list(reversed(ids))
    assert rollouts.every() == []
    assert rollouts.judged("v7-1") == [{"kind": "JUDGED"}]


def _query(prefix: str) -> dict[str, Any]:
    return {
        "TableName": "ledger",
        "ConsistentRead": True,
        "KeyConditionExpression": "#endpoint = :endpoint AND begins_with(#entry, :prefix)",
        "ExpressionAttributeNames": {"#endpoint": "endpoint", "#entry": "entry"},
        "ExpressionAttributeValues": {":endpoint": {"S": "digits-dev"}, ":prefix": {"S": prefix}},
    }


def test_a_stack_that_does_not_exist_has_no_outputs(stubbed: Stubbed) -> None:
    client, stubber = stubbed("cloudformation")
    stack = {"StackName": "s", "CreationTime": NOW, "StackStatus": "CREATE_COMPLETE"}
    outputs = [{"OutputKey": "LedgerTable", "OutputValue": "ledger"}]
    stubber.add_response("describe_stacks", {"Stacks": [{**stack, "Outputs": outputs}]}, {"StackName": "s"})
    stubber.add_client_error("describe_stacks", "ValidationError", "Stack with id t does not exist")
    stubber.add_client_error("describe_stacks", "AccessDenied", "no")
    stacks = StackOutputs(client)
    assert stacks.of("s") == {"LedgerTable": "ledger"}
    assert stacks.of("t") == {}
    with pytest.raises(errors.Denied):
        stacks.of("u")


def _action(category: str, minute: int, *, status: str = "Succeeded", by: str = "ada") -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": "Manual", "version": "1"}
    return {
        "stageName": f"stage-{minute}",
        "status": status,
        "updatedBy": by,
        "lastUpdateTime": NOW + dt.timedelta(minutes=minute),
        "input": {"actionTypeId": kind},
        "output": {"executionResult": {"externalExecutionSummary": "go"}},
    }


def test_who_approved_last_is_found_among_all_actions_of_an_execution(stubbed: Stubbed) -> None:
    client, stubber = stubbed("codepipeline")
    actions = [
        _action("Approval", 3, by="bob"),
        _action("Approval", 1),
        _action("Invoke", 4),
        _action("Approval", 5, status="InProgress"),
    ]
    asked = {"pipelineName": "p", "filter": {"pipelineExecutionId": "e"}}
    stubber.add_response("list_action_executions", {"actionExecutionDetails": actions}, asked)
    stubber.add_response("list_action_executions", {"actionExecutionDetails": actions[2:3]}, asked)
    approvals = PipelineApprovals(client)
    assert approvals.newest("p", "e", stage="stage-3") == Decision(by="bob", comment="go", stage="stage-3")
    assert approvals.newest("p", "e", stage="stage-3") is None


def test_a_training_is_started_with_a_token_and_told_with_what_it_has_made(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    execution = "arn:aws:sagemaker:eu-west-1:222222222222:pipeline/training/execution/1"
    token = "t" * 40
    stubber.add_response(
        "start_pipeline_execution",
        {"PipelineExecutionArn": execution},
        {
            "PipelineName": "training",
            "PipelineParameters": [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}],
            "ClientRequestToken": token,
        },
    )
    for status in ("Executing", "Succeeded"):
        stubber.add_response("describe_pipeline_execution", {"PipelineExecutionStatus": status})
    job = "arn:aws:sagemaker:eu-west-1:222222222222:training-job/j"
    steps = [
        {"StepName": "Register", "Metadata": {"RegisterModel": {"Arn": COPY}}},
        {"StepName": "Check", "Metadata": {"Condition": {"Outcome": "True"}}},
        {"StepName": "Train", "Metadata": {"TrainingJob": {"Arn": job}}},
    ]
    stubber.add_response("list_pipeline_execution_steps", {"PipelineExecutionSteps": steps})
    pipelines = SageMakerPipelines(client)
    assert pipelines.start("training", parameters={"B": "2", "A": "1"}, token=token) == execution
    assert pipelines.describe(execution) == TrainingRun(status="Executing")
    assert pipelines.describe(execution) == TrainingRun(
        status="Succeeded", packages=(COPY,), training_jobs=(job,)
    )


def test_rejects_a_training_pipeline_that_does_not_exist_and_says_what_to_do(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    stubber.add_client_error("start_pipeline_execution", "ResourceNotFound")
    with pytest.raises(errors.Rejected, match="there is no SageMaker Pipeline training: deploy it first"):
        SageMakerPipelines(client).start("training", parameters={}, token="t" * 40)
