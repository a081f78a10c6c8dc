"""Sums: complete answers count, others do not."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from tidegate_runtime.adapters.cloudwatch import CloudWatchMetrics

Stubbed = Callable[[str], tuple[Any, Stubber]]

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:digits-rollout"
PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/2"


def sums(stubbed: Stubbed, *pages: dict[str, Any]) -> Any:
    client, stubber = stubbed("cloudwatch")
    for page in pages:
        stubber.add_response("get_metric_data", page)
    names = [("live", "Invocations"), ("candidate", "Invocations")]
    return CloudWatchMetrics(client, endpoint_name="digits").sums(names, start=0, end=120, period=60)


def result(query_id: str, values: dict[int, float], status: str = "Complete") -> dict[str, Any]:
    timestamps = [dt.datetime.fromtimestamp(at, tz=dt.UTC) for at in values]
    return {"Id": query_id, "Timestamps": timestamps, "Values": list(values.values()), "StatusCode": status}


def test_sums_are_read_over_all_pages(stubbed: Stubbed) -> None:
    first = [result("m0", {0: 5.0}, "PartialData"), result("m1", {})]
    pages = ({"MetricDataResults": first, "NextToken": "n"}, {"MetricDataResults": [result("m0", {60: 7.0})]})
    assert sums(stubbed, *pages) == {
        ("live", "Invocations"): {0: 5.0, 60: 7.0},
        ("candidate", "Invocations"): {},
    }


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden"])
def test_an_answer_that_is_not_complete_is_no_measurement(stubbed: Stubbed, status: str) -> None:
    assert sums(stubbed, {"MetricDataResults": [result("m0", {}), result("m1", {}, status)]}) is None


def test_a_metric_without_an_answer_is_no_measurement(stubbed: Stubbed) -> None:
    assert sums(stubbed, {"MetricDataResults": [result("m0", {})]}) is None
