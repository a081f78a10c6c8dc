from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk.assertions import Template

from tidegate import CandidateAlarms, Signal

SIGNALS = [Signal.server_errors(), Signal.model_errors()]


@pytest.fixture
def alarms(stack: Stack, template: Callable[[], Template]) -> list[dict[str, Any]]:
    CandidateAlarms(stack, "Alarms", endpoint_name="digits", signals=SIGNALS)
    found = template().find_resources("AWS::CloudWatch::Alarm").values()
    return [alarm["Properties"] for alarm in found]


def test_there_is_one_alarm_per_signal(alarms: list[dict[str, Any]]) -> None:
    assert {alarm["AlarmName"] for alarm in alarms} == {
        "digits-candidate-5xx",
        "digits-candidate-model_errors",
    }


def test_alarms_watch_the_candidate_and_nothing_else(alarms: list[dict[str, Any]]) -> None:
    watched = [_dimensions(query) for alarm in alarms for query in alarm["Metrics"] if "MetricStat" in query]
    assert len(watched) == 4
    assert all(one == {"EndpointName": "digits", "VariantName": "candidate"} for one in watched)


def test_an_alarm_needs_half_of_fifty_requests_to_be_bad(alarms: list[dict[str, Any]]) -> None:
    for alarm in alarms:
        (expression,) = [query["Expression"] for query in alarm["Metrics"] if "Expression" in query]
        assert expression == "IF(invocations >= 50, errors/invocations, 0)"
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0.5, "GreaterThanOrEqualToThreshold")


def test_no_data_is_no_alarm(alarms: list[dict[str, Any]]) -> None:
    assert all(alarm["TreatMissingData"] == "notBreaching" for alarm in alarms)


def test_rejects_floors_that_are_no_floors(stack: Stack) -> None:
    with pytest.raises(
        ValueError, match=r"signals must not be empty.*floor_ratio.*got 0.*floor_requests.*got 0"
    ):
        CandidateAlarms(stack, "Alarms", endpoint_name="digits", signals=[], floor_ratio=0, floor_requests=0)


def _dimensions(query: dict[str, Any]) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in query["MetricStat"]["Metric"]["Dimensions"]}
