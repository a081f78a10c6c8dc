from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Duration

from tidegate import EndpointAlarm
from tidegate._alarm_rules import samples_needed


def alarm(**changes: Any) -> EndpointAlarm:
    fields = {"name": "x", "metric": "ModelLatency", "statistic": "Average", "threshold": 1000}
    return EndpointAlarm(**{**fields, **changes})


def test_a_latency_is_compared_in_microseconds() -> None:
    found = EndpointAlarm.model_latency(
        percentile=99, at_least=Duration.millis(250), expected_requests_per_minute=1000
    )
    assert (found.name, found.statistic, found.threshold) == ("latency-p99", "p99", 250_000)


def test_saturation_counts_all_cores_together() -> None:
    found = EndpointAlarm.saturation("CPUUtilization", percent=80, units=4)
    assert (found.name, found.threshold, found.highest) == ("cpu", 320, 400)


def test_no_data_is_bad_for_the_alarm_on_no_traffic_only() -> None:
    assert EndpointAlarm.no_traffic().missing_is_breaching
    assert not EndpointAlarm.server_error_rate(at_least=0.01).missing_is_breaching


@pytest.mark.parametrize(
    ("statistic", "samples"), [("p99", 1000), ("p99.9", 10_000), ("p50", 20), ("p10", 100), ("Sum", 0)]
)
def test_a_percentile_needs_ten_samples_beyond_it(statistic: str, samples: int) -> None:
    assert samples_needed(statistic) == samples


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: EndpointAlarm.server_error_rate(at_least=1.5),
            "threshold 1.5 can never be reached: a share of the requests is at most 1",
        ),
        (
            lambda: EndpointAlarm.saturation("MemoryUtilization", percent=101),
            "threshold 101 can never be reached: the Average of a value is at most 100",
        ),
        (
            lambda: EndpointAlarm.saturation("CPUUtilization", percent=110, units=2),
            "threshold 220 can never be reached: the Average of a value is at most 200",
        ),
        (
            lambda: alarm(metric="Invocation5XXErrors", threshold=2),
            "threshold 2 can never be reached: the Average of a value is at most 1",
        ),
        (
            lambda: alarm(
                metric="Invocation5XXErrors",
                statistic="Sum",
                threshold=61,
                expected_requests_per_minute=60,
            ),
            "threshold 61 can never be reached: the Sum over the expected requests .* at most 60",
        ),
        (
            lambda: alarm(statistic="SampleCount", threshold=61, expected_requests_per_minute=60),
            "threshold 61 can never be reached: the expected number of samples .* at most 60",
        ),
        (
            lambda: EndpointAlarm.model_latency(
                percentile=90, at_least=Duration.seconds(61), expected_requests_per_minute=1000
            ),
            r"threshold 6.1e\+07 can never be reached: the p90 of a value is at most 6e\+07",
        ),
        (
            lambda: EndpointAlarm.model_latency(
                percentile=99, at_least=Duration.seconds(1), expected_requests_per_minute=100
            ),
            "p99 needs 1000 samples in a period of 60 s, expected 100",
        ),
        (
            lambda: EndpointAlarm.server_error_rate(
                at_least=0.1, min_requests=50, expected_requests_per_minute=20
            ),
            "min_requests 50 can never be reached: a period of 60 s is expected to have 20 requests",
        ),
        (
            lambda: alarm(metric="Invocations", statistic="Sum", threshold=1, below=True),
            "must treat missing data as breaching, because SageMaker publishes nothing without requests",
        ),
        (lambda: alarm(below=True, threshold=0, missing_is_breaching=True), "no value is below 0"),
        (lambda: alarm(datapoints=4), r"must be 1 to periods \(3\), got 4, because more can never breach"),
    ],
)
def test_rejects_an_alarm_that_can_never_fire(make: Callable[[], EndpointAlarm], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "a b"}, "name must be letters, digits and inner hyphens, got 'a b'"),
        ({"metric": "Latency"}, "metric must be one of .*'ModelLatency'.*, got 'Latency'"),
        ({"statistic": "median"}, "statistic must be one of .*, got 'median'"),
        ({"threshold": float("nan")}, "threshold must be finite and above 0, got nan"),
        ({"threshold": 0}, "threshold must be finite and above 0, got 0"),
        ({"period_seconds": 45}, "period_seconds must be 10, 20, 30 or a multiple of 60, got 45"),
        ({"period_seconds": 3600, "periods": 25}, "span at most a day, got 25 of 3600 s"),
    ],
)
def test_rejects_an_alarm_that_cloudwatch_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        alarm(**changes)


def test_rejects_units_of_what_has_no_units() -> None:
    with pytest.raises(ValueError, match=r"1 for memory and disk, got 2"):
        EndpointAlarm.saturation("MemoryUtilization", percent=90, units=2)
    with pytest.raises(ValueError, match=r"metric must be one of .*, got 'Invocations'"):
        EndpointAlarm.saturation("Invocations", percent=90)
