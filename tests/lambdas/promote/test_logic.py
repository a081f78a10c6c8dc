"""The promotion by itself."""

from dataclasses import replace

import pytest

from promote.logic import Promote
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import EvidenceMissing, StackUpdateFailed, UnexpectedConfig
from tidegate_runtime.journal import Journal
from tidegate_runtime.ports import LIVE
from tidegate_runtime.state import RunState

V2 = "v2-20261121T050102Z"


def promoting() -> tuple[Service, RunState, Promote]:
    service = Service().deployed()
    service.plan = replace(service.plan, candidate_instances=4)
    service.approve(2)
    service.run(until=lambda: any(running.at == "Promote" for running in service.running.values()))
    state = RunState.from_dict(next(iter(service.running.values())).state)
    journal = Journal(ledger=service.ledger, clock=service.world, rollout_id=V2)
    return (
        service,
        state,
        Promote(
            plan=service.plan,
            endpoint=service.endpoint,
            stack=service.stack,
            pointer=service.pointer,
            clock=service.world,
            journal=journal,
        ),
    )


def test_live_gets_as_many_instances_as_the_candidate_has_before_the_stack_moves() -> None:
    service, state, promote = promoting()
    assert promote(state).status == "WAIT"
    service.world.time += 300
    live = service.endpoint.view().variant(LIVE)
    assert live is not None
    assert live.desired_instances == 4
    assert service.pointer.value == package(1)


def test_rejects_a_promotion_without_a_pass_on_the_last_step() -> None:
    service, state, promote = promoting()
    with pytest.raises(EvidenceMissing):
        promote(replace(state, passed_step=0))
    assert service.pointer.value == package(1)


def test_rejects_a_pointer_that_somebody_else_moved() -> None:
    service, state, promote = promoting()
    promote(state)
    service.world.time += 300
    service.pointer.value = package(7)
    with pytest.raises(UnexpectedConfig):
        promote(state)
    assert service.pointer.value == package(7)


def test_a_stack_that_does_not_take_the_version_gives_the_pointer_back_at_once() -> None:
    service, state, promote = promoting()
    promote(state)
    service.world.time += 300
    service.stack.fails = 1
    requested = promote(state)
    assert service.pointer.value == package(2)
    service.world.time += 60
    with pytest.raises(StackUpdateFailed):
        promote(requested)
    assert service.pointer.value == package(1)
