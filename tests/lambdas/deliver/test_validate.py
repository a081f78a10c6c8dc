"""The validation gate: two jobs on the same rows, one verdict, nothing left behind."""

from dataclasses import replace

import pytest

from tests.lambdas.fakes.reports import Told
from tests.lambdas.fakes.validating import DATA, GATE, ROWS, GatedPipeline, assert_clean, with_limits
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import Denied, QuotaExceeded, Rejected

CANDIDATE, LIVE = package(2), package(1)


def assert_failed(told: Told, *texts: str) -> None:
    assert told.kind == "failed", told
    for text in texts:
        assert text in told.summary


def test_a_candidate_that_is_as_good_passes_and_hands_its_package_and_the_datas_version_on() -> None:
    pipeline = GatedPipeline()
    told = pipeline.run()
    assert told.kind == "done", told
    assert told.variables is not None
    assert told.variables["PackageArn"] == CANDIDATE
    assert told.variables["DataVersion"] == DATA.digest
    assert told.variables["Evidence"] == told.summary
    assert told.summary.startswith(
        f"version 2, data {DATA.digest[:12]}: accuracy 1 against 1 of live on 200 rows"
    )
    assert_clean(pipeline)


def test_a_candidate_that_is_too_much_worse_fails_with_the_numbers() -> None:
    pipeline = GatedPipeline()
    pipeline.transforms.wrong = {CANDIDATE: 20, LIVE: 4}
    told = pipeline.run()
    assert_failed(told, "accuracy 0.9 against 0.98 of live on 200 rows: 0.08 worse, at most 0.02 worse")
    assert_failed(told, "worse on 16 rows, better on 0", "train a better one, or change the gate")
    assert_clean(pipeline)


def test_both_are_asked_the_same_object_with_one_request_a_row_and_no_label() -> None:
    pipeline = GatedPipeline()
    pipeline.run()
    one, other = pipeline.transforms.asked
    assert one["TransformInput"] == other["TransformInput"]
    assert (one["BatchStrategy"], one["TransformInput"]["SplitType"]) == ("SingleRecord", "Line")
    assert one["TransformOutput"]["S3OutputPath"] != other["TransformOutput"]["S3OutputPath"]
    key = f"delivery/validation/{DATA.digest}/input.jsonl"
    assert pipeline.objects.held[key] == b"".join(b"[%d]\n" % i for i in range(ROWS))


def test_models_are_made_of_containers_since_the_package_is_not_approved_yet() -> None:
    gate = replace(GATE, model={"Environment": {"ADDED": "2"}, "EnableNetworkIsolation": True})
    pipeline = GatedPipeline(gate=gate)
    seen: list[dict[str, object]] = []
    pipeline.between = lambda: seen.extend(map(dict, pipeline.models.held.values()))
    pipeline.run()
    model = seen[0]
    assert model["PrimaryContainer"] == {
        "Image": "image",
        "ModelDataUrl": CANDIDATE,
        "Environment": {"OWN": "1", "ADDED": "2"},
    }
    assert model["EnableNetworkIsolation"] is True
    assert str(model["ModelName"]).startswith("digits-rehearsal-validation-")


def test_a_first_version_is_judged_by_the_floor_and_needs_one_job_only() -> None:
    pipeline = GatedPipeline(live=None)
    pipeline.transforms.wrong = {CANDIDATE: 50}
    told = pipeline.run()
    assert told.kind == "done"
    assert "accuracy 0.75 on 200 rows; there is no live version" in told.summary
    assert len(pipeline.transforms.jobs) == 1


def test_rejects_a_first_version_without_a_floor_before_anything_is_started() -> None:
    pipeline = GatedPipeline(live=None, gate=with_limits(max_worse=0.02))
    assert_failed(pipeline.run(), "declares no at_least or at_most")
    assert not pipeline.transforms.jobs


def test_the_live_version_itself_passes_without_a_job() -> None:
    pipeline = GatedPipeline(live=CANDIDATE)
    assert pipeline.run().summary == "the version is the live one already"
    assert not pipeline.transforms.jobs


def test_without_a_margin_live_is_not_asked() -> None:
    pipeline = GatedPipeline(gate=with_limits(at_least=0.9))
    assert pipeline.run().kind == "done"
    assert [job.package for job in pipeline.transforms.jobs.values()] == [CANDIDATE]


def test_the_live_version_of_the_first_call_is_the_one_that_is_compared_with() -> None:
    pipeline = GatedPipeline()

    def another_is_promoted() -> None:
        pipeline.pointer.value = package(3)

    pipeline.between = another_is_promoted
    assert pipeline.run().kind == "done"
    assert {job.package for job in pipeline.transforms.jobs.values()} == {CANDIDATE, LIVE}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"", "200 rows were asked and 0 lines came back"),
        (b"{}\n" * 200, "the answer to row 1 has nothing at /predictions"),
        (b'{"predictions": [1]}\n' * 199, "200 rows were asked and 199 lines came back"),
        (b'{"predictions": [1]}\n' * 199 + b"error\n", "the answer to row 200 is no JSON"),
        (b'{"predictions": [null]}\n' * 200, "row 1: the prediction must be a text"),
    ],
)
def test_answers_that_are_missing_or_broken_fail_and_are_never_a_zero(said: bytes, told: str) -> None:
    for who in (CANDIDATE, LIVE):
        pipeline = GatedPipeline()
        pipeline.transforms.says = {who: said}
        assert_failed(pipeline.run(), told)
        assert_clean(pipeline)


def test_an_output_that_is_not_there_fails() -> None:
    pipeline = GatedPipeline()

    def lose() -> None:
        for key in [key for key in pipeline.objects.held if key.endswith(".out")]:
            del pipeline.objects.held[key]

    read = pipeline.objects.read
    pipeline.objects.read = lambda key: (lose(), read(key))[1]  # type: ignore[method-assign,func-returns-value]
    assert_failed(pipeline.run(), "the candidate version 2 was not judged", "has written no s3://artifacts/")
    assert_clean(pipeline)


@pytest.mark.parametrize(("who", "called"), [(CANDIDATE, "candidate version 2"), (LIVE, "live version 1")])
def test_when_one_job_fails_the_other_is_stopped_and_the_reason_is_the_failures(
    who: str, called: str
) -> None:
    pipeline = GatedPipeline()
    pipeline.transforms.fails = {who}
    other = ({CANDIDATE, LIVE} - {who}).pop()
    pipeline.transforms.never = {other}
    told = pipeline.run()
    assert_failed(told, called, "is Failed: AlgorithmError: it does not start")
    assert {job.package: job.view.status for job in pipeline.transforms.jobs.values()} == {
        who: "Failed",
        other: "Stopped",
    }
    assert_clean(pipeline)


def test_jobs_that_do_not_end_in_time_are_stopped_and_fail() -> None:
    pipeline = GatedPipeline()
    pipeline.transforms.never = {CANDIDATE}
    began = pipeline.world.time
    told = pipeline.run()
    assert_failed(told, "is Stopped", "; the gate may take 60 minutes")
    assert 3600 < pipeline.world.time - began < 3900
    assert_clean(pipeline)


def test_a_package_that_does_not_exist_fails_and_stops_what_was_started() -> None:
    pipeline = GatedPipeline()
    pipeline.registry.missing = {LIVE}
    assert_failed(pipeline.run(), f"{LIVE} does not exist")
    assert_clean(pipeline)


def test_a_job_that_aws_refuses_leaves_no_model_behind() -> None:
    pipeline = GatedPipeline()
    pipeline.world.faults.before["sagemaker.start"] = [Rejected("no such instance type")]
    assert_failed(pipeline.run(), "no such instance type")
    assert_clean(pipeline)


def test_a_quota_is_waited_for_as_long_as_the_gate_may_take() -> None:
    pipeline = GatedPipeline()
    pipeline.world.faults.before["sagemaker.start"] = [QuotaExceeded("0 of 1 instances")] * 5
    assert pipeline.run().kind == "done"
    # and for no longer
    pipeline = GatedPipeline()
    pipeline.world.faults.before["sagemaker.start"] = [QuotaExceeded("0 of 1 instances")] * 500
    assert_failed(pipeline.run(), "0 of 1 instances")
    assert_clean(pipeline)


def test_a_missing_permission_is_told_and_nothing_runs_on() -> None:
    pipeline = GatedPipeline()
    pipeline.world.faults.before["sagemaker.start"] = [Denied("sagemaker:CreateTransformJob")] * 50
    assert_failed(pipeline.run(), "sagemaker:CreateTransformJob")
    assert_clean(pipeline)


def test_a_stage_that_is_retried_asks_anew() -> None:
    pipeline = GatedPipeline()
    pipeline.transforms.fails = {CANDIDATE}
    pipeline.run()
    pipeline.transforms.fails = set()
    assert pipeline.run().kind == "done"
