import threading
import time

import pytest

from localcloud.clock import CloudClock


def test_cloud_time_runs_scale_times_as_fast_from_the_same_moment() -> None:
    clock = CloudClock(60.0, epoch0=1000.0)
    before = time.time()
    now = clock.now()
    assert 1000.0 + (before - 1000.0) * 60 <= now <= 1000.0 + (time.time() - 1000.0) * 60
    assert clock.real(300) == 5.0


def test_calls_come_in_the_order_in_which_they_are_due_and_a_failing_one_stops_none() -> None:
    clock = CloudClock(1000.0)
    calls: list[str] = []
    done = threading.Event()
    clock.after(90, done.set)
    clock.after(60, lambda: calls.append("late"))
    clock.after(20, lambda: calls.append("early"))
    clock.after(30, lambda: 1 / 0)
    assert done.wait(10)
    assert calls == ["early", "late"]


def test_a_cancelled_call_and_calls_after_close_are_dropped() -> None:
    clock = CloudClock(1000.0)
    calls: list[str] = []
    done = threading.Event()
    clock.after(20, lambda: calls.append("cancelled")).cancel()
    clock.after(60, done.set)
    assert done.wait(10)
    clock.close()
    clock.close()
    clock.after(0, lambda: calls.append("closed"))
    assert calls == []


def test_rejects_a_scale_that_stops_time() -> None:
    with pytest.raises(ValueError, match="more than 0, got 0"):
        CloudClock(0.0)
