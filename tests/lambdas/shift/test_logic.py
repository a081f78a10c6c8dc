"""Traffic rises only with a PASS, and not at all once a rollback is asked for."""

from dataclasses import replace

import pytest

from shift.logic import Shift
from tests.lambdas.fakes.machines import Service
from tidegate_runtime.errors import EvidenceMissing, RollbackRequested
from tidegate_runtime.journal import Journal
from tidegate_runtime.state import RunState

V2 = "v2-20261121T050102Z"


def stepping() -> tuple[Service, RunState, Shift]:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["SHIFTED"])
    state = RunState.from_dict(next(iter(service.running.values())).state)
    journal = Journal(ledger=service.ledger, clock=service.world, rollout_id=V2)
    return (
        service,
        state,
        Shift(plan=service.plan, endpoint=service.endpoint, clock=service.world, journal=journal),
    )


@pytest.mark.parametrize(
    ("passed_step", "verdict"), [(-1, "PASS"), (0, "CONTINUE"), (0, "INCONCLUSIVE"), (0, "NO_DATA"), (0, "")]
)
def test_rejects_a_rise_without_an_explicit_pass(passed_step: int, verdict: str) -> None:
    service, state, shift = stepping()
    with pytest.raises(EvidenceMissing):
        shift(replace(state, step=1, passed_step=passed_step, verdict=verdict))
    assert service.endpoint.share() == pytest.approx(0.1)


def test_rejects_a_rise_after_a_rollback_was_asked_for() -> None:
    service, state, shift = stepping()
    Journal(ledger=service.ledger, clock=service.world, rollout_id=V2).mark("ROLLING_BACK")
    with pytest.raises(RollbackRequested):
        shift(replace(state, step=1, passed_step=0, verdict="PASS"))
    assert service.endpoint.view().status == "InService"


def test_only_buckets_that_begin_after_the_weights_were_observed_count() -> None:
    service, state, _ = stepping()
    assert service.world.time <= state.since < service.world.time + 60
    assert state.since % 60 == 0
    assert state.cursor == state.since
