"""Rollouts while others deploy, scale, approve and throttle."""

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome, rolled_back
from tests.lambdas.fakes.parts import BACK, OUT
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import Denied, QuotaExceeded, Rejected, Transient
from tidegate_runtime.ports import CANDIDATE, LIVE
from tidegate_runtime.state import Suspended


def test_the_first_version_writes_the_pointer_and_needs_no_endpoint() -> None:
    service = Service()
    service.stack.exists = False
    service.approve(1)
    service.run()
    assert service.pointer.value == package(1)
    assert outcome(service, "v1-20261121T050102Z") == "PROMOTED"
    assert service.ledger.runs["v1-20261121T050102Z"].body["first"] is True


def test_the_live_version_approved_again_is_a_finished_rollout_without_effect() -> None:
    service = Service().deployed()
    service.approve(1)
    service.run()
    assert outcome(service, "v1-20261121T050102Z") == "PROMOTED"
    assert "sagemaker.update" not in service.world.faults.log


def test_a_version_before_the_hosting_stack_is_refused_and_nothing_is_touched() -> None:
    service = Service()
    service.pointer.value = package(1)
    service.stack.exists = False
    service.approve(2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert "BaselineUnhealthy" in service.ledger.runs[V2].body["reason"]
    assert "sagemaker.update" not in service.world.faults.log


def test_rejects_a_second_rollout_in_flight_and_says_so_in_the_ledger() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    answer = service.approve(3)
    assert answer["started"] is False
    assert outcome(service, "v3-20261121T050102Z") == "SUPERSEDED"
    service.run()
    assert outcome(service) == "PROMOTED"


def test_rejects_the_later_of_two_rollouts_that_started_at_once() -> None:
    service = Service().deployed()
    service.approve(2)
    service.approve(3)
    service.run()
    outcomes = {run.rollout_id[:2]: run.status for run in service.ledger.runs.values()}
    assert sorted(outcomes.values()) == ["PROMOTED", "SUPERSEDED"]
    assert service.pointer.value == service.endpoint.served_by(LIVE)


def test_a_duplicate_approval_has_one_effect() -> None:
    service = Service().deployed()
    assert service.approve(2)["started"] is True
    service.run(until=lambda: service.endpoint.share() > 0)
    assert service.approve(2)["started"] is False
    service.run()
    assert list(service.executions.inputs) == [(OUT, V2)]
    assert outcome(service) == "PROMOTED"


def test_a_deploy_during_a_rollout_is_refused_and_the_rollout_goes_on() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.stack.deploy(template_changes=True)
    assert "in flight" in service.stack.refusals[0]
    service.run()
    assert outcome(service) == "PROMOTED"


def test_a_count_that_scaling_raised_survives_the_promotion() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["SHIFTED"])
    service.endpoint.change_count(LIVE, 5)
    service.run()
    live = service.endpoint.view().variant(LIVE)
    assert outcome(service) == "PROMOTED"
    assert live is not None
    assert live.desired_instances == 5


def test_a_count_that_scaling_raised_before_the_candidate_came_is_kept() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "CHECKED" in service.ledger.kinds(V2))
    service.endpoint.change_count(LIVE, 4)
    service.run(until=lambda: service.endpoint.view().variant(CANDIDATE) is not None)
    assert [variant.desired_instances for variant in service.endpoint.view().variants] == [4, 4]


def test_scale_in_of_live_is_suspended_while_the_rollout_runs() -> None:
    service = Service().deployed()
    service.scaling.state = Suspended(scheduled=True)
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    assert service.scaling.state == Suspended(scale_in=True, scheduled=True)
    service.run()
    assert service.scaling.state == Suspended(scheduled=True)


@pytest.mark.parametrize("times", [1, 5])
def test_a_throttled_update_is_tried_again_and_updates_once(times: int) -> None:
    service = Service().deployed()
    service.world.faults.before["sagemaker.update"] = [Transient("Throttling") for _ in range(times)]
    service.approve(2)
    service.run()
    assert outcome(service) == "PROMOTED"
    assert service.world.faults.log.count("sagemaker.update") == times + 1


def test_an_update_that_was_applied_though_its_answer_was_lost_is_adopted() -> None:
    service = Service().deployed()
    service.world.faults.after["sagemaker.update"] = [Transient("read timeout")]
    service.approve(2)
    service.run()
    assert outcome(service) == "PROMOTED"
    assert service.world.faults.log.count("sagemaker.update") == 1


@pytest.mark.parametrize(
    "error", [Denied("AccessDenied"), QuotaExceeded("ResourceLimitExceeded"), Rejected("ValidationException")]
)
def test_an_update_that_sagemaker_refuses_moves_no_traffic(error: Exception) -> None:
    service = Service().deployed()
    service.world.faults.before["sagemaker.update"] = [error]
    rolled_back(service)
    assert service.highest_share == 0


def test_a_configuration_of_another_actor_stops_the_rollout() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["SHIFTED"])
    service.endpoint.change_config("stack-config-0", retain_counts=True)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert "UnexpectedConfig" in service.ledger.runs[V2].body["reason"]
    assert_back_on_baseline(service)


def test_an_update_of_another_actor_stops_the_rollout_before_it_changes_anything() -> None:
    service = Service().deployed()
    service.endpoint.cloud.configs["other"] = service.endpoint.cloud.configs["stack-config-0"]
    service.approve(2)
    service.run(until=lambda: "CHECKED" in service.ledger.kinds(V2))
    service.endpoint.change_config("other", retain_counts=True)
    service.run(until=lambda: "ROLLBACK_REQUESTED" in service.ledger.kinds(V2))
    assert "UnexpectedConfig" in service.ledger.bodies("ROLLBACK_REQUESTED")[0]["reason"]
    assert "sagemaker.update" not in service.world.faults.log


def test_a_weight_that_another_actor_changed_stops_the_rollout() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.ledger.kinds(V2)[-1:] == ["SHIFTED"])
    service.endpoint.set_weights({CANDIDATE: 90.0, LIVE: 10.0})
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


def test_a_stack_that_cannot_go_back_needs_a_human() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "PROMOTED" in service.ledger.kinds(V2))
    service.metrics.rates[package(2)] = 0.2
    service.stack.fails = 99
    service.run()
    assert outcome(service) == "NEEDS_HUMAN"
    assert service.ledger.held is None
    assert service.executions.views[BACK, f"rb-{V2}"].output["outcome"] == "NEEDS_HUMAN"


def test_a_lease_that_has_expired_with_its_rollout_running_is_rolled_back() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.world.time += service.plan.longest_seconds + 1
    service.tick()
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)
