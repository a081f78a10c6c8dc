"""A rollout that could not be rolled back does not start."""

import pytest

from roll_back.preflight import is_preflight
from tests.lambdas.fakes.health import ROLLBACK_CALLS
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome
from tests.lambdas.fakes.parts import BACK
from tidegate_runtime.rollback_state import RollbackState
from tidegate_runtime.state import RunState

CHANGING = {*ROLLBACK_CALLS.values(), "sagemaker.create_model", "sagemaker.create_config", "scaling.suspend"}


@pytest.mark.parametrize("action", ROLLBACK_CALLS)
def test_a_permission_that_only_the_rollback_needs_is_missed_before_anything_is_touched(action: str) -> None:
    service = Service().deployed()
    service.world.faults.denied_to_roll_back = {ROLLBACK_CALLS[action]}
    service.approve(2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    reason = service.ledger.runs[V2].body["reason"]
    assert reason == f"Denied: nothing was touched, since a rollback may not do {action}"
    assert not CHANGING & set(service.world.faults.log)
    assert (BACK, f"rb-{V2}") not in service.executions.inputs
    assert_back_on_baseline(service)


def test_the_notice_names_every_permission_that_is_missing_and_says_that_nothing_was_touched() -> None:
    service = Service().deployed()
    service.world.faults.denied_to_roll_back = {"ssm.write", "sagemaker.update"}
    service.approve(2)
    service.run()
    (notice,) = service.topic.sent
    assert "Version 2 was not rolled out to digits-rehearsal: nothing was touched." in notice.text
    assert "may not do sagemaker:UpdateEndpoint, ssm:PutParameter" in notice.text
    assert "mend what the reason names; then approve the version again" in notice.text


def test_the_version_goes_out_once_the_permission_is_there() -> None:
    service = Service().deployed()
    service.world.faults.denied_to_roll_back = {"sagemaker.set_weights"}
    service.approve(2)
    service.run()
    service.world.faults.denied_to_roll_back = set()
    service.approve(2, time="2026-11-21T06:00:00Z")
    service.run()
    assert outcome(service, "v2-20261121T060000Z") == "PROMOTED"


def test_an_abort_during_the_preflight_wins() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["CHECKED"])
    service.abort(V2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert "authority.denied" not in service.world.faults.log or service.highest_share == 0


def test_the_state_of_a_rollout_is_told_from_that_of_a_rollback() -> None:
    state = RunState(rollout_id="v2", model_package_arn="arn")
    assert is_preflight(state.to_dict())
    assert not is_preflight(RollbackState(rollout_id="v2", state=state).to_dict())
    assert not is_preflight({"rollout_id": "v2"})
