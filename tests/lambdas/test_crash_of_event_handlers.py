"""What answers events dies after any of its calls, and the event comes again: the end is the same."""

from collections.abc import Callable

import pytest

from tests.lambdas.ab_test import world as ab_test
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome
from tests.lambdas.fakes.parts import OUT
from tests.lambdas.fakes.world import Crash, package
from tidegate_runtime.errors import Denied
from tidegate_runtime.ports import Execution

V3 = "v3-20261121T050102Z"
MOST_CALLS = 40


def dies_at(service: Service, number: int, event: Callable[[], object]) -> bool:
    """Let an event's handler die after its call of that number; tell whether it had so many."""
    faults = service.world.faults
    faults.crash_at = faults.calls + number
    try:
        event()
    except Crash:
        return True
    finally:
        faults.crash_at = 0
    return False


def stepping() -> Service:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    return service


def test_an_approval_starts_its_rollout_once() -> None:
    calls = 0
    for number in range(1, MOST_CALLS):
        service = Service().deployed()
        calls += dies_at(service, number, lambda service=service: service.approve(2))  # type: ignore[misc]
        service.approve(2)
        service.run()
        assert outcome(service) == "PROMOTED", number
        assert list(service.executions.inputs) == [(OUT, V2)]
    assert calls > 0


def test_an_approval_during_a_rollout_is_on_record_as_superseded() -> None:
    calls = 0
    for number in range(1, MOST_CALLS):
        service = stepping()
        calls += dies_at(service, number, lambda service=service: service.approve(3))  # type: ignore[misc]
        service.approve(3)
        service.tick()
        service.run()
        assert service.ledger.runs[V3].status in ("SUPERSEDED", "ROLLED_BACK"), number
        assert outcome(service) == "PROMOTED", number
    assert calls > 0


def lost_execution() -> Service:
    service = stepping()
    service.executions.views[OUT, V2] = Execution(status="ABORTED")
    return service


def missed_end() -> Service:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "WATCHED" in service.ledger.kinds(V2))
    service.world.faults.before["dynamodb.save"] = [Denied("AccessDenied")]
    service.run()
    return service


@pytest.mark.parametrize(("story", "end"), [(lost_execution, "ROLLED_BACK"), (missed_end, "PROMOTED")])
def test_the_watchdog_finishes_what_it_died_over(story: Callable[[], Service], end: str) -> None:
    calls = 0
    for number in range(1, MOST_CALLS):
        service = story()
        calls += dies_at(service, number, service.tick)
        service.run()
        service.tick()
        service.run()
        assert outcome(service) == end, number
        assert service.ledger.held is None, number
    assert calls > 0


def test_an_alarm_leads_to_one_rollback() -> None:
    calls = 0
    for number in range(1, MOST_CALLS):
        service = stepping()
        calls += dies_at(service, number, service.alarm)
        service.alarm()
        service.run()
        assert outcome(service) == "ROLLED_BACK", number
        assert_back_on_baseline(service)
    assert calls > 0


@pytest.mark.parametrize("crash_after", [1, 2, 3, 4])
def test_an_ab_test_ends_with_its_champion(crash_after: int) -> None:
    world = ab_test.World(time=ab_test.DEADLINE)
    for _ in range(3):
        world.crash_after = crash_after
        try:
            world.keeper()()
        except ab_test.Crash:
            world.crash_after = 0
        world.sleep(ab_test.UPDATE_SECONDS)
    for _ in range(8):
        world.crash_after = 0
        world.keeper()()
        world.sleep(ab_test.UPDATE_SECONDS)
    weights = {one.name: one.desired_weight for one in world.variants}
    assert weights["a"] > 0
    assert (weights["b"], weights["c"]) == (0, 0)
    assert world.too_early == []


def test_a_guard_that_dies_lets_no_deploy_through_and_stops_no_rollout() -> None:
    for number in range(1, 12):
        service = stepping()
        dies_at(service, number, lambda service=service: service.stack.deploy(template_changes=True))  # type: ignore[misc]
        assert service.stack.package == package(1)
        service.run()
        assert outcome(service) == "PROMOTED", number
