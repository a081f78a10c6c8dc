from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk.assertions import Template

from tidegate import LiveAlarms, Signal

SIGNALS = [Signal.server_errors(), Signal.model_errors()]


@pytest.fixture
def alarms(stack: Stack, template: Callable[[], Template]) -> list[dict[str, Any]]:
    LiveAlarms(stack, "Alarms", endpoint_name="digits", signals=SIGNALS)
    return [alarm["Properties"] for alarm in template().find_resources("AWS::CloudWatch::Alarm").values()]


def test_there_is_one_alarm_per_signal_on_live_and_nothing_else(alarms: list[dict[str, Any]]) -> None:
    assert {alarm["AlarmName"] for alarm in alarms} == {"digits-live-5xx", "digits-live-model_errors"}
    for alarm in alarms:
        for query in alarm["Metrics"]:
            dimensions = query.get("MetricStat", {}).get("Metric", {}).get("Dimensions", [])
            assert all(one["Value"] == "live" for one in dimensions if one["Name"] == "VariantName")


def test_the_floors_are_those_of_the_candidate(alarms: list[dict[str, Any]]) -> None:
    for alarm in alarms:
        (expression,) = [query["Expression"] for query in alarm["Metrics"] if "Expression" in query]
        assert expression == "IF(invocations >= 50, errors/invocations, 0)"
        assert (alarm["Threshold"], alarm["TreatMissingData"]) == (0.5, "notBreaching")


def test_rejects_floors_that_are_no_floors(stack: Stack) -> None:
    with pytest.raises(ValueError, match=r"live alarms.*signals must not be empty.*got 0.*got 0"):
        LiveAlarms(stack, "Alarms", endpoint_name="digits", signals=[], floor_ratio=0, floor_requests=0)
