"""What CodePipeline, STS and S3 are asked on behalf of a delivery pipeline."""

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from tidegate_runtime import errors
from tidegate_runtime.adapters.objects import MarkedObject
from tidegate_runtime.adapters.pipeline_jobs import PipelineJobs
from tidegate_runtime.adapters.pipelines import CodePipelines
from tidegate_runtime.adapters.role_clients import OwnClients, RoleClients

Stubbed = Callable[[str], tuple[Any, Stubber]]

JOB = "11111111-2222-3333-4444-555555555555"
ROLE = "arn:aws:iam::111111111111:role/digits-staging-delivery"


def test_codepipeline_is_told_what_came_of_a_job(stubbed: Stubbed) -> None:
    client, stubber = stubbed("codepipeline")
    details = {"summary": "one line"}
    stubber.add_response(
        "put_job_success_result",
        {},
        {"jobId": JOB, "outputVariables": {"Summary": "one line"}, "executionDetails": details},
    )
    stubber.add_response(
        "put_job_success_result", {}, {"jobId": JOB, "continuationToken": "{}", "executionDetails": details}
    )
    failure = {"type": "JobFailed", "message": "one line"}
    stubber.add_response("put_job_failure_result", {}, {"jobId": JOB, "failureDetails": failure})
    jobs = PipelineJobs(client)
    jobs.done(JOB, variables={"Summary": "one line"}, summary="one line")
    jobs.goes_on(JOB, token="{}", summary="one line")
    jobs.failed(JOB, message="one line", kind="JobFailed")


@pytest.mark.parametrize("code", ["InvalidJobStateException", "JobNotFoundException"])
def test_a_job_that_is_over_takes_no_report_which_is_fine(stubbed: Stubbed, code: str) -> None:
    client, stubber = stubbed("codepipeline")
    stubber.add_client_error("put_job_success_result", code)
    PipelineJobs(client).done(JOB, variables={}, summary="done")


def test_a_report_that_codepipeline_refuses_is_named(stubbed: Stubbed) -> None:
    client, stubber = stubbed("codepipeline")
    stubber.add_client_error("put_job_success_result", "OutputVariablesSizeExceededException")
    with pytest.raises(errors.Rejected, match="OutputVariablesSizeExceeded"):
        PipelineJobs(client).done(JOB, variables={}, summary="done")


def test_a_role_is_taken_once_for_all_clients_and_tells_which_job_it_is(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sts")
    credentials = {
        "AccessKeyId": "A" * 16,
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
    }
    stubber.add_response(
        "assume_role",
        {"Credentials": credentials},
        {"RoleArn": ROLE, "RoleSessionName": f"deliver-{JOB}", "DurationSeconds": 900},
    )
    clients = RoleClients(client, role_arn=ROLE, session_name=f"deliver-{JOB}", region="eu-west-1")
    sagemaker, elsewhere = clients("sagemaker"), clients("s3", region="us-east-1")
    assert (sagemaker.meta.region_name, elsewhere.meta.region_name) == ("eu-west-1", "us-east-1")
    given = sagemaker._request_signer._credentials
    assert (given.access_key, given.token) == ("A" * 16, "t")


def test_a_role_that_may_not_be_taken_is_named_with_what_to_look_at(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sts")
    stubber.add_client_error("assume_role", "AccessDenied")
    clients = RoleClients(client, role_arn=ROLE, session_name="deliver-j", region="eu-west-1")
    with pytest.raises(errors.Denied, match=f"{ROLE} may not be taken: is its stack deployed"):
        clients("sagemaker")


def test_own_clients_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    clients = OwnClients()
    assert clients("s3") is clients("s3")
    assert clients("s3", region="eu-west-1").meta.region_name == "eu-west-1"


def test_an_object_is_absent_before_it_is_first_written(stubbed: Stubbed) -> None:
    client, stubber = stubbed("s3")
    place = {"Bucket": "released", "Key": "released.zip"}
    stubber.add_client_error("get_object", "NoSuchKey")
    stubber.add_response("put_object", {}, {**place, "Body": b"zip"})
    stubber.add_response("get_object", {"Body": StreamingBody(BytesIO(b"zip"), 3)}, place)
    marker = MarkedObject(client, bucket="released", key="released.zip")
    assert marker.read() is None
    marker.write(b"zip")
    assert marker.read() == b"zip"


def test_a_pipeline_is_started_with_its_variables_and_a_token(stubbed: Stubbed) -> None:
    client, stubber = stubbed("codepipeline")
    variables = [{"name": "ModelPackageArn", "value": "arn"}]
    asked = {"name": "p", "variables": variables, "clientRequestToken": "t"}
    stubber.add_response("start_pipeline_execution", {"pipelineExecutionId": JOB}, asked)
    assert CodePipelines(client).start("p", variables={"ModelPackageArn": "arn"}, token="t") == JOB


def test_a_pipeline_that_is_busy_is_asked_again(stubbed: Stubbed) -> None:
    client, stubber = stubbed("codepipeline")
    stubber.add_client_error("start_pipeline_execution", "ConflictException")
    with pytest.raises(errors.Transient):
        CodePipelines(client).start("p", variables={"ModelPackageArn": "arn"}, token="t")
