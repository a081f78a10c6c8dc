from typing import Any

import pytest

from tidegate._rollback_machine import ROLLBACK_HANDLERS, rollback_definition
from tidegate._rollout_machine import ROLLOUT_HANDLERS, rollout_definition
from tidegate._states import State, States, asked, task

CRASHES = {"Lambda.Unknown", "Sandbox.Timedout"}
ROLLBACK = rollback_definition({name: f"arn:{name}" for name in ROLLBACK_HANDLERS})
ROLLOUT = rollout_definition(
    {name: f"arn:{name}" for name in ROLLOUT_HANDLERS},
    rollback_arn="arn:rollback",
    start_execution="arn:start",
    bakes_seconds=600,
)
both = pytest.mark.parametrize("definition", [ROLLOUT, ROLLBACK], ids=["rollout", "rollback"])


def following(state: State) -> set[str]:
    named = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return {one[key] for one in named for key in ("Next", "Default") if key in one}


def reached(states: States, start: str) -> set[str]:
    seen: set[str] = set()
    ahead = {start}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        ahead |= following(states[name]) - seen
    return seen


@both
def test_every_state_is_reached_and_every_next_state_exists(definition: State) -> None:
    assert reached(definition["States"], definition["StartAt"]) == set(definition["States"])


@both
def test_every_state_can_end(definition: State) -> None:
    states = definition["States"]
    ends = {name for name, state in states.items() if state["Type"] in {"Succeed", "Fail"}}
    assert all(reached(states, name) & ends for name in states)


def test_a_handler_is_asked_again_after_the_time_it_named() -> None:
    states = asked("Shift", "arn:shift", {"DONE": "Judge"}, otherwise="Back", wait_on=("WAIT", "CONTINUE"))
    assert set(states) == {"Shift", "ShiftStatus", "ShiftWait"}
    routes = {one["StringEquals"]: one["Next"] for one in states["ShiftStatus"]["Choices"]}
    assert routes == {"WAIT": "ShiftWait", "CONTINUE": "ShiftWait", "DONE": "Judge"}
    assert states["ShiftWait"] == {"Type": "Wait", "SecondsPath": "$.wait_seconds", "Next": "Shift"}


def test_an_unknown_answer_never_goes_forward() -> None:
    states = ROLLOUT["States"]
    choices = [state for state in states.values() if state["Type"] == "Choice"]
    assert len(choices) == 9
    assert {state["Default"] for state in choices} == {"StartRollback"}


def test_a_candidate_that_cannot_be_judged_has_traffic_for_minutes_only() -> None:
    for name, most in (("Judge", 5 * 60), ("Watch", 5 * 60), ("Promote", 30 * 60)):
        assert _patience(name, "Transient") <= most


def test_a_throttled_judge_is_asked_as_long_as_the_throttles_of_many_rollouts_last() -> None:
    assert 90 * 60 <= _patience("Judge", "Throttled") <= 100 * 60


def _patience(name: str, error: str) -> float:
    """Return the seconds that a task repeats an error: with full jitter a delay is half of its bound."""
    retries: list[dict[str, Any]] = ROLLOUT["States"][name]["Retry"]
    retrier = next(one for one in retries if error in one["ErrorEquals"])
    delays: list[int] = [min(2**n, int(retrier["MaxDelaySeconds"])) for n in range(retrier["MaxAttempts"])]
    return sum(delays) / 2


def test_an_error_of_a_handler_starts_the_rollback_after_retries() -> None:
    handlers = {name for name, state in ROLLOUT["States"].items() if state.get("Resource") != "arn:start"}
    tasks = {name for name in handlers if ROLLOUT["States"][name]["Type"] == "Task"} - {"End"}
    for name in tasks:
        (caught,) = ROLLOUT["States"][name]["Catch"]
        assert (caught["ErrorEquals"], caught["Next"]) == (["States.ALL"], "StartRollbackOnError"), name


def test_crashes_are_retried_less_often_than_lost_answers() -> None:
    _, lost, crashed = task("arn", then="Next")["Retry"]
    assert set(crashed["ErrorEquals"]) == CRASHES
    assert crashed["MaxAttempts"] < lost["MaxAttempts"]


def test_a_rollback_does_not_give_up() -> None:
    (retried,) = ROLLBACK["States"]["RollBack"]["Retry"]
    assert (retried["ErrorEquals"], retried["MaxAttempts"]) == (["States.ALL"], 10_000)
    assert ROLLBACK["States"]["Unsure"]["Next"] == "RollBack"


def test_a_rollout_has_time_for_its_bakes_and_for_the_updates() -> None:
    # And for the 72 hours that operators may hold it.
    assert ROLLOUT["TimeoutSeconds"] == 600 + 6 * 3600 + 72 * 3600
