"""Whatever a job does, CodePipeline is told: what came of it, that it goes on, or why it failed."""

import json
from collections.abc import Callable

import pytest

from deliver.access import Access
from deliver.jobs import job_of
from deliver.logic import DENIED_SECONDS, PATIENCE_SECONDS, Delivery
from deliver.outcome import Done, Failed, Outcome, Wait
from deliver.request import Request
from tests.lambdas.fakes.reports import FakeReports, Told, event
from tests.lambdas.fakes.world import Crash, World
from tidegate_runtime.errors import Denied, NotApproved, RequestInvalid, Throttled, Transient

PARAMETERS = {"do": "test", "execution": "e1"}


class Pipeline:
    """One action of a pipeline, whose job is a function of the request."""

    def __init__(self, job: Callable[[Request], Outcome]) -> None:
        self.world = World()
        self.reports = FakeReports(self.world)
        self.delivery = Delivery(job_of=lambda _: job, reports=self.reports, clock=self.world)
        self.token, self.calls = "", 0

    def call(self) -> Told:
        """Call once, as CodePipeline does: with the token of the call before."""
        self.calls += 1
        self.delivery(event(f"job-{self.calls}", PARAMETERS, token=self.token))
        told = self.reports.told[f"job-{self.calls}"]
        self.token = told.token
        return told


def raising(error: Exception) -> Callable[[Request], Outcome]:
    def job(_: Request) -> Outcome:
        raise error

    return job


def test_a_job_that_is_done_answers_its_variables_and_a_summary() -> None:
    pipeline = Pipeline(lambda _: Done(summary="version 7 is live", variables={"PackageArn": "arn"}))
    told = pipeline.call()
    assert told.kind == "done"
    assert told.variables == {"PackageArn": "arn", "Summary": "version 7 is live"}


def test_a_job_that_waits_gets_its_own_token_back() -> None:
    def job(request: Request) -> Outcome:
        seen = request.token.get("seen", 0)
        return Done(summary="seen") if seen == 2 else Wait(summary="not yet", token={"seen": seen + 1})

    pipeline = Pipeline(job)
    assert [pipeline.call().kind for _ in range(3)] == ["goes_on", "goes_on", "done"]


def test_a_job_that_fails_says_so_in_its_own_words() -> None:
    told = Pipeline(lambda _: Failed(message="the gate is shut", kind="PermissionError")).call()
    assert (told.kind, told.summary, told.failure) == ("failed", "the gate is shut", "PermissionError")


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (NotApproved("7 is not approved"), "JobFailed", "7 is not approved"),
        (RequestInvalid("no package"), "ConfigurationError", "no package"),
        (KeyError("package"), "JobFailed", "the job broke (KeyError: 'package'): read the log"),
    ],
)
def test_an_error_reaches_codepipeline_with_its_reason(error: Exception, kind: str, message: str) -> None:
    told = Pipeline(raising(error)).call()
    assert (told.kind, told.failure) == ("failed", kind)
    assert told.summary.startswith(message)


@pytest.mark.parametrize("error", [Throttled("Rate exceeded"), Transient("503")])
def test_throttles_and_server_errors_do_not_fail_a_job_for_an_hour(error: Exception) -> None:
    pipeline = Pipeline(raising(error))
    for _ in range(PATIENCE_SECONDS // 30):
        assert pipeline.call().kind == "goes_on"
        pipeline.world.time += 30
    told = pipeline.call()
    assert (told.kind, told.failure) == ("failed", "SystemUnavailable")
    assert told.summary == f"for 60 minutes, AWS has only answered: {error}"


def test_a_permission_may_be_missing_for_two_minutes_only() -> None:
    pipeline = Pipeline(raising(Denied("AccessDenied")))
    assert pipeline.call().kind == "goes_on"
    pipeline.world.time += DENIED_SECONDS
    assert pipeline.call().failure == "PermissionError"


def test_trouble_keeps_the_token_of_the_job_and_is_forgotten_when_it_is_over() -> None:
    answers: list[Outcome | Exception] = [
        Wait(summary="one", token={"n": 1}),
        Throttled("Rate exceeded"),
        Wait(summary="two", token={"n": 2}),
        Throttled("Rate exceeded"),
    ]
    seen = []

    def job(request: Request) -> Outcome:
        seen.append(request.token.get("n"))
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    pipeline = Pipeline(job)
    for _ in range(4):
        pipeline.call()
        pipeline.world.time += PATIENCE_SECONDS - 1
    assert seen == [None, 1, 1, 2]
    assert json.loads(pipeline.token)["job"] == {"n": 2}


def test_rejects_parameters_that_are_not_json_and_shows_them() -> None:
    pipeline = Pipeline(lambda _: Done(summary="done"))
    pipeline.delivery(event("job-1", "do=it"))
    told = pipeline.reports.told["job-1"]
    assert (told.failure, told.summary) == ("ConfigurationError", "UserParameters must be JSON, got 'do=it'")


def test_rejects_an_unknown_job_and_names_those_that_there_are() -> None:
    def access(_: Request) -> Access:
        raise AssertionError("nothing may be asked of AWS")

    pipeline = Pipeline(lambda _: Done(summary="done"))
    delivery = Delivery(
        job_of=lambda request: job_of(request, access=access), reports=pipeline.reports, clock=pipeline.world
    )
    delivery(event("job-1", {"do": "dance"}))
    told = pipeline.reports.told["job-1"]
    assert told.failure == "ConfigurationError"
    assert told.summary.startswith("UserParameters.do must be one of ")
    assert "release" in told.summary
    assert told.summary.endswith("got 'dance'")


def test_long_texts_are_cut_to_what_codepipeline_takes() -> None:
    done = Pipeline(lambda _: Done(summary="x" * 9_000, variables={"Long": "y" * 9_000})).call()
    assert done.variables is not None
    assert (len(done.variables["Summary"]), len(done.variables["Long"])) == (240, 1_000)
    assert len(Pipeline(lambda _: Failed(message="x" * 9_000)).call().summary) == 5_000
    assert Pipeline(lambda _: Failed(message="")).call().summary == "-"


def test_variables_that_codepipeline_does_not_take_fail_the_job_with_the_reason() -> None:
    pipeline = Pipeline(lambda _: Done(summary="done", variables={"Not ok": "x"}))
    pipeline.reports.refused_variables = {"Not ok"}
    told = pipeline.call()
    assert told.kind == "failed"
    assert "CodePipeline did not take the outcome" in told.summary


def test_a_report_that_does_not_arrive_is_given_again_when_lambda_calls_again() -> None:
    pipeline = Pipeline(lambda _: Done(summary="done"))
    pipeline.world.faults.before["codepipeline.done"] = [Transient("503")]
    with pytest.raises(Transient):
        pipeline.delivery(event("job-1", PARAMETERS))
    pipeline.delivery(event("job-1", PARAMETERS))
    assert pipeline.reports.told["job-1"].kind == "done"


def test_a_call_that_comes_twice_or_dies_after_its_report_changes_nothing() -> None:
    pipeline = Pipeline(lambda _: Done(summary="done"))
    pipeline.world.faults.crash_at = 1
    with pytest.raises(Crash):
        pipeline.delivery(event("job-1", PARAMETERS))
    pipeline.delivery(event("job-1", PARAMETERS))
    assert list(pipeline.reports.told) == ["job-1"]
