"""Retry rules wait as the States Language says."""

import pytest

from localcloud.ministack_adapter.retries import retry_delay_seconds


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 3.0), (1, 6.0), (2, 12.0)])
def test_a_delay_doubles_with_each_attempt(attempts: int, seconds: float) -> None:
    assert retry_delay_seconds({"IntervalSeconds": 3}, attempts) == seconds


def test_a_rate_of_one_keeps_the_interval() -> None:
    assert retry_delay_seconds({"IntervalSeconds": 5, "BackoffRate": 1.0}, 40) == 5.0


def test_a_delay_stays_below_its_maximum_however_often_it_was_tried() -> None:
    assert retry_delay_seconds({"MaxDelaySeconds": 30}, 100_000) == 30.0


def test_full_jitter_stays_within_the_delay_and_varies() -> None:
    rule = {"IntervalSeconds": 10, "JitterStrategy": "FULL"}
    delays = {retry_delay_seconds(rule, 0) for _ in range(50)}
    assert len(delays) > 1
    assert all(0 <= delay <= 10 for delay in delays)
