"""Functions that meet: one runs between two calls of another, or alternates with it."""

from collections.abc import Mapping
from typing import Any, Final

from tests.lambdas.fakes.action_table import OneOf, Whole, action, happen
from tests.lambdas.fakes.alternation import Alternation
from tests.lambdas.fakes.chaos import Chaos

MEANWHILE: Final[Mapping[str, Mapping[str, Any]]] = {
    "": {},
    "approve": {"version": 3},
    "reject_in_the_registry": {"version": 2},
    "alarm": {"twice": False},
    "abort_as_operator": {},
    "wake_the_watchdog": {},
    "replay_a_function": {"index": 0},
    "deploy": {},
}
"""What may happen between two calls of a function, besides the executions that are due."""


@action(31, 32, calls=Whole(1, 40), seconds=Whole(0, 50), other=OneOf(tuple(MEANWHILE)), again=Whole(0, 3))
def run_others_between_two_calls(chaos: Chaos, calls: int, seconds: int, other: str, again: int = 0) -> None:
    """Let another function run in the middle of one, and executions that are due meanwhile.

    What runs then may be interrupted itself: `again` counts further interruptions, some calls later.
    """
    faults, left = chaos.world.faults, again

    def interrupt() -> None:
        nonlocal left
        if left:
            left -= 1
            faults.interrupt_at = faults.calls + 1 + calls % 5
        if other:
            happen(chaos, other, MEANWHILE[other])
        # All together no longer than a function may last.
        chaos.run_others(seconds // (again + 1))

    chaos.world.interrupt = interrupt
    faults.interrupt_at = faults.calls + calls


@action(
    31, 32, calls=Whole(1, 40), seconds=Whole(0, 50), other=OneOf(tuple(MEANWHILE)), turns=Whole(0, 2**24)
)
def alternate_with_another_function(chaos: Chaos, calls: int, seconds: int, other: str, turns: int) -> None:
    """Let another function run beside one, call by call as `turns` says, and executions that are due."""
    faults, world = chaos.world.faults, chaos.world

    def beside() -> None:
        if other:
            happen(chaos, other, MEANWHILE[other])
        chaos.run_others(seconds)

    def interrupt() -> None:
        alternation = Alternation(beside, turns=turns, nested=chaos.nested())
        world.turn, world.finish = alternation.turn, alternation.finish
        alternation.begin()

    world.interrupt = interrupt
    faults.interrupt_at = faults.calls + calls
