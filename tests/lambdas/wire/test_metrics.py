"""What CloudWatch may answer, or not, through boto3's serializers, retries and parsers."""

from typing import Any

import pytest

from tests.lambdas.fakes.outcomes import V2
from tests.lambdas.fakes.world import package
from tests.lambdas.wire.rollouts import Rollout
from tests.lambdas.wire.scripts import refused, server_error, throttled, unreachable
from tests.lambdas.wire.transport import Answer, Request, Script, Serve, json_answer

METRICS = "GetMetricData"
INCOMPLETE = ["PartialData", "InternalError", "Forbidden"]


def incomplete(status: str) -> Script:
    """Answer with one result that is not complete, and has no points."""

    def script(request: Request, serve: Serve) -> Answer:
        document = serve(request).document()
        document["MetricDataResults"][0] |= {"StatusCode": status, "Timestamps": [], "Values": []}
        return json_answer(document)

    return script


def without_requests(request: Request, serve: Serve) -> Answer:
    """Answer with errors of the candidate, and without the requests that they belong to."""
    document = serve(request).document()
    for query, result in zip(request.params["MetricDataQueries"], document["MetricDataResults"], strict=True):
        metric = query["MetricStat"]["Metric"]
        values = {one["Value"] for one in metric["Dimensions"]}
        if metric["MetricName"] == "Invocations" and "candidate" in values:
            result |= {"Timestamps": [], "Values": []}
    return json_answer(document)


def in_two_pages(request: Request, serve: Serve) -> Answer:
    """Answer with half of the results, or with the other half to who asks on."""
    document = serve(request).document()
    results = document["MetricDataResults"]
    half = len(results) // 2
    if "NextToken" in request.params:
        return json_answer({"MetricDataResults": results[half:]})
    first = [{**results[0], "StatusCode": "PartialData"}, *results[1:half]]
    return json_answer({"MetricDataResults": [*first, {**results[0]}], "NextToken": "more"})


def counted(rollout: Rollout) -> list[dict[str, Any]]:
    """Return every bucket that was judged."""
    return [bucket for body in rollout.service.ledger.bodies("JUDGED") for bucket in body["buckets"]]


@pytest.mark.parametrize("status", INCOMPLETE)
def test_metrics_that_are_never_complete_are_no_measurement_and_roll_back(status: str) -> None:
    rollout = Rollout.ready()
    rollout.wire.always[METRICS] = incomplete(status)
    rollout.run()
    rollout.assert_rolled_back(reason="measurements are missing")
    assert counted(rollout) == []


@pytest.mark.parametrize("status", INCOMPLETE)
def test_metrics_that_were_incomplete_once_are_read_again_and_nothing_is_lost(status: str) -> None:
    undisturbed = Rollout.ready().run()
    rollout = Rollout.ready().scripted(METRICS, incomplete(status)).run()
    rollout.assert_promoted()
    first, usual = counted(rollout)[0], counted(undisturbed)[0]
    assert first == usual


def test_metrics_that_come_in_pages_are_added_up() -> None:
    undisturbed, rollout = Rollout.ready().run(), Rollout.ready()
    rollout.wire.always[METRICS] = in_two_pages
    rollout.run()
    rollout.assert_promoted()
    assert counted(rollout) == counted(undisturbed)
    assert rollout.wire.sent(METRICS) == 2 * undisturbed.wire.sent(METRICS)


def test_only_metrics_that_began_after_the_weights_were_observed_are_asked_for() -> None:
    rollout = Rollout.ready()
    rollout.service.metrics.delay_seconds = 240
    shifted: list[float] = []

    def note(request: Request, serve: Serve) -> Answer:
        shifted.append(rollout.service.ledger.bodies("SHIFTED")[-1]["at"])
        assert request.params["StartTime"] >= shifted[-1]
        return serve(request)

    rollout.wire.always[METRICS] = note
    rollout.run()
    rollout.assert_rolled_back()
    assert shifted


def test_a_candidate_without_a_single_data_point_is_never_promoted() -> None:
    rollout = Rollout.ready()
    rollout.service.metrics.requests_per_second = 0
    rollout.run()
    rollout.assert_rolled_back()
    assert rollout.service.ledger.bodies("JUDGED")[-1]["verdict"] == "NO_DATA"


def test_errors_without_requests_are_counted_as_requests_and_divide_nothing_by_zero() -> None:
    rollout = Rollout.ready()
    rollout.service.metrics.rates[package(2)] = 0.2
    rollout.wire.always[METRICS] = without_requests
    rollout.run()
    rollout.assert_rolled_back()
    last = rollout.service.ledger.bodies("JUDGED")[-1]
    assert last["verdict"] == "FAIL"
    assert last["buckets"][-1]["candidate"] == {"requests": 120, "bad": {"5xx": 120, "model_errors": 0}}


@pytest.mark.parametrize("script", [unreachable, server_error, refused("InternalServiceFault", status=500)])
def test_cloudwatch_down_for_the_whole_bake_rolls_back(script: Script) -> None:
    rollout = Rollout.ready()
    rollout.wire.always[METRICS] = script
    rollout.run()
    rollout.assert_rolled_back(reason="Transient: ")
    assert rollout.service.ledger.bodies("SHIFTED")[-1]["step"] == 0


def test_cloudwatch_throttled_for_the_whole_bake_is_no_evidence_and_rolls_back() -> None:
    rollout = Rollout.ready()
    rollout.wire.always[METRICS] = throttled
    rollout.run()
    rollout.assert_rolled_back(reason="measurements are missing")
    assert rollout.service.ledger.bodies("SHIFTED")[-1]["step"] == 0


@pytest.mark.parametrize("script", [unreachable, server_error, throttled])
def test_cloudwatch_down_for_a_while_delays_the_rollout_only(script: Script) -> None:
    rollout = Rollout.ready().scripted(METRICS, *[script] * 12).run()
    rollout.assert_promoted()


def test_metrics_that_nobody_may_read_roll_back_at_once() -> None:
    rollout = Rollout.ready().scripted(METRICS, refused("AccessDenied", status=403)).run()
    rollout.assert_rolled_back(reason="Denied: ")
    assert rollout.wire.sent(METRICS) == 1


@pytest.mark.parametrize("value", ["INSUFFICIENT_DATA", "OK"])
def test_an_alarm_without_data_asks_nothing_of_anybody(value: str) -> None:
    rollout = Rollout.in_first_step()
    before = len(rollout.wire.requests)
    detail = {"alarmName": "digits-rehearsal-candidate-5xx", "state": {"value": value}}
    rollout.service.watchdog({"detail-type": "CloudWatch Alarm State Change", "detail": detail})
    assert len(rollout.wire.requests) == before
    rollout.service.run()
    assert V2 in rollout.service.ledger.runs
    rollout.assert_promoted()
