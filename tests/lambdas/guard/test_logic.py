"""The guard: which deploys of the hosting stack it lets through."""

from typing import Any

import pytest

from guard.logic import Guard
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import package
from tidegate_runtime.ports import Lease, Run


def guarded(
    *, phase: str, status: str = "RUNNING", live: int = 1, stack: str = "UPDATE_IN_PROGRESS"
) -> Guard:
    service = Service().deployed()
    body = {"phase": phase, "package_arn": package(2), "baseline": {"package_arn": package(1)}}
    service.ledger.runs["v2"] = Run(rollout_id="v2", status=status, body=body, revision=1)
    service.ledger.held = Lease(rollout_id="v2", expires_at=0)
    service.pointer.value, service.stack.status = package(live), stack
    return service.stack.guard


def request(version: int, kind: str = "Update") -> dict[str, Any]:
    return {"RequestType": kind, "ResourceProperties": {"ModelPackage": package(version)}}


@pytest.mark.parametrize("phase", ["STARTED", "CHECKED", "PREPARING", "STEPPING", "ROLLING_BACK"])
def test_rejects_a_deploy_while_a_rollout_holds_the_endpoint(phase: str) -> None:
    refusal = guarded(phase=phase).refusal(request(1))
    assert refusal is not None
    assert "v2 is in flight" in refusal


def test_rejects_a_deploy_of_the_new_version_while_it_is_watched() -> None:
    assert guarded(phase="WATCHING", live=2).refusal(request(2)) is not None


def test_rejects_a_change_set_that_is_older_than_the_last_promotion() -> None:
    refusal = guarded(phase="WATCHING", status="PROMOTED", live=2).refusal(request(1))
    assert refusal is not None
    assert "stale" in refusal


def test_the_rollouts_own_promotion_passes() -> None:
    assert guarded(phase="PROMOTING", live=2).refusal(request(2)) is None


@pytest.mark.parametrize("phase", ["RESTORING", "WATCHING", "PROMOTING"])
def test_the_rollbacks_own_update_passes_even_when_its_phase_could_not_be_written(phase: str) -> None:
    assert guarded(phase=phase, live=1).refusal(request(1)) is None


def test_a_deploy_passes_when_the_holder_has_ended() -> None:
    assert guarded(phase="WATCHING", status="PROMOTED").refusal(request(1)) is None


def test_a_deploy_passes_when_the_ledger_is_down() -> None:
    guard = guarded(phase="RESTORING")
    guard.ledger.world.faults.down = {"dynamodb"}  # type: ignore[attr-defined]  # the fake has a world
    assert guard.refusal(request(1)) is None


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_cloudformations_way_back_is_never_barred(status: str) -> None:
    assert guarded(phase="STEPPING", stack=status).refusal(request(1)) is None


def test_a_deletion_is_never_barred() -> None:
    assert guarded(phase="STEPPING").refusal(request(9, "Delete")) is None
