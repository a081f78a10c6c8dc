"""Source, Lambda and approval actions do what their pages say."""

import io
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localcloud.clock import CloudClock
from localcloud.codepipeline.actions.approval import Approvals
from localcloud.codepipeline.actions.invoke import InvokeAction
from localcloud.codepipeline.actions.source import S3Source
from localcloud.codepipeline.jobs import MOST_VARIABLE_BYTES, Jobs
from localcloud.codepipeline.outcome import ActionFailed, Succeeded
from localcloud.codepipeline.pipeline import Pipeline
from localcloud.codepipeline.polling import POLL_SECONDS, Polling
from localcloud.errors import AwsError
from tests.localcloud.codepipeline.action_world import FakeClients, FakeS3, context_of, refused

SOURCE = {"S3Bucket": "source", "S3ObjectKey": "code.zip"}
FAST = 20_000.0


class Function:
    """A Lambda function that answers its jobs as a test says."""

    def __init__(self, jobs: Jobs, *answers: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
        self.jobs = jobs
        self.answers = list(answers)
        self.events: list[dict[str, Any]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        assert FunctionName == "deliver"
        job = json.loads(Payload)["CodePipeline.job"]
        self.events.append(job)
        answer = self.answers.pop(0)(job)
        if answer is None:
            error = json.dumps({"errorType": "KeyError", "errorMessage": "'do'"}).encode()
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(error)}
        self.jobs.answer({"jobId": job["id"], **answer})
        return {}


def invoke(*answers: Callable[[dict[str, Any]], dict[str, Any] | None]) -> tuple[Succeeded, Function]:
    jobs = Jobs()
    function = Function(jobs, *answers)
    action = InvokeAction(CloudClock(FAST), FakeClients(**{"lambda": function}), jobs)  # type: ignore[arg-type]
    return action(context_of("Job", {"FunctionName": "deliver", "UserParameters": "{}"})), function


def test_a_source_is_the_newest_version_with_its_author_s_words() -> None:
    s3 = FakeS3()
    s3.put_object(Bucket="source", Key="code.zip", Body=b"one")
    s3.put_object(Bucket="source", Key="code.zip", Body=b"two")
    s3.metadata = {"codepipeline-artifact-revision-summary": "Fix the digits"}
    context = context_of("Source", SOURCE, outputs=("code",))
    result = S3Source(FakeClients(s3=s3))(context)  # type: ignore[arg-type]
    [artifact] = result.artifacts
    assert s3.versions["artifacts", artifact.key] == [b"two"]
    assert artifact.revision == "2"
    assert result.summary == "Fix the digits"
    assert result.variables["VersionId"] == "2"


def test_a_source_is_the_version_that_the_execution_asks_for() -> None:
    s3 = FakeS3()
    for body in (b"one", b"two"):
        s3.put_object(Bucket="source", Key="code.zip", Body=body)
    context = context_of("Source", SOURCE, outputs=("code",), revisions={"Source": "1"})
    result = S3Source(FakeClients(s3=s3))(context)  # type: ignore[arg-type]
    assert s3.versions["artifacts", result.artifacts[0].key] == [b"one"]


def test_a_source_that_is_not_there_fails_the_action() -> None:
    with pytest.raises(ActionFailed, match=r"s3://source/code\.zip as the source: The specified key"):
        S3Source(FakeClients(s3=FakeS3()))(context_of("Source", SOURCE, outputs=("code",)))  # type: ignore[arg-type]


def test_polling_tells_of_each_new_version_once() -> None:
    s3, told = FakeS3(), []
    pipeline: Pipeline = context_of("Job", {}).pipeline
    polling = Polling(
        CloudClock(POLL_SECONDS * 50),
        FakeClients(s3=s3),  # type: ignore[arg-type]
        lambda: [pipeline],
        lambda _pipeline, action, version: told.append((action.name, version)),
    )
    polling.begin()
    time.sleep(0.1)
    for number in (1, 2):
        s3.put_object(Bucket="source", Key="code.zip", Body=b"x")
        deadline = time.monotonic() + 5
        while len(told) < number and time.monotonic() < deadline:
            time.sleep(0.01)
    assert told == [("Source", "1"), ("Source", "2")]


def test_a_function_is_invoked_until_it_answers_without_a_token() -> None:
    result, function = invoke(
        lambda _job: {"continuationToken": "1", "executionDetails": {"summary": "waiting"}},
        lambda job: {"continuationToken": str(int(job["data"]["continuationToken"]) + 1)},
        lambda job: {"outputVariables": {"PackageArn": f"after {job['data']['continuationToken']}"}},
    )
    assert result.variables == {"PackageArn": "after 2"}
    assert len({event["id"] for event in function.events}) == 3
    data = function.events[0]["data"]
    assert data["actionConfiguration"]["configuration"]["UserParameters"] == "{}"
    assert data["artifactCredentials"]["accessKeyId"] == "key of arn:aws:iam::000000000000:role/action"
    assert "continuationToken" not in data


def test_a_failure_that_the_function_reports_is_the_action_s() -> None:
    with pytest.raises(ActionFailed, match="the candidate is worse") as failure:
        invoke(lambda _job: {"failureDetails": {"type": "JobFailed", "message": "the candidate is worse"}})
    assert failure.value.code == "JobFailed"


def test_a_function_that_raises_is_invoked_twice_more() -> None:
    result, function = invoke(lambda _job: None, lambda _job: None, lambda _job: {})
    assert result.variables == {}
    assert len(function.events) == 3
    with pytest.raises(ActionFailed, match="raised three times and gave no result: KeyError: 'do'"):
        invoke(lambda _job: None, lambda _job: None, lambda _job: None)


def test_a_function_that_is_not_there_fails_the_action() -> None:
    class Missing:
        def invoke(self, **_params: Any) -> None:
            raise refused("Function not found", "ResourceNotFoundException")

    action = InvokeAction(CloudClock(FAST), FakeClients(**{"lambda": Missing()}), Jobs())  # type: ignore[arg-type]
    with pytest.raises(ActionFailed, match="Cannot invoke the function deliver: Function not found"):
        action(context_of("Job", {"FunctionName": "deliver"}))


def test_rejects_answers_to_jobs_that_are_not_open() -> None:
    jobs = Jobs()
    job = jobs.new()
    jobs.answer({"jobId": job.id})
    big = {"v": "x" * MOST_VARIABLE_BYTES}
    for params, code in (
        ({"jobId": job.id}, "InvalidJobStateException"),
        ({"jobId": "00000000-0000-0000-0000-000000000000"}, "JobNotFoundException"),
        ({"jobId": jobs.new().id, "outputVariables": big}, "OutputVariablesSizeExceededException"),
        (
            {"jobId": jobs.new().id, "outputVariables": {"a": "b"}, "continuationToken": "1"},
            "ValidationException",
        ),
    ):
        with pytest.raises(AwsError) as refusal:
            jobs.answer(params)
        assert refusal.value.code == code


class Asked:
    """A manual approval that waits on a thread of its own."""

    def __init__(self, folder: Path, configuration: dict[str, str], *, scale: float = 1.0) -> None:
        del folder
        self.told: list[tuple[str, str, dict[str, Any]]] = []
        self.approvals = Approvals(
            CloudClock(scale),
            lambda topic, subject, message: self.told.append((topic, subject, json.loads(message))),
        )
        self.context = context_of("Approve", configuration)
        self.result: Succeeded | ActionFailed | None = None
        self.thread = threading.Thread(target=self._wait)
        self.thread.start()
        deadline = time.monotonic() + 5
        while not self.context.run.token and scale == 1.0 and time.monotonic() < deadline:
            time.sleep(0.01)

    def _wait(self) -> None:
        try:
            self.result = self.approvals(self.context)
        except ActionFailed as failure:
            self.result = failure


def test_an_approval_waits_for_a_decision_and_tells_its_topic(tmp_path: Path) -> None:
    topic = "arn:aws:sns:us-east-1:000000000000:approvals"
    asked = Asked(tmp_path, {"CustomData": "accuracy 0.98", "NotificationArn": topic})
    token = asked.context.run.token
    assert asked.context.run.summary == "accuracy 0.98"
    assert asked.approvals.decide("another", approved=True, summary="") is False
    assert asked.approvals.decide(token, approved=True, summary="fine")
    asked.thread.join(5)
    assert isinstance(asked.result, Succeeded)
    assert asked.result.summary == "fine"
    [(to, subject, message)] = asked.told
    assert (to, subject) == (topic, "APPROVAL NEEDED: AWS CodePipeline code")
    assert message["approval"]["customData"] == "accuracy 0.98"
    assert message["approval"]["token"] == token


def test_a_rejection_fails_the_action_with_its_reason(tmp_path: Path) -> None:
    asked = Asked(tmp_path, {})
    asked.approvals.decide(asked.context.run.token, approved=False, summary="not on a Friday")
    asked.thread.join(5)
    assert isinstance(asked.result, ActionFailed)
    assert asked.result.message == "not on a Friday"


def test_an_approval_that_nobody_decides_fails_after_a_week_of_cloud_time(tmp_path: Path) -> None:
    asked = Asked(tmp_path, {}, scale=7 * 86_400 * 5)
    asked.thread.join(5)
    assert isinstance(asked.result, ActionFailed)
    assert "within 10080 minutes" in asked.result.message
