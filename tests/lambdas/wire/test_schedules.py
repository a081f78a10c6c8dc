"""Random faults at random moments, with boto3's clients between the functions and AWS."""

from tests.lambdas.fakes.chaos import Chaos
from tests.lambdas.fakes.schedules import broken_promise, drawn
from tests.lambdas.wire.connect import connect
from tests.lambdas.wire.transport import Wire

SCHEDULES = 12


def test_drawn_schedules_break_no_promise_over_the_wire() -> None:
    wires: list[Wire] = []

    def connected() -> Chaos:
        chaos = Chaos()
        wires.append(connect(chaos))
        return chaos

    broken = {seed: broken_promise(drawn(f"wire/{seed}"), make=connected) for seed in range(SCHEDULES)}
    assert {seed: promise for seed, promise in broken.items() if promise} == {}
    assert all(wire.requests for wire in wires)
