"""A new approval, or a rejection, while a rollout is in flight: by policy, with one end for each approval."""

from dataclasses import replace

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, outcome
from tests.lambdas.fakes.parts import BACK, OUT
from tests.lambdas.fakes.world import Crash, package
from tidegate_runtime.ports import CANDIDATE, LIVE, Execution

V3, V4 = "v3-20261121T060000Z", "v4-20261121T070000Z"
THREE, FOUR = "2026-11-21T06:00:00Z", "2026-11-21T07:00:00Z"


def stepping(policy: str) -> Service:
    service = Service().deployed()
    service.plan = replace(service.plan, on_new_approval=policy)
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    return service


def statuses(service: Service) -> dict[str, str]:
    return {run.rollout_id: run.status for run in service.ledger.runs.values()}


def test_by_default_the_second_approval_is_refused() -> None:
    service = stepping("reject")
    service.approve(3, time=THREE)
    service.run()
    assert statuses(service) == {V2: "PROMOTED", V3: "SUPERSEDED"}


def test_a_queued_version_starts_at_the_end_of_the_one_before() -> None:
    service = stepping("queue")
    assert service.approve(3, time=THREE)["reason"] == "this approval is QUEUED"
    service.run()
    assert statuses(service) == {V2: "PROMOTED", V3: "PROMOTED"}
    assert service.endpoint.served_by(LIVE) == package(3)
    assert service.ledger.held is None


def test_a_queued_version_starts_after_a_rollback_as_well() -> None:
    service = stepping("queue")
    service.metrics.rates[package(2)] = 0.05
    service.approve(3, time=THREE)
    service.run()
    assert statuses(service) == {V2: "ROLLED_BACK", V3: "PROMOTED"}


def test_the_newest_queued_version_wins_and_the_older_is_told() -> None:
    service = stepping("queue")
    service.approve(3, time=THREE)
    service.approve(4, time=FOUR)
    assert outcome(service, V3) == "SUPERSEDED"
    assert service.topic.sent[-1].subject == "digits-rehearsal: version 3 SUPERSEDED"
    service.run()
    assert statuses(service) == {V2: "PROMOTED", V3: "SUPERSEDED", V4: "PROMOTED"}


def test_an_approval_that_is_delivered_late_does_not_bring_back_an_older_choice() -> None:
    service = stepping("queue")
    service.approve(4, time=FOUR)
    service.approve(3, time=THREE)
    service.run()
    assert statuses(service) == {V2: "PROMOTED", V3: "SUPERSEDED", V4: "PROMOTED"}


def test_duplicates_of_an_approval_have_one_effect() -> None:
    service = stepping("queue")
    for _ in range(3):
        service.approve(3, time=THREE)
        service.approve(2)
    service.run()
    service.approve(3, time=THREE)
    service.run()
    assert statuses(service) == {V2: "PROMOTED", V3: "PROMOTED"}
    assert [name for machine, name in service.executions.inputs if machine == OUT] == [V2, V3]


def test_superseding_rolls_back_first_and_then_starts_the_new_version() -> None:
    service = stepping("supersede")
    service.approve(3, time=THREE)
    assert service.executions.inputs[BACK, f"rb-{V2}"]["source"] == "superseded"
    service.run()
    assert statuses(service) == {V2: "ROLLED_BACK", V3: "PROMOTED"}
    assert f"{V3} was approved" in service.ledger.runs[V2].body["reason"]
    assert service.endpoint.view().variant(CANDIDATE) is None


def test_a_promotion_is_not_interrupted() -> None:
    service = stepping("supersede")
    service.run(until=lambda: service.ledger.runs[V2].body["phase"] in ("PROMOTING", "WATCHING"))
    service.approve(3, time=THREE)
    assert (BACK, f"rb-{V2}") not in service.executions.inputs
    service.run()
    assert statuses(service) == {V2: "PROMOTED", V3: "PROMOTED"}


def test_a_queued_version_waits_as_long_as_a_human_is_asked_for() -> None:
    service = stepping("queue")
    service.plan = replace(service.plan, on_no_data="needs_human")
    service.metrics.requests_per_second = 0
    service.approve(3, time=THREE)
    service.run()
    service.tick()
    assert statuses(service) == {V2: "NEEDS_HUMAN", V3: "QUEUED"}
    service.metrics.requests_per_second = 100
    service.abort(V2)
    service.run()
    assert statuses(service) == {V2: "ROLLED_BACK", V3: "PROMOTED"}


def test_a_deploy_that_ends_the_waiting_lets_the_watchdog_start_the_queued_version() -> None:
    service = stepping("queue")
    service.plan = replace(service.plan, on_no_data="needs_human")
    service.metrics.requests_per_second = 0
    service.approve(3, time=THREE)
    service.run()
    service.metrics.requests_per_second = 100
    service.stack.deploy(template_changes=True)
    service.world.time += 300
    service.stack.describe()
    service.tick()
    service.run()
    assert outcome(service, V3) == "PROMOTED"


def test_a_rejected_version_leaves_the_queue() -> None:
    service = stepping("queue")
    service.approve(3, time=THREE)
    service.change_approval(3, "Rejected", time=FOUR)
    service.run()
    assert statuses(service) == {V2: "PROMOTED", V3: "SUPERSEDED"}
    assert "rejected in the registry" in service.ledger.runs[V3].body["reason"]


@pytest.mark.parametrize("policy", ["reject", "queue", "supersede"])
def test_a_version_that_is_rejected_in_flight_is_rolled_back(policy: str) -> None:
    service = stepping(policy)
    service.change_approval(2, "Rejected", time=THREE)
    service.run()
    assert statuses(service) == {V2: "ROLLED_BACK"}
    assert service.endpoint.served_by(LIVE) == package(1)


def test_a_rejection_of_before_the_approval_does_no_harm() -> None:
    service = stepping("queue")
    service.change_approval(2, "Rejected", time="2026-11-21T04:00:00Z")
    service.run()
    assert statuses(service) == {V2: "PROMOTED"}


def test_a_started_version_whose_execution_came_to_nothing_is_found_by_the_clock() -> None:
    service = Service().deployed()
    service.plan = replace(service.plan, on_new_approval="queue")
    service.approve(2)
    service.executions.views[OUT, V2] = Execution(status="ABORTED")
    service.tick()
    service.run()
    assert statuses(service) == {V2: "ROLLED_BACK"}
    assert service.ledger.held is None


@pytest.mark.parametrize("policy", ["queue", "supersede"])
def test_each_approval_has_one_end_after_a_crash_behind_any_call(policy: str) -> None:
    def ended(crash_after: int) -> tuple[Service, bool]:
        service = stepping(policy)
        service.world.faults.crash_at = service.world.faults.calls + crash_after if crash_after else 0
        first = service.world.faults.calls
        try:
            service.approve(3, time=THREE)
        except Crash:
            service.approve(3, time=THREE)  # Lambda runs an asynchronous call again
        service.run()
        reached = first + crash_after <= service.world.faults.calls
        service.world.faults.crash_at = 0
        for _ in range(3):
            service.tick()
            service.run()
        return service, reached

    undisturbed, _ = ended(0)
    expected = statuses(undisturbed)
    number, reached = 0, True
    while reached and number < 400:
        number += 1 if number < 60 else 7
        service, reached = ended(number)
        assert statuses(service) == expected, number
        assert service.ledger.held is None
        ends = [
            body["outcome"] for run, kind, body in service.ledger.entries if kind == "ENDED" and run == V3
        ]
        assert set(ends) == {"PROMOTED"}, number
