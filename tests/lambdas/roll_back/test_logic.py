"""The rollback by itself: late shifts, dead ends, and whose endpoint it is."""

from dataclasses import replace

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import package
from tidegate_runtime.ports import CANDIDATE, LIVE, Lease

V2 = "v2-20261121T050102Z"


def aborted() -> Service:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["SHIFTED"])
    service.abort(V2)
    return service


def test_a_shift_that_lands_late_is_taken_back_before_the_rollback_goes_on() -> None:
    service = aborted()
    service.run(until=lambda: "WEIGHT_ZERO" in service.ledger.kinds(V2))
    service.endpoint.set_weights({CANDIDATE: 50.0, LIVE: 50.0})
    service.world.time += 59
    service.run(until=lambda: service.endpoint.share() > 0)
    service.run(until=lambda: len(service.ledger.bodies("WEIGHT_ZERO")) == 2)
    zero_since = service.world.time
    service.run(until=lambda: service.endpoint.view().pending_config == "stack-config-0")
    assert service.world.time - zero_since >= service.plan.rollback_hold_seconds
    service.run()
    assert service.ledger.runs[V2].status == "ROLLED_BACK"


@pytest.mark.parametrize("status", ["Failed", "OutOfService"])
def test_an_endpoint_that_cannot_recover_needs_a_human_and_is_not_deleted(status: str) -> None:
    service = aborted()
    service.endpoint.cloud.view = replace(service.endpoint.view(), status=status, failure_reason="broken")
    service.run()
    run = service.ledger.runs[V2]
    assert run.status == "NEEDS_HUMAN"
    assert f"{status}: broken" in run.body["reason"]


def test_an_update_whose_rollback_failed_is_applied_again_once() -> None:
    service = aborted()
    service.endpoint.cloud.view = replace(service.endpoint.view(), status="UpdateRollbackFailed")
    service.endpoint._in_service = service.endpoint.view  # type: ignore[method-assign]  # SageMaker takes it here
    service.run()
    assert service.world.faults.log.count("sagemaker.update") == 2
    assert service.ledger.runs[V2].status == "ROLLED_BACK"
    assert service.endpoint.view().config_name == "stack-config-0"


def test_an_unscaled_fleet_gets_the_templates_count_back_and_a_scaled_one_keeps_its_own() -> None:
    counts = []
    for scaled in (True, False):
        service = Service().deployed()
        service.scaling.state = service.scaling.state if scaled else None
        service.approve(2)
        service.run(until=lambda now=service: now.ledger.kinds(V2)[-1:] == ["SHIFTED"])  # type: ignore[misc]
        service.endpoint.change_count(LIVE, 5)
        service.abort(V2)
        service.run()
        live = service.endpoint.view().variant(LIVE)
        assert live is not None
        counts.append(live.desired_instances)
    assert counts == [5, 2]


def test_rejects_to_touch_an_endpoint_that_another_rollout_holds() -> None:
    service = aborted()
    service.ledger.held = Lease(rollout_id="v9", expires_at=2_000_000_000)
    before = service.world.faults.log.count("sagemaker.set_weights")
    service.run(until=lambda: service.ledger.runs[V2].status != "RUNNING")
    assert service.ledger.runs[V2].status == "SUPERSEDED"
    assert service.world.faults.log.count("sagemaker.set_weights") == before


def test_an_abort_of_a_rollout_that_nobody_knows_touches_nothing() -> None:
    service = Service().deployed()
    service.abort("v9-unknown")
    service.run()
    assert "sagemaker.describe" not in service.world.faults.log


def test_an_abort_of_a_promoted_rollout_reports_what_is_true() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run()
    service.abort(V2)
    service.run()
    assert service.ledger.runs[V2].status == "PROMOTED"
    assert service.endpoint.served_by(LIVE) == package(2)
