"""What an operator is told about rollouts without a candidate, from the controller's own ledgers."""

import json
from dataclasses import asdict, replace
from typing import Any

from tests.cli.operator.recorded import run_of
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2
from tests.lambdas.fakes.world import package
from tidegate_cli.operator.causes import cause_of
from tidegate_cli.operator.explain import OF_THE_ROLLOUT, Explanation, explain
from tidegate_cli.operator.history import PastRollout
from tidegate_cli.operator.ledger import plan_of
from tidegate_cli.operator.lineage import Lineage
from tidegate_cli.operator.status import RolloutStatus, rollout_status

BACK_TO = "r3-20261121T090102Z"


def guarded() -> Service:
    service = Service().deployed().guarded()
    service.approve(2)
    return service


def went_back() -> Service:
    service = Service().deployed()
    service.plan = replace(service.plan, on_live_rejected="go_back")
    for version in (2, 3):
        service.approve(version, time=f"2026-11-21T0{version}:01:02Z")
        service.run()
    service.reject(3)
    service.run()
    return service


def plan(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(asdict(service.plan)))
    return found


def status(service: Service, rollout_id: str = V2) -> RolloutStatus:
    return rollout_status(run_of(service, rollout_id), plan(service), now=service.world.time)


def explanation(service: Service, rollout_id: str = V2) -> Explanation:
    run = run_of(service, rollout_id)
    lineage = Lineage(package_arn=package(2))
    return explain(run, endpoint="digits", plan=plan_of(run), source=OF_THE_ROLLOUT, lineage=lineage)


def test_status_says_that_sagemaker_moves_the_traffic_and_how_long_it_bakes_at_least() -> None:
    service = guarded()

    def promoting() -> bool:
        # Calls take no time here, and entries of one moment have no order.
        service.world.time += 1
        return "PROMOTING" in service.ledger.kinds(V2)

    service.run(until=promoting)
    found = status(service)
    assert (found.phase, found.step) == ("PROMOTING", None)
    assert found.way == "by SageMaker's own guardrails, under alarms, without a candidate"
    assert found.next == "SageMaker moves the traffic, and the stack's update ends"
    assert found.time_left is not None
    assert 590 <= found.time_left.at_least <= 600
    assert found.time_left.at_most == found.time_left.at_least + 7200


def test_a_promotion_under_guardrails_is_explained_by_alarms_and_judged_again_in_its_watch() -> None:
    service = guarded()
    service.run()
    found = explanation(service)
    assert found.sentence == "v2 went live by SageMaker's own guardrails, under alarms, without a candidate"
    assert [stage.name for stage in found.stages] == ["watch"]
    assert (found.judged_again, found.differences, found.way_back) == (1, (), None)


def test_a_rollback_under_guardrails_is_not_said_to_have_had_no_traffic() -> None:
    service = guarded()
    service.metrics.rates[package(2)] = 0.05
    service.run()
    assert cause_of(run_of(service)).sentence == (
        "v2 was rolled back: the version did not stay live, or its state machine failed or was stopped"
    )
    assert PastRollout.of(run_of(service)).highest_percent == 100


def test_an_alarm_is_said_to_be_one_of_the_new_fleet() -> None:
    service = guarded()
    service.run(until=lambda: service.endpoint.view().status == "Updating")
    service.alarm()
    service.run()
    assert "an alarm of the new fleet went off" in cause_of(run_of(service)).sentence


def test_a_way_back_is_explained_by_the_rejection() -> None:
    service = went_back()
    found = explanation(service, BACK_TO)
    assert found.sentence == (
        "v2 went live again as the last good version: v3 was rejected while it was live"
    )
    assert found.detail.startswith("the live version 3 was rejected in the registry")
    assert PastRollout.of(run_of(service, BACK_TO)).highest_percent == 100


def test_the_log_of_the_rejected_version_says_who_rejected_it() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run()
    service.world.time += 60
    service.reject(2)
    decision = status(service).last_decision
    assert decision is not None
    assert (decision.kind, decision.reason) == ("LIVE_REJECTED", "by ada in the registry")
