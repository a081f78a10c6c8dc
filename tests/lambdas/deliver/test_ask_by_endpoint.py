"""The validation gate by endpoints of its own: the same verdicts, no answer that is a zero, nothing left."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from deliver.row_by_row import BUDGET_SECONDS
from tests.lambdas.fakes.asking import CREATE_SECONDS
from tests.lambdas.fakes.reports import Told
from tests.lambdas.fakes.validating import (
    CALL_SECONDS,
    DATA,
    GATE,
    ROWS,
    GatedPipeline,
    assert_clean,
    with_limits,
)
from tests.lambdas.fakes.world import GROUP, package
from tidegate_runtime.errors import Denied, QuotaExceeded, Rejected, Throttled, Transient
from tidegate_runtime.naming import is_content_name, validation_prefix
from tidegate_runtime.validation.gate import BY_ENDPOINT, Gate

CANDIDATE, LIVE = package(2), package(1)


def by_endpoint(gate: Gate = GATE, **pipeline: Any) -> GatedPipeline:
    return GatedPipeline(gate=replace(gate, by=BY_ENDPOINT), **pipeline)


def assert_failed(told: Told, *texts: str) -> None:
    assert told.kind == "failed", told
    for text in texts:
        assert text in told.summary


def there(pipeline: GatedPipeline) -> set[str]:
    """Return the packages that are served, or about to be."""
    found = [pipeline.endpoints.find(name) for name in list(pipeline.endpoints.served)]
    return {one.package for one in found if one is not None and one.view.status != "Deleting"}


@pytest.mark.parametrize("wrong", [0, 4, 20, 150])
def test_both_ways_of_asking_come_to_the_same_verdict_in_the_same_words(wrong: int) -> None:
    by_job, asked = GatedPipeline(), by_endpoint()
    by_job.transforms.wrong = asked.invoker.wrong = {CANDIDATE: wrong, LIVE: 2}
    one, other = by_job.run(), asked.run()
    assert (one.kind, one.summary, one.variables) == (other.kind, other.summary, other.variables)
    assert_clean(asked)


def test_each_row_is_sent_once_to_each_version_as_declared_and_without_its_label() -> None:
    pipeline = by_endpoint(replace(GATE, content_type="text/csv", accept="application/json"))
    assert pipeline.run().kind == "done"
    rows = [f"row {number}" for number in range(1, ROWS + 1)]
    for version in (CANDIDATE, LIVE):
        assert [name for who, name in pipeline.invoker.asked if who == version] == rows
    assert {(one.content_type, one.accept) for one in pipeline.invoker.sent} == {
        ("text/csv", "application/json")
    }
    assert [one.body for one in pipeline.invoker.sent[:ROWS]] == [b"[%d]" % number for number in range(ROWS)]


def test_each_version_gets_an_endpoint_of_one_instance_under_a_name_of_the_gate() -> None:
    pipeline = by_endpoint()
    seen: list[Any] = []
    pipeline.between = lambda: seen.extend(pipeline.endpoints.configs.values())
    pipeline.run()
    assert pipeline.endpoints.made == [CANDIDATE, LIVE]
    for config in seen:
        name = config["EndpointConfigName"]
        assert is_content_name(name, prefix=validation_prefix(GROUP))
        (variant,) = config["ProductionVariants"]
        assert variant == {
            "VariantName": "asked",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }


def test_an_answer_of_several_lines_is_one_answer() -> None:
    pipeline = by_endpoint()
    pipeline.invoker.says = {CANDIDATE: {1: (200, b'{\n "predictions": [\n 0\n]\n}\n')}}
    assert pipeline.run().kind == "done"


def test_rows_that_do_not_fit_into_one_call_are_asked_in_the_next() -> None:
    pipeline = by_endpoint()
    pipeline.invoker.seconds = 1.5
    calls = [pipeline.world.time]
    pipeline.between = lambda: calls.append(pipeline.world.time)
    assert pipeline.run().kind == "done"
    assert len(pipeline.invoker.asked) == 2 * ROWS
    lasted = [after - before - CALL_SECONDS for before, after in pairwise(calls)]
    assert max(lasted) > BUDGET_SECONDS
    assert max(lasted) <= 2 * (BUDGET_SECONDS + 1.5)
    assert_clean(pipeline)


def test_an_endpoint_that_has_answered_is_deleted_before_the_other_one_has() -> None:
    pipeline = by_endpoint()
    pipeline.endpoints.never = {LIVE}
    served: list[set[str]] = []
    pipeline.between = lambda: served.append(there(pipeline))
    pipeline.run()
    assert served[0] == {CANDIDATE, LIVE}
    assert served[20] == {LIVE}


def test_a_quota_of_one_instance_is_enough_for_one_version_after_the_other() -> None:
    pipeline = by_endpoint()
    create = pipeline.endpoints.create

    def one_at_a_time(definition: Any) -> None:
        names = [name for name in list(pipeline.endpoints.served) if pipeline.endpoints.find(name)]
        if set(names) - {definition["EndpointName"]}:
            raise QuotaExceeded("1 of 1 instances")
        create(definition)

    pipeline.endpoints.create = one_at_a_time  # type: ignore[method-assign]
    assert pipeline.run().kind == "done"
    assert_clean(pipeline)


@pytest.mark.parametrize("who", [CANDIDATE, LIVE])
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ((500, b"cannot broadcast"), "row 150 was answered with status 500: 'cannot broadcast'"),
        ((415, b"no csv"), "row 150 was answered with status 415: 'no csv'"),
        ((200, b"oops"), "the answer to row 150 is no JSON"),
        ((200, b"{}"), "the answer to row 150 has nothing at /predictions"),
        ((200, b'{"predictions": [null]}'), "row 150: the prediction must be a text"),
    ],
)
def test_an_answer_that_is_an_error_or_no_prediction_fails_with_its_row_and_is_never_a_zero(
    who: str, said: tuple[int, bytes], told: str
) -> None:
    pipeline = by_endpoint()
    pipeline.invoker.says = {who: {150: said}}
    assert_failed(pipeline.run(), told)
    assert_clean(pipeline)


def test_a_row_that_cannot_be_sent_fails_with_the_refusal() -> None:
    pipeline = by_endpoint()
    pipeline.world.faults.before["runtime.invoke"] = [Rejected("Request body exceeds 6291456 bytes.")]
    told = pipeline.run()
    assert_failed(
        told, "the candidate version 2 was not judged: row 1 could not be sent: Request body exceeds"
    )
    assert_clean(pipeline)


def test_a_throttle_is_no_answer_and_the_row_is_sent_again() -> None:
    pipeline = by_endpoint()
    pipeline.world.faults.before["runtime.invoke"] = [Throttled("Rate exceeded")] * 40
    assert pipeline.run().kind == "done"
    assert_clean(pipeline)


def test_a_model_that_gives_no_answer_in_the_gates_time_fails_with_row_and_trouble() -> None:
    pipeline = by_endpoint()
    pipeline.world.faults.before["runtime.invoke"] = [Transient("no answer within 70 s")] * 5_000
    began = pipeline.world.time
    told = pipeline.run()
    assert_failed(
        told, "the candidate version 2 was not judged: its endpoint ", "has answered 0 of 200 rows; "
    )
    assert_failed(told, "; the gate may take 60 minutes: row 1: no answer within 70 s")
    assert 3600 < pipeline.world.time - began < 3900
    assert_clean(pipeline)


@pytest.mark.parametrize(("who", "called"), [(CANDIDATE, "candidate version 2"), (LIVE, "live version 1")])
def test_an_endpoint_that_fails_fails_the_gate_with_sagemakers_reason_and_ends_the_other(
    who: str, called: str
) -> None:
    pipeline = by_endpoint()
    pipeline.endpoints.fails = {who}
    told = pipeline.run()
    assert_failed(told, f"the {called} was not judged: its endpoint", "is Failed: the container did not pass")
    assert_clean(pipeline)


def test_an_endpoint_that_never_comes_into_service_fails_and_is_left_to_the_watchdog() -> None:
    pipeline = by_endpoint()
    pipeline.endpoints.never = {LIVE}
    began = pipeline.world.time
    told = pipeline.run()
    assert_failed(
        told, "the live version 1 was not judged: its endpoint", "is Creating; the gate may take 60"
    )
    assert 5400 < pipeline.world.time - began < 5700
    # It takes no deletion, and its configuration and model must stay as long as it is being made.
    (left,) = pipeline.endpoints.served
    assert set(pipeline.endpoints.configs) == set(pipeline.models.held) == {left}
    assert is_content_name(left, prefix=validation_prefix(GROUP))


def test_an_endpoint_that_comes_too_late_is_deleted_as_soon_as_it_takes_it() -> None:
    pipeline = by_endpoint(replace(GATE, max_minutes=2))
    began = pipeline.world.time
    told = pipeline.run()
    assert_failed(told, "has answered 0 of 200 rows; the gate may take 2 minutes")
    assert pipeline.world.time - began < CREATE_SECONDS + 120
    assert_clean(pipeline)


def test_an_endpoint_that_somebody_deletes_is_made_again_and_goes_on_where_it_was() -> None:
    pipeline = by_endpoint()
    pipeline.invoker.seconds = 1

    def delete_once() -> None:
        if len(pipeline.invoker.asked) >= 100:
            pipeline.between = lambda: None
            for name in list(pipeline.endpoints.served):
                pipeline.endpoints.delete(name)

    pipeline.between = delete_once
    assert pipeline.run().kind == "done"
    assert len(pipeline.invoker.asked) == 2 * ROWS
    assert pipeline.endpoints.made == [CANDIDATE, LIVE, CANDIDATE, LIVE]
    assert_clean(pipeline)


def test_a_package_that_does_not_exist_fails_and_the_other_ones_endpoint_is_deleted_once_it_can_be() -> None:
    pipeline = by_endpoint()
    pipeline.registry.missing = {LIVE}
    assert_failed(pipeline.run(), f"{LIVE} does not exist")
    assert pipeline.endpoints.made == [CANDIDATE]
    assert_clean(pipeline)


@pytest.mark.parametrize("name", ["models.create", "endpoints.create_config", "endpoints.create"])
def test_what_aws_refuses_leaves_nothing_behind(name: str) -> None:
    pipeline = by_endpoint()
    pipeline.world.faults.before[name] = [Rejected("no such instance type")]
    assert_failed(pipeline.run(), "no such instance type")
    assert_clean(pipeline)


@pytest.mark.parametrize("error", [Denied("no"), Rejected("no")])
@pytest.mark.parametrize("name", ["endpoints.delete", "endpoints.delete_config", "models.delete"])
def test_what_may_not_be_deleted_ends_the_gate_all_the_same(name: str, error: Exception) -> None:
    pipeline = by_endpoint()
    pipeline.world.faults.before[name] = [error] * 100
    began = pipeline.world.time
    assert_failed(pipeline.run(), "no")
    assert pipeline.world.time - began < CREATE_SECONDS + 600


@pytest.mark.parametrize("name", ["endpoints.create", "endpoints.describe", "runtime.invoke", "s3.read"])
def test_a_missing_permission_is_told_and_nothing_runs_on(name: str) -> None:
    pipeline = by_endpoint()
    pipeline.world.faults.before[name] = [Denied(name)] * 100
    began = pipeline.world.time
    told = pipeline.run()
    assert_failed(told, f"for 2 minutes, AWS has only answered: {name}")
    assert told.failure == "PermissionError"
    assert pipeline.world.time - began < CREATE_SECONDS + 400
    assert_clean(pipeline)


def test_however_long_a_refusal_is_the_token_stays_within_what_codepipeline_takes() -> None:
    pipeline = by_endpoint()
    pipeline.world.faults.before["endpoints.create"] = [QuotaExceeded("q" * 3_000), Rejected("r" * 3_000)]
    told = pipeline.run()
    assert_failed(told, "r" * 500)
    tokens = [one.token for one in pipeline.reports.told.values()]
    assert max(map(len, tokens)) <= 1_500


def test_a_first_version_needs_one_endpoint_only() -> None:
    pipeline = by_endpoint(live=None)
    told = pipeline.run()
    assert told.kind == "done"
    assert pipeline.endpoints.made == [CANDIDATE]
    assert_clean(pipeline)


def test_without_a_margin_live_is_not_asked() -> None:
    pipeline = by_endpoint(with_limits(at_least=0.9))
    assert pipeline.run().kind == "done"
    assert pipeline.endpoints.made == [CANDIDATE]


def test_a_stage_that_is_retried_asks_anew() -> None:
    pipeline = by_endpoint()
    pipeline.endpoints.fails = {CANDIDATE}
    assert pipeline.run().kind == "failed"
    pipeline.endpoints.fails = set()
    assert pipeline.run().kind == "done"
    assert pipeline.endpoints.made == [CANDIDATE, LIVE, CANDIDATE, LIVE]


def test_what_a_call_waits_for_is_told() -> None:
    pipeline = by_endpoint()
    pipeline.call_once("job-1-0")
    told = pipeline.reports.told["job-1-0"].summary
    assert told.startswith(
        f"being asked, 200 rows, data {DATA.version}: candidate: its endpoint {GROUP}-valid"
    )
    assert "is Creating; live: its endpoint" in told
