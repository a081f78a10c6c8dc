"""Events that come twice, others in the way, services beside the endpoint that are down: over the wire."""

from dataclasses import replace

import pytest

from tests.lambdas.fakes.outcomes import V2, outcome
from tests.lambdas.fakes.parts import OUT
from tests.lambdas.wire.rollouts import Rollout
from tests.lambdas.wire.scripts import refused, server_error, unreachable
from tests.lambdas.wire.transport import Script
from tidegate_runtime.ports import CANDIDATE, LIVE, Execution

BESIDE = ["dynamodb", "events", "sns", "application-autoscaling", "stepfunctions", "cloudwatch"]
V3 = "v3-20261121T050103Z"


@pytest.mark.parametrize("script", [unreachable, server_error, refused("AccessDeniedException")])
@pytest.mark.parametrize("down", BESIDE)
def test_a_rollback_of_traffic_and_configuration_needs_none_of_the_services_beside_it(
    down: str, script: Script
) -> None:
    rollout = Rollout.in_first_step()
    service = rollout.service
    service.abort(V2)
    rollout.wire.always[down] = script
    service.run(seconds=3_000)
    view = service.endpoint.view()
    assert (view.config_name, view.variant(CANDIDATE)) == (service.stack.config, None)


@pytest.mark.parametrize("down", ["events", "sns"])
def test_an_end_that_nobody_can_be_told_is_an_end_all_the_same(down: str) -> None:
    rollout = Rollout.in_first_step()
    rollout.wire.always[down] = unreachable
    rollout.service.abort(V2)
    rollout.service.run()
    rollout.assert_rolled_back(reason="asked to")


def test_a_duplicate_approval_finds_its_execution_and_has_one_effect() -> None:
    rollout = Rollout.in_first_step()
    assert rollout.service.approve(2)["reason"] == "this approval has started its rollout before"
    rollout.service.run()
    rollout.assert_promoted()
    assert rollout.wire.sent("StartExecution") == 2
    assert rollout.wire.carried_out["StartExecution"] == 1


def test_an_approval_during_a_rollout_is_superseded_in_the_ledger() -> None:
    rollout = Rollout.in_first_step()
    answer = rollout.service.approve(3, time="2026-11-21T05:01:03Z")
    assert answer == {"started": False, "rollout_id": V3, "reason": f"rollout {V2} is in flight"}
    rollout.service.run()
    rollout.assert_promoted()
    assert outcome(rollout.service, V3) == "SUPERSEDED"


@pytest.mark.parametrize(("policy", "first"), [("queue", "PROMOTED"), ("supersede", "ROLLED_BACK")])
def test_an_approval_that_waits_starts_at_the_end_of_the_rollout_in_flight(policy: str, first: str) -> None:
    rollout = Rollout.in_first_step()
    service = rollout.service
    service.plan = replace(service.plan, on_new_approval=policy)
    assert service.approve(3, time="2026-11-21T05:01:03Z")["reason"] == "this approval is QUEUED"
    service.run()
    assert {run.rollout_id: run.status for run in service.ledger.runs.values()} == {V2: first, V3: "PROMOTED"}


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT"])
def test_an_execution_that_was_aborted_or_timed_out_is_found_and_rolled_back(status: str) -> None:
    rollout = Rollout.in_first_step()
    rollout.service.executions.views[OUT, V2] = Execution(status=status)
    rollout.service.tick()
    rollout.service.run()
    rollout.assert_rolled_back(reason=f"the rollout's execution is {status}")


def test_a_count_that_scaling_raised_during_a_step_is_kept_by_the_promotion() -> None:
    rollout = Rollout.in_first_step()
    rollout.service.endpoint.change_count(LIVE, 5)
    rollout.service.run()
    rollout.assert_promoted()
    live = rollout.service.endpoint.view().variant(LIVE)
    assert live is not None
    assert live.desired_instances == 5


def test_a_stack_that_is_busy_is_asked_again() -> None:
    busy = refused("ValidationError", "Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated.")
    rollout = Rollout.ready().scripted("UpdateStack", *[busy] * 5).run()
    rollout.assert_promoted()
    assert rollout.wire.carried_out["UpdateStack"] == 1


def test_a_stack_without_anything_to_update_takes_the_pointer_back() -> None:
    nothing = refused("ValidationError", "No updates are to be performed.")
    rollout = Rollout.ready().scripted("UpdateStack", nothing).run()
    rollout.assert_rolled_back(reason="StackUpdateFailed: the stack does not read the pointer")


def test_a_deploy_during_a_rollout_is_refused_by_what_the_guard_reads_over_the_wire() -> None:
    rollout = Rollout.in_first_step()
    rollout.service.stack.deploy(template_changes=True)
    assert rollout.service.stack.refusals == [
        f"rollout {V2} is in flight (STEPPING): wait for its end, or abort it"
    ]
    rollout.service.run()
    rollout.assert_promoted()


def test_an_alarm_while_the_endpoint_is_updating_is_refused_until_it_is_in_service() -> None:
    rollout = Rollout.in_first_step()
    service = rollout.service
    service.endpoint.change_count(LIVE, 3)
    service.alarm()
    service.run()
    rollout.assert_rolled_back(reason="alarm digits-candidate-5xx")
    zero = service.ledger.bodies("WEIGHT_ZERO")[0]
    assert zero["seconds_refused"] == pytest.approx(300, abs=15)
    assert zero["seconds_since_accepted"] == pytest.approx(60, abs=5)
