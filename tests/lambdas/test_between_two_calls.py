"""Another function runs between two calls of one, wherever that is: the promises hold.

The function in between lasts longer than an update of weights, so that a rollback may be through before the
function that it met goes on.
"""

from dataclasses import replace

import pytest

from tests.lambdas.fakes import plans
from tests.lambdas.fakes.alternation import Alternation
from tests.lambdas.fakes.chaos import Chaos
from tests.lambdas.fakes.schedules import Schedule, Step, broken_promise
from tests.lambdas.fakes.world import World
from tests.lambdas.test_crash_after_every_call import crash_points

EVERY = {
    "abort_as_operator": 1,
    "alarm": 4,
    "approve": 3,
    "deploy": 3,
    "replay_a_function": 3,
    "wake_the_watchdog": 4,
}
"""Which of the calls are tried with each: every one, every fourth; the random schedules try all."""


def interrupted(number: int, other: str) -> tuple[Step, ...]:
    """Return a rollout with another function before its call of a number."""
    return (
        ("run_others_between_two_calls", {"calls": number, "seconds": 50, "other": other}),
        ("approve", {"version": 2}),
        ("wait", {"seconds": 3_000}),
    )


def points(bad: tuple[int, ...]) -> list[int]:
    """Return the numbers of a rollout's calls, of repeated looks at the same only the first."""
    chaos = Chaos().begin(bad=bad, broken=(), features=())
    chaos.world.faults.recording = True
    chaos.approve(2)
    chaos.run()
    return crash_points(chaos)


@pytest.mark.parametrize(("bad", "other"), [*(((), other) for other in EVERY), ((2,), "deploy")])
def test_the_promises_hold_whatever_runs_between_two_calls(bad: tuple[int, ...], other: str) -> None:
    numbers = points(bad)[:: EVERY[other]]
    broken = {
        number: broken_promise(Schedule(bad=bad, steps=interrupted(number, other))) for number in numbers
    }
    assert {number: promise for number, promise in broken.items() if promise} == {}


def test_without_its_hold_a_rollback_would_be_overtaken_by_the_step_that_it_met(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plans, "PLAN", replace(plans.PLAN, rollback_hold_seconds=0))
    monkeypatch.setattr("roll_back.logic.GRACE_SECONDS", 0)
    broken = (broken_promise(Schedule(steps=interrupted(number, "alarm"))) for number in points(()))
    assert any("the endpoint is" in promise for promise in broken)


@pytest.mark.parametrize("turns", [0xFFFFFF, 0x555555, 0x333333, 0x2D2D2D])
def test_the_promises_hold_when_a_rollback_and_a_rollout_alternate_call_by_call(turns: int) -> None:
    schedules = {
        number: Schedule(
            steps=(
                (
                    "alternate_with_another_function",
                    {"calls": number, "seconds": 50, "other": "abort_as_operator", "turns": turns},
                ),
                ("approve", {"version": 2}),
                ("wait", {"seconds": 3_000}),
            )
        )
        for number in points(())[::2]
    }
    broken = {number: broken_promise(schedule) for number, schedule in schedules.items()}
    assert {number: promise for number, promise in broken.items() if promise} == {}


def test_two_functions_alternate_as_they_are_told_and_keep_what_is_theirs() -> None:
    said: list[str] = []
    world = World()

    def other() -> None:
        world.faults.acting = "other"
        for number in range(4):
            alternation.turn()
            said.append(f"{world.faults.acting} {number}")

    world.faults.acting = "one"
    alternation = Alternation(other, turns=0b0111, nested=[(world.faults, "acting")])
    alternation.begin()
    for number in range(4):
        alternation.turn()
        said.append(f"{world.faults.acting} {number}")
    alternation.finish()
    assert said == ["other 0", "one 0", "one 1", "one 2", "one 3", "other 1", "other 2", "other 3"]


def test_what_goes_wrong_beside_a_function_is_known_at_its_end() -> None:
    def other() -> None:
        raise LookupError("beside")

    alternation = Alternation(other, turns=0)
    alternation.begin()
    with pytest.raises(LookupError, match="beside"):
        alternation.finish()
    alternation.finish()
