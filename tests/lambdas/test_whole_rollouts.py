"""Whole rollouts through both state machines, in a world in memory."""

import pytest

from tests.lambdas.fakes.machines import BACK, OUT, Service
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import Denied, QuotaExceeded, Rejected, Transient
from tidegate_runtime.ports import CANDIDATE, LIVE, Execution
from tidegate_runtime.state import Suspended

V2 = "v2-20261121T050102Z"


def outcome(service: Service, rollout_id: str = V2) -> str:
    return service.ledger.runs[rollout_id].status


def assert_back_on_baseline(service: Service) -> None:
    view = service.endpoint.view()
    assert (view.status, view.config_name) == ("InService", service.stack.config)
    assert service.endpoint.served_by(LIVE) == package(1)
    assert view.variant(CANDIDATE) is None
    assert service.pointer.value == service.stack.package == package(1)
    assert service.ledger.held is None
    assert service.scaling.state in (Suspended(), None)


def rolled_back(service: Service) -> Service:
    service.approve(2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)
    return service


def test_a_good_version_is_promoted_through_the_stack() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run()
    assert outcome(service) == "PROMOTED"
    assert service.pointer.value == service.stack.package == package(2)
    assert service.endpoint.view().config_name == service.stack.config
    assert service.endpoint.served_by(LIVE) == package(2)
    assert service.endpoint.view().variant(CANDIDATE) is None
    assert service.scaling.state == Suspended()
    assert service.ledger.held is None
    assert [event["outcome"] for event in service.events.published] == ["PROMOTED"]


def test_a_bad_version_is_stopped_at_the_first_step_with_its_numbers_on_record() -> None:
    service = Service().deployed()
    service.metrics.rates[package(2)] = 0.05
    rolled_back(service)
    assert service.highest_share == pytest.approx(0.1)
    judged = service.ledger.bodies("JUDGED")[-1]
    assert judged["verdict"] == "FAIL"
    assert judged["buckets"][0]["candidate"] == {"requests": 600, "bad": {"5xx": 30, "model_errors": 0}}
    assert {signal["name"] for signal in judged["signals"]} == {"5xx", "model_errors"}
    assert service.executions.views[OUT, V2].status == "FAILED"


def test_weight_zero_is_reached_one_weight_change_after_the_request() -> None:
    service = Service().deployed()
    service.metrics.rates[package(2)] = 0.05
    rolled_back(service)
    zero = service.ledger.bodies("WEIGHT_ZERO")[0]
    assert zero["seconds_refused"] == 0
    assert zero["seconds_since_request"] == pytest.approx(60, abs=3)


def test_an_alarm_during_an_update_waits_for_the_endpoint_and_counts_the_refusal() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.view().variant(CANDIDATE) is not None)
    service.run(until=lambda: service.endpoint.view().status == "Updating")
    service.alarm()
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.ledger.bodies("WEIGHT_ZERO")[0]["seconds_refused"] == pytest.approx(60, abs=5)
    assert_back_on_baseline(service)


def test_errors_on_both_versions_alike_do_not_fail_the_comparison() -> None:
    service = Service().deployed()
    service.metrics.rates = {package(1): 0.005, package(2): 0.005}
    service.approve(2)
    service.run()
    assert service.highest_share == 1.0


def test_a_candidate_without_traffic_is_never_promoted() -> None:
    service = Service().deployed()
    service.metrics.requests_per_second = 0
    rolled_back(service)
    assert service.ledger.bodies("JUDGED")[-1]["verdict"] == "NO_DATA"


def test_incomplete_metrics_for_the_whole_bake_roll_back_without_a_single_count() -> None:
    service = Service().deployed()
    service.metrics.incomplete = True
    rolled_back(service)
    assert service.ledger.bodies("JUDGED")[-1]["buckets"] == []
    assert service.highest_share == pytest.approx(0.1)


def test_cloudwatch_down_rolls_back() -> None:
    service = Service().deployed()
    service.world.faults.down = {"cloudwatch"}
    rolled_back(service)


def test_a_container_that_fails_its_health_check_is_noticed_though_the_endpoint_is_in_service() -> None:
    service = Service().deployed()
    service.endpoint.broken = {package(2)}
    rolled_back(service)
    assert service.highest_share == 0
    assert "UpdateRolledBack" in service.ledger.runs[V2].body["reason"]


def test_a_stack_update_that_fails_takes_the_pointer_back() -> None:
    service = Service().deployed()
    service.stack.fails = 1
    rolled_back(service)
    assert "StackUpdateFailed" in service.ledger.runs[V2].body["reason"]


def test_a_version_that_turns_bad_after_the_promotion_goes_back_through_the_stack() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "PROMOTED" in service.ledger.kinds(V2))
    assert service.stack.package == package(2)
    service.metrics.rates[package(2)] = 0.2
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)
    assert service.stack.refusals == []


def test_an_operator_stops_a_rollout_in_the_middle() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.abort(V2)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.executions.views[OUT, V2].status == "ABORTED"
    assert_back_on_baseline(service)


def test_an_aborted_execution_leads_to_the_rollback() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.executions.views[OUT, V2] = Execution(status="ABORTED")
    service.tick()
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


def test_a_failed_rollback_is_started_again_under_another_name() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.abort(V2)
    service.run(until=lambda: "ROLLBACK_REQUESTED" in service.ledger.kinds(V2))
    service.executions.views[BACK, f"rb-{V2}"] = Execution(status="TIMED_OUT")
    service.tick()
    service.run()
    assert (BACK, f"rb-{V2}-2") in service.executions.views
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


@pytest.mark.parametrize("down", ["dynamodb", "events", "scaling", "states", "cloudwatch"])
def test_a_rollback_needs_none_of_the_services_beside_it(down: str) -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    service.abort(V2)
    service.world.faults.down = {down}
    service.run(seconds=3_000)
    view = service.endpoint.view()
    assert (view.config_name, view.variant(CANDIDATE)) == (service.stack.config, None)


def test_an_end_that_the_ledger_missed_is_recorded_by_the_watchdog() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "WATCHED" in service.ledger.kinds(V2))
    service.world.faults.before["dynamodb.save"] = [Denied("AccessDenied")]
    service.run()
    assert outcome(service) == "RUNNING"
    assert service.executions.views[OUT, V2].status == "SUCCEEDED"
    service.tick()
    assert outcome(service) == "PROMOTED"
    assert service.ledger.held is None


@pytest.mark.parametrize("down", ["dynamodb", "scaling"])
def test_an_end_is_repeated_until_nothing_is_left_to_do(down: str) -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "WATCHED" in service.ledger.kinds(V2))
    service.world.faults.down = {down}
    service.run(seconds=600)
    service.world.faults.down = set()
    service.run()
    assert outcome(service) == "PROMOTED"
    assert (service.scaling.state, service.ledger.held) == (Suspended(), None)
    assert len(service.events.published) == 1


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
