"""What rollouts leave behind is deleted once a day, and nothing that anybody uses."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import Crash, package
from tidegate_runtime.ports import CANDIDATE
from watchdog.collecting import KEPT

DAY = 24 * 3600
MADE = 5


def used(*, versions: int = MADE) -> Service:
    """Return a service after this many rollouts, each of which has left a configuration and a model."""
    service = Service().deployed()
    for version in range(2, 2 + versions):
        service.approve(version)
        service.run()
    return service


def at_midnight(service: Service) -> list[str]:
    service.world.time += DAY - service.world.time % DAY
    answer = service.watchdog({"detail-type": "Scheduled Event"})
    return list(answer.get("collected", []))


def made(service: Service) -> tuple[int, int]:
    leftovers = service.watchdog.collecting.leftovers
    return len(leftovers.configs()), len(leftovers.models())


def test_all_but_the_newest_three_are_deleted_configurations_before_their_models() -> None:
    service = used()
    before = [*service.watchdog.collecting.leftovers.configs(), *service.endpoint.cloud.models]
    collected = at_midnight(service)
    assert made(service) == (KEPT, KEPT)
    assert len(collected) == 2 * (MADE - KEPT)
    assert set(collected) <= set(before)
    assert [name.split("-")[1] for name in collected] == ["rollout"] * 2 + ["candidate"] * 2


def test_the_stacks_own_configurations_and_models_stay() -> None:
    service = used()
    cloud = service.endpoint.cloud
    own = {name for name in (*cloud.configs, *cloud.models) if not name.startswith("digits-")}
    at_midnight(service)
    assert len(own) > MADE
    assert own <= {*cloud.configs, *cloud.models}


def test_nothing_is_deleted_at_any_other_minute_of_the_day() -> None:
    service = used()
    at_midnight(service)
    service.world.time += 61
    service.approve(9)
    service.run()
    service.tick()
    assert made(service) == (KEPT + 1, KEPT + 1)


def in_flight(service: Service) -> None:
    service.approve(8)
    service.run(until=lambda: service.endpoint.share() > 0)


def updating(service: Service) -> None:
    service.endpoint.cloud.view = replace(service.endpoint.view(), status="Updating")


def leased(service: Service) -> None:
    in_flight(service)
    service.ledger.runs.clear()


@pytest.mark.parametrize("busy", [in_flight, updating, leased])
def test_nothing_is_deleted_while_anything_is_in_flight(
    busy: Callable[[Service], None],
) -> None:
    service = used()
    busy(service)
    assert at_midnight(service) == []


def test_a_candidate_that_waits_for_a_human_keeps_what_it_runs_on_however_old_it_is() -> None:
    service = used(versions=0)
    service.plan = replace(service.plan, on_no_data="needs_human")
    service.metrics.requests_per_second = 0
    service.approve(2)
    service.run()
    waiting = service.endpoint.view().config_name
    for number in range(MADE):
        service.endpoint.cloud.configs[f"digits-rollout-{number:016x}"] = {"ProductionVariants": []}
        service.endpoint.cloud.models[f"digits-candidate-{number:016x}"] = {}
    assert len(at_midnight(service)) == 2 * (MADE - KEPT)
    assert service.endpoint.view().variant(CANDIDATE) is not None
    assert waiting in service.endpoint.cloud.configs
    assert service.endpoint.served_by(CANDIDATE) == package(2)


def test_a_version_whose_leftovers_were_deleted_can_be_rolled_out_again() -> None:
    service = used()
    at_midnight(service)
    service.approve(2, time="2026-12-01T05:01:02Z")
    service.run()
    assert service.pointer.value == package(2)


@pytest.mark.parametrize("call", range(1, 16))
def test_a_crash_after_any_call_deletes_nothing_that_is_used_and_the_next_day_goes_on(call: int) -> None:
    service = used()
    service.world.time += DAY - service.world.time % DAY
    service.world.faults.crash_at = service.world.faults.calls + call
    try:
        service.tick()
    except Crash:
        service.world.faults.crash_at = 0
    at_midnight(service)
    assert made(service) == (KEPT, KEPT)
    assert service.endpoint.view().config_name in service.endpoint.cloud.configs
