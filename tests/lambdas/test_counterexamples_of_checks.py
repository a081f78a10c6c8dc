"""Schedules in which no promise was broken, but the fakes or the checks were wrong."""

import pytest

from tests.lambdas.fakes.schedules import Schedule, Step, broken_promise


def test_a_bad_version_is_found_out_by_few_requests_a_minute() -> None:
    """The fakes rounded the errors of three requests to none, minute by minute."""
    steps: tuple[Step, ...] = (
        ("change_the_traffic", {"requests_per_second": 0.5}),
        ("approve", {"version": 2}),
        ("wait", {"seconds": 771}),
        ("hold", {"seconds": 2_727}),
        ("wait", {"seconds": 2_851}),
    )
    assert broken_promise(Schedule(bad=(2,), steps=steps)) == ""


def test_a_gate_that_is_looked_at_once_more_breaks_nothing() -> None:
    """What looks at the functions' answers took a gate's for a rollout's state.

    The machines took that for a failure of the function, so that until then no gate of a schedule had waited.
    """
    steps: tuple[Step, ...] = (
        ("approve", {"version": 4}),
        ("wait", {"seconds": 548}),
        ("replay_a_function", {"index": 5}),
    )
    assert broken_promise(Schedule(features=("gates",), steps=steps)) == ""


@pytest.mark.parametrize("again", [2, 3])
def test_guardrails_that_go_off_for_the_version_to_go_back_to_leave_it_to_a_human(again: int) -> None:
    """A version that came to be live without traffic was bad, so no way led back.

    The rollout ended NEEDS_HUMAN, which is the truth. The check now lets somebody mend that version.
    """
    steps: tuple[Step, ...] = (
        ("change_the_traffic", {"requests_per_second": 0.0}),
        ("approve", {"version": 2}),
        ("wait", {"seconds": 1_918}),
        ("approve", {"version": 3}),
        ("wait", {"seconds": 1_156}),
        ("approve", {"version": again}),
    )
    features = ("asks_a_human", "guardrails")
    assert broken_promise(Schedule(bad=(2, 3), features=features, steps=steps)) == ""


def test_guardrails_that_saw_no_traffic_leave_it_to_a_watch_that_sees_enough() -> None:
    """A bad version came to be live without traffic, and a hundred requests later nobody could know.

    Six errors of 120 are an e-value of 51 against a tolerated rate of 1 %, and 200 are asked for: the fakes'
    plan by guardrails asked too little of its only look at the version.
    """
    steps: tuple[Step, ...] = (
        ("change_the_traffic", {"requests_per_second": 0.0}),
        ("approve", {"version": 3}),
        ("wait", {"seconds": 994}),
        ("change_the_traffic", {"requests_per_second": 0.5}),
        ("wait", {"seconds": 422}),
    )
    assert broken_promise(Schedule(bad=(3,), features=("guardrails",), steps=steps)) == ""
