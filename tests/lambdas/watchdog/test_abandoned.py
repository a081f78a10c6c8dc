"""What a stopped pipeline's gate has left running is deleted once no gate can need it, and nothing else."""

from dataclasses import replace

import pytest

from tests.lambdas.fakes.leftovers import FakeGateLeftovers
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import Crash, World
from tidegate_runtime.errors import Denied
from watchdog.abandoned import GRACE_SECONDS, Abandoned

HOUR = 3600
MINUTES = 90.0
OLD = 60 * MINUTES + GRACE_SECONDS + 1


def on_the_hour() -> tuple[World, FakeGateLeftovers, Abandoned]:
    world = World()
    world.time += HOUR - world.time % HOUR
    leftovers = FakeGateLeftovers(world)
    return world, leftovers, Abandoned(leftovers=leftovers, gate_minutes=MINUTES, clock=world)


def test_what_is_older_than_a_gate_may_last_is_deleted_and_what_a_gate_may_use_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world, leftovers, abandoned = on_the_hour()
    leftovers.made = {"old": world.time - OLD, "young": world.time - OLD + 2}
    assert abandoned.collect() == ["old"]
    assert set(leftovers.made) == {"young"}
    assert "deleted old, which a validation gate has left behind" in caplog.text
    world.time += HOUR
    assert abandoned.collect() == ["young"]


def test_it_looks_once_an_hour() -> None:
    world, _, abandoned = on_the_hour()
    looks = 0
    for _ in range(120):
        before = world.faults.calls
        abandoned.collect()
        looks += world.faults.calls - before
        world.time += 60
    assert looks == 2


def test_a_service_without_a_gate_by_endpoint_is_not_looked_at() -> None:
    world, leftovers, abandoned = on_the_hour()
    leftovers.made = {"old": world.time - 10 * OLD}
    assert replace(abandoned, gate_minutes=None).collect() == []
    assert world.faults.calls == 0


def test_one_that_takes_no_deletion_does_not_keep_the_others_and_is_tried_again() -> None:
    world, leftovers, abandoned = on_the_hour()
    leftovers.made, leftovers.busy = {"busy": world.time - OLD, "old": world.time - OLD}, {"busy"}
    assert abandoned.collect() == ["old"]
    leftovers.busy = set()
    assert abandoned.collect() == ["busy"]


def test_a_call_deletes_25_at_most_the_oldest_first() -> None:
    world, leftovers, abandoned = on_the_hour()
    leftovers.made = {f"{number:02}": world.time - OLD for number in range(30)}
    assert abandoned.collect() == [f"{number:02}" for number in range(25)]
    assert len(abandoned.collect()) == 5


@pytest.mark.parametrize("call", range(1, 5))
def test_a_crash_after_any_call_leaves_the_rest_to_the_next_hour(call: int) -> None:
    world, leftovers, abandoned = on_the_hour()
    leftovers.made = dict.fromkeys(("a", "b", "c"), world.time - OLD)
    world.faults.crash_at = call
    with pytest.raises(Crash):
        abandoned.collect()
    world.faults.crash_at = 0
    abandoned.collect()
    assert leftovers.made == {}


def test_the_watchdog_tells_what_it_has_deleted_and_does_not_raise_when_it_may_not() -> None:
    service = Service().deployed()
    world = service.world
    world.time += HOUR - world.time % HOUR
    leftovers = FakeGateLeftovers(world)
    leftovers.made = {"old": world.time - OLD}
    abandoned = Abandoned(leftovers=leftovers, gate_minutes=MINUTES, clock=world)
    watchdog = replace(service.watchdog, abandoned=abandoned)
    world.faults.before["sagemaker.made_before"] = [Denied("sagemaker:ListEndpoints")]
    assert "abandoned" not in watchdog({"detail-type": "Scheduled Event"})
    assert watchdog({"detail-type": "Scheduled Event"})["abandoned"] == ["old"]


def test_it_is_collected_while_a_rollout_is_in_flight_too() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    world = service.world
    world.time += HOUR - world.time % HOUR
    leftovers = FakeGateLeftovers(world)
    leftovers.made = {"old": world.time - OLD}
    abandoned = Abandoned(leftovers=leftovers, gate_minutes=MINUTES, clock=world)
    watchdog = replace(service.watchdog, abandoned=abandoned)
    assert watchdog({"detail-type": "Scheduled Event"})["abandoned"] == ["old"]
