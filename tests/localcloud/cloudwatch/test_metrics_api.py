"""What only callers inside the process can ask."""

import asyncio
import math
from typing import TYPE_CHECKING

import pytest

from localcloud.cloudwatch.metrics_api import _RECENT_SECONDS
from localcloud.errors import AwsError

if TYPE_CHECKING:
    from tests.localcloud.cloudwatch.conftest import World


def read(world: "World", period: int) -> list[float]:
    stat = {"Metric": {"Namespace": "Test", "MetricName": "M"}, "Period": period, "Stat": "Sum"}
    answer = world.call(
        "GetMetricData",
        MetricDataQueries=[{"Id": "m1", "MetricStat": stat}],
        StartTime=world.clock.now() - 4 * 3600,
        EndTime=world.clock.now(),
    )
    found: list[float] = answer["MetricDataResults"][0]["Values"]
    return found


def test_times_in_answers_are_epoch_seconds_of_the_cloud_clock(world: "World") -> None:
    world.cloudwatch.metrics.record("Test", "M", {}, 7.0, "Count", world.clock.now() - 30)
    stat = {"Metric": {"Namespace": "Test", "MetricName": "M"}, "Period": 60, "Stat": "Sum"}
    answer = world.call(
        "GetMetricData",
        MetricDataQueries=[{"Id": "m1", "MetricStat": stat}],
        StartTime=world.clock.now() - 60,
        EndTime=world.clock.now(),
    )
    assert answer["MetricDataResults"][0]["Timestamps"] == [world.clock.now() - 60]


def test_periods_below_a_minute_reach_back_three_hours_only(world: "World") -> None:
    world.cloudwatch.metrics.record("Test", "M", {}, 1.0, "Count", world.clock.now() - 3 * 3600 - 60)
    world.cloudwatch.metrics.record("Test", "M", {}, 2.0, "Count", world.clock.now() - 60)
    assert read(world, 30) == [2.0]
    assert read(world, 60) == [2.0, 1.0]


def test_recently_active_metrics_are_those_of_the_last_three_hours(world: "World") -> None:
    world.cloudwatch.metrics.record("Test", "Old", {}, 1.0, "Count", world.clock.now() - _RECENT_SECONDS - 1)
    world.cloudwatch.metrics.record("Test", "New", {}, 1.0, "Count", world.clock.now())
    found = world.call("ListMetrics", RecentlyActive="PT3H")["Metrics"]
    assert [metric["MetricName"] for metric in found] == ["New"]


def test_rejects_values_that_are_not_numbers(world: "World") -> None:
    for value in (math.nan, math.inf):
        with pytest.raises(AwsError):
            world.call("PutMetricData", Namespace="Test", MetricData=[{"MetricName": "M", "Value": value}])
    assert world.call("ListMetrics")["Metrics"] == []


def test_rejects_more_than_1440_data_points_of_statistics(world: "World") -> None:
    with pytest.raises(AwsError, match="1440"):
        world.call(
            "GetMetricStatistics",
            Namespace="Test",
            MetricName="M",
            StartTime=world.clock.now() - 1441 * 60,
            EndTime=world.clock.now(),
            Period=60,
            Statistics=["Sum"],
        )


def test_rejects_the_cbor_protocol_in_words(world: "World") -> None:
    headers = {"smithy-protocol": "rpc-v2-cbor"}
    answered = asyncio.run(world.cloudwatch.handle("POST", "/", headers, b"", {}))
    assert answered[0] == 501
    assert b"rpc-v2-cbor" in answered[2]


def test_rejects_query_requests_for_unknown_operations_and_fields(world: "World") -> None:
    for body, code in (
        (b"Action=Nothing", b"InvalidAction"),
        (b"Action=ListMetrics&Colour=blue", b"NotEmulated"),
        (b"Action=DescribeAlarms&MaxRecords=many", b"MalformedInput"),
    ):
        answered = asyncio.run(world.cloudwatch.handle("POST", "/", {}, body, {}))
        assert b"<Code>" + code + b"</Code>" in answered[2]
