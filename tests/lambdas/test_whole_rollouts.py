"""Whole rollouts through both state machines, in a world in memory."""

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome, rolled_back
from tests.lambdas.fakes.parts import BACK, OUT
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import Denied
from tidegate_runtime.ports import CANDIDATE, LIVE, Execution
from tidegate_runtime.state import Suspended


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


def test_a_promotion_says_what_proved_the_version_and_how_the_watch_went() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run()
    reason = service.events.published[-1]["reason"]
    assert "0 of " in reason
    assert " is tolerated; under watch no signal fails after " in reason


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
