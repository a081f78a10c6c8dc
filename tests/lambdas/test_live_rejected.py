"""The live version is rejected in the registry: people are told, or the last good version goes live again."""

from dataclasses import replace

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import outcome
from tests.lambdas.fakes.parts import BACK, OUT
from tests.lambdas.fakes.plans import GUARDED, PLAN
from tests.lambdas.fakes.world import Crash, only, package
from tidegate_runtime.ports import CANDIDATE, LIVE

REJECTED_AT = "2026-11-21T09:01:02Z"
BACK_TO = "r3-20261121T090102Z"


def promoted(service: Service, version: int, *, hour: int) -> Service:
    service.approve(version, time=f"2026-11-21T{hour:02d}:01:02Z")
    service.run()
    assert service.pointer.value == package(version)
    return service


def two_promoted(*, policy: str = "go_back", on_new_approval: str = "reject") -> Service:
    service = Service().deployed()
    service.plan = replace(service.plan, on_live_rejected=policy, on_new_approval=on_new_approval)
    promoted(service, 2, hour=5)
    return promoted(service, 3, hour=6)


def text(service: Service) -> str:
    return next(notice.text for notice in service.topic.sent if "was rejected" in notice.subject)


# --- notify -------------------------------------------------------------------------------------------------
def test_by_default_people_are_told_how_to_go_back_and_nothing_is_touched() -> None:
    service = two_promoted(policy=PLAN.on_live_rejected)
    executions = dict(service.executions.inputs)
    service.reject(3)
    service.run()
    assert service.executions.inputs == executions
    assert service.pointer.value == package(3)
    said = text(service)
    assert "Version 3, live on endpoint digits-rehearsal, was rejected in the registry by ada." in said
    assert "to go back to version 2, the last good one, approve it again" in said
    event = only(service.events.rejections)
    assert (event["action"], event["last_good"], event["rejected_by"]) == ("stays", package(2), "ada")
    assert only(service.ledger.bodies("LIVE_REJECTED"))["last_good"] == package(2)


def test_a_rejection_that_comes_twice_is_told_once() -> None:
    service = two_promoted(policy="notify")
    service.reject(3)
    service.reject(3)
    assert len(service.events.rejections) == 1


def test_a_rejection_of_another_version_changes_nothing() -> None:
    service = two_promoted()
    service.reject(2)
    service.run()
    assert (service.pointer.value, service.events.rejections) == (package(3), [])


def test_a_rejection_older_than_the_approval_of_what_is_live_changes_nothing() -> None:
    service = two_promoted()
    service.reject(3, time="2026-11-21T05:30:00Z")
    service.run()
    assert (service.pointer.value, service.events.rejections) == (package(3), [])


def test_a_version_that_is_approved_again_by_now_stays_live() -> None:
    service = two_promoted()
    service.registry.change(3, "Approved")
    service.registry_event()(service.approval_event(3, "Rejected", time=REJECTED_AT))
    service.run()
    assert (service.pointer.value, service.events.rejections) == (package(3), [])


def test_a_first_version_that_is_rejected_has_nothing_to_go_back_to_and_people_are_told() -> None:
    service = Service()
    service.plan = replace(service.plan, on_live_rejected="go_back")
    service.approve(2)
    service.run()
    service.reject(2)
    service.run()
    assert service.pointer.value == package(2)
    assert "approve a version: none that was promoted here before is still approved" in text(service)
    assert "version 2 keeps answering until then." in text(service)
    assert [machine for machine, _ in service.executions.inputs] == [OUT]


# --- go back ------------------------------------------------------------------------------------------------
def test_the_last_good_version_goes_live_again_without_a_canary_and_is_watched() -> None:
    service = two_promoted()
    service.highest_share = 0.0
    service.reject(3)
    service.run()
    assert outcome(service, BACK_TO) == "PROMOTED"
    assert service.pointer.value == service.stack.package == service.endpoint.served_by(LIVE) == package(2)
    assert service.endpoint.view().variant(CANDIDATE) is None
    assert service.highest_share == 0
    assert service.ledger.kinds(BACK_TO) == [
        *("STARTED", "CHECKED", "PROMOTING", "PROMOTED", "JUDGED", "WATCHED", "ENDED")
    ]
    reason = service.ledger.runs[BACK_TO].body["reason"]
    assert reason.startswith(
        "the live version 3 was rejected in the registry, and version 2 was promoted before"
    )
    assert service.ledger.held is None
    assert "version 2 is put back, without a canary, by rollout r3-20261121T090102Z" in text(service)
    assert (
        "Version 2 is live on endpoint digits-rehearsal, instead of version 3." in service.topic.sent[-1].text
    )


def test_a_version_that_first_version_promoted_is_a_good_one_to_go_back_to() -> None:
    service = Service()
    service.plan = replace(service.plan, on_live_rejected="go_back")
    service.approve(2)
    service.run()
    service.deployed(version=2)
    promoted(service, 3, hour=6)
    service.reject(3)
    service.run()
    assert service.pointer.value == package(2)


def test_a_version_that_was_rejected_too_is_passed_over() -> None:
    service = promoted(two_promoted(), 4, hour=7)
    service.registry.change(3, "Rejected")
    service.reject(4)
    service.run()
    assert (service.pointer.value, outcome(service, "r4-20261121T090102Z")) == (package(2), "PROMOTED")


def test_the_newest_promotion_counts_and_not_the_newest_version() -> None:
    service = promoted(two_promoted(), 2, hour=7)
    service = promoted(service, 4, hour=8)
    service.reject(4)
    service.run()
    assert service.pointer.value == package(2)


def test_a_rejection_that_comes_twice_goes_back_once() -> None:
    service = two_promoted()
    service.reject(3)
    service.reject(3)
    service.run()
    service.reject(3)
    service.run()
    assert service.pointer.value == package(2)
    assert [name for machine, name in service.executions.inputs if machine == OUT][2:] == [BACK_TO]
    assert len(service.events.rejections) == 1


def test_a_last_good_version_that_has_turned_bad_is_taken_back() -> None:
    service = two_promoted()
    service.metrics.rates[package(2)] = 0.2
    service.reject(3)
    service.run()
    assert outcome(service, BACK_TO) == "ROLLED_BACK"
    assert service.pointer.value == service.endpoint.served_by(LIVE) == package(3)


def test_an_abort_while_going_back_leaves_what_was_live() -> None:
    service = two_promoted()
    service.reject(3)
    service.run(until=lambda: service.endpoint.view().status == "Updating")
    service.abort(BACK_TO)
    service.run()
    assert outcome(service, BACK_TO) == "ROLLED_BACK"
    assert service.pointer.value == service.stack.package == service.endpoint.served_by(LIVE) == package(3)


def test_guardrails_carry_out_the_way_back_too() -> None:
    service = Service().deployed().guarded()
    service.plan = replace(GUARDED, on_live_rejected="go_back")
    service = promoted(promoted(service, 2, hour=5), 3, hour=6)
    service.reject(3)
    service.run()
    assert service.pointer.value == package(2)


def test_rejects_to_go_back_to_a_version_that_was_never_promoted() -> None:
    service = two_promoted()
    service.registry.change(3, "Rejected")
    document = {"rollout_id": BACK_TO, "model_package_arn": package(4), "instead_of": package(3)}
    service.executions.begin(OUT, name=BACK_TO, document=document)
    service.run()
    assert service.pointer.value == package(3)
    assert "NotProven" in service.ledger.runs[BACK_TO].body["reason"]


def test_rejects_a_direct_rollout_that_only_its_input_asks_for() -> None:
    service = two_promoted()
    document = {"rollout_id": "v4-1", "model_package_arn": package(4), "direct": True}
    service.executions.begin(OUT, name="v4-1", document=document)
    service.run(until=lambda: service.endpoint.share() > 0)
    assert "PREPARED" in service.ledger.kinds("v4-1")


# --- while something is in flight ---------------------------------------------------------------------------
def in_flight(on_new_approval: str) -> Service:
    service = two_promoted(on_new_approval=on_new_approval)
    service.approve(4, time="2026-11-21T08:01:02Z")
    service.run(until=lambda: service.endpoint.share() > 0)
    return service


V4 = "v4-20261121T080102Z"


def test_a_rollout_in_flight_is_let_through_and_people_are_told_to_go_back_later() -> None:
    service = in_flight("reject")
    service.reject(3)
    service.run()
    assert outcome(service, BACK_TO) == "SUPERSEDED"
    assert outcome(service, V4) == "PROMOTED"
    assert f"approve it again later: rollout {V4} is in flight" in text(service)


def test_a_way_back_that_waited_does_nothing_once_another_version_is_live() -> None:
    service = in_flight("queue")
    service.reject(3)
    assert only(service.events.rejections)["action"] == "waits"
    service.run()
    assert outcome(service, V4) == "PROMOTED"
    assert "is live by now" in service.ledger.runs[BACK_TO].body["reason"]
    assert service.pointer.value == package(4)


def test_a_way_back_that_waited_is_gone_once_the_rollout_in_flight_was_rolled_back() -> None:
    service = in_flight("queue")
    service.reject(3)
    service.metrics.rates[package(4)] = 0.2
    service.run()
    assert outcome(service, V4) == "ROLLED_BACK"
    assert (outcome(service, BACK_TO), service.pointer.value) == ("PROMOTED", package(2))


def test_the_way_back_supersedes_a_rollout_in_flight() -> None:
    service = in_flight("supersede")
    service.reject(3)
    service.run()
    assert outcome(service, V4) == "ROLLED_BACK"
    assert service.ledger.runs[V4].body["reason"] == f"{BACK_TO} takes a rejected live version back"
    assert (outcome(service, BACK_TO), service.pointer.value) == ("PROMOTED", package(2))


def test_a_version_that_is_rejected_under_watch_is_rolled_back_by_its_own_rollout() -> None:
    service = two_promoted()
    service.approve(4, time="2026-11-21T08:01:02Z")
    service.run(until=lambda: "PROMOTED" in service.ledger.kinds(V4))
    service.reject(4)
    service.run()
    assert (outcome(service, V4), service.pointer.value) == ("ROLLED_BACK", package(3))
    assert service.events.rejections == []
    assert [name for machine, name in service.executions.inputs if machine == BACK] == [f"rb-{V4}"]


@pytest.mark.parametrize("policy", ["notify", "go_back"])
@pytest.mark.parametrize("on_new_approval", ["reject", "queue", "supersede"])
def test_a_handler_that_dies_behind_any_call_ends_the_same(policy: str, on_new_approval: str) -> None:
    died = True
    for number in range(1, 60):
        if not died:
            break
        service = two_promoted(policy=policy, on_new_approval=on_new_approval)
        service.world.faults.crash_at = service.world.faults.calls + number
        try:
            service.reject(3)
            died = False
        except Crash:
            service.reject(3)
        service.run()
        assert service.pointer.value == package(2 if policy == "go_back" else 3), number
        assert 1 <= len(service.events.rejections) <= 2, number
    assert not died
