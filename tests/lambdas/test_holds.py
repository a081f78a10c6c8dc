"""Holds in whole rollouts: no share rises and nothing is promoted, and everything else goes on."""

from collections.abc import Callable

import pytest

from operate.request import LONGEST_HOLD_SECONDS
from tests.lambdas.fakes.gated import MANUAL, WAIT, at_the_gate, in_step, shifted, with_gates
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome
from tests.lambdas.fakes.world import package
from tidegate_runtime.orders import Orders
from tidegate_runtime.ports import CANDIDATE, Lease

HOUR = 3_600


def started() -> Service:
    service = Service().deployed()
    service.approve(2)
    return service


def held_before_traffic() -> Service:
    service = started()
    service.run(until=lambda: "CHECKED" in service.ledger.kinds(V2))
    return service


def held_in_step_one() -> Service:
    return in_step(started(), 0)


def held_in_step_two() -> Service:
    return in_step(started(), 1)


@pytest.mark.parametrize(
    ("place", "share"), [(held_before_traffic, 0.0), (held_in_step_one, 0.1), (held_in_step_two, 1.0)]
)
def test_a_held_rollout_stays_where_it_is_until_it_is_resumed(
    place: Callable[[], Service], share: float
) -> None:
    service = place()
    assert service.operate("hold", seconds=6 * HOUR).status == "DONE"
    service.run(seconds=5 * HOUR)
    assert service.endpoint.share() == pytest.approx(share)
    assert service.pointer.value == package(1)
    assert outcome(service) == "RUNNING"
    assert service.operate("resume").status == "DONE"
    service.run()
    assert outcome(service) == "PROMOTED"


@pytest.mark.parametrize("place", [held_before_traffic, held_in_step_one, held_in_step_two])
def test_a_hold_that_nobody_lifts_ends_by_itself(place: Callable[[], Service]) -> None:
    service = place()
    steps = len(shifted(service))
    service.operate("hold", seconds=2 * HOUR)
    until = service.world.time + 2 * HOUR
    service.run(until=lambda: len(shifted(service)) > steps or service.pointer.value != package(1))
    assert service.world.time >= until
    service.run()
    assert outcome(service) == "PROMOTED"


def test_a_candidate_that_turns_bad_while_held_is_rolled_back() -> None:
    service = held_in_step_one()
    service.operate("hold", seconds=6 * HOUR)
    service.metrics.rates[package(2)] = 0.2
    began = service.world.time
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.world.time - began < HOUR
    assert_back_on_baseline(service)


def test_an_alarm_and_an_abort_roll_back_while_held() -> None:
    for strike in ("alarm", "abort"):
        service = held_in_step_one()
        service.operate("hold")
        service.alarm() if strike == "alarm" else service.abort(V2)
        service.run()
        assert outcome(service) == "ROLLED_BACK", strike
        assert_back_on_baseline(service)


def test_the_longest_bake_does_not_run_while_a_rollout_is_held() -> None:
    service = held_in_step_one()
    service.metrics.requests_per_second = 0.5
    service.operate("hold", seconds=6 * HOUR)
    service.run(seconds=5 * HOUR)
    service.metrics.requests_per_second = 100.0
    service.operate("resume")
    service.run()
    assert outcome(service) == "PROMOTED"


def test_without_a_hold_the_same_thin_traffic_is_inconclusive() -> None:
    service = held_in_step_one()
    service.metrics.requests_per_second = 0.5
    service.run(seconds=5 * HOUR)
    assert outcome(service) == "ROLLED_BACK"


def test_a_hold_between_a_pass_and_its_shift_leads_back_to_the_evidence() -> None:
    service = held_in_step_one()
    service.run(
        until=lambda: any(one.at == "Shift" and one.state["step"] == 1 for one in service.running.values())
    )
    service.operate("hold", seconds=2 * HOUR)
    service.run(seconds=HOUR)
    assert service.endpoint.share() == pytest.approx(0.1)
    resumed_at = service.world.time
    service.operate("resume")
    in_step(service, 1)
    passed = [body for body in service.ledger.bodies("JUDGED") if body["verdict"] == "PASS"][-1]
    assert passed["at"] >= resumed_at


def test_a_hold_between_the_last_pass_and_the_promotion_leads_back_to_the_evidence() -> None:
    service = held_in_step_two()
    service.run(until=lambda: any(one.at == "Promote" for one in service.running.values()))
    service.operate("hold", seconds=2 * HOUR)
    service.run(seconds=HOUR)
    assert (service.pointer.value, service.endpoint.share()) == (package(1), 1.0)
    service.metrics.rates[package(2)] = 0.2
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("PROMOTING", "is being promoted already"), ("PROMOTED", "is live already, under watch")],
)
def test_rejects_a_hold_of_what_is_being_promoted(kind: str, words: str) -> None:
    service = held_in_step_two()
    service.run(until=lambda: kind in service.ledger.kinds(V2))
    answer = service.operate("hold")
    assert answer.status == "REFUSED"
    assert words in answer.message
    service.run()
    assert outcome(service) == "PROMOTED"


def test_rejects_orders_for_what_is_over_unknown_or_not_there() -> None:
    service = Service().deployed()
    assert service.operate("hold").message == "no rollout is in flight"
    assert service.operate("hold", rollout_id="v9").message == "there is no rollout v9"
    service.approve(2)
    service.run()
    assert (
        service.operate("hold", rollout_id=V2).message == f"{V2} is PROMOTED: there is nothing left to steer"
    )


def test_rejects_orders_for_what_is_being_rolled_back() -> None:
    service = held_in_step_one()
    service.abort(V2)
    service.run(until=lambda: "ROLLBACK_REQUESTED" in service.ledger.kinds(V2))
    for verb in ("hold", "resume", "promote"):
        answer = service.operate(verb)
        assert answer.message == f"{V2} is being rolled back, and nothing stops that", verb
    service.run()
    assert outcome(service) == "ROLLED_BACK"


def test_rejects_a_resume_of_what_is_not_held() -> None:
    assert held_in_step_one().operate("resume").message == f"{V2} is not held"


def test_a_second_hold_takes_the_place_of_the_first() -> None:
    service = held_in_step_one()
    service.operate("hold", seconds=6 * HOUR)
    service.operate("hold", seconds=HOUR, by="bob")
    service.run(seconds=2 * HOUR)
    assert service.endpoint.share() == 1.0 or outcome(service) == "PROMOTED"


def test_rejects_holds_that_go_on_for_ever() -> None:
    service = held_in_step_one()
    assert service.operate("hold", seconds=LONGEST_HOLD_SECONDS).status == "DONE"
    service.world.time += LONGEST_HOLD_SECONDS - HOUR
    answer = service.operate("hold", seconds=2 * HOUR)
    assert answer.status == "REFUSED"
    assert "at most 5 holds of 72 h together" in answer.message
    assert service.operate("hold", seconds=HOUR).status == "DONE"


def test_a_hold_keeps_the_watchdog_from_taking_the_rollout_for_stuck() -> None:
    service = held_in_step_one()
    service.operate("hold", seconds=60 * HOUR)
    service.run(seconds=59 * HOUR)
    service.tick()
    service.run(seconds=60)
    assert outcome(service) == "RUNNING"
    lease = service.ledger.held
    assert lease is not None
    service.world.time = lease.expires_at + 1
    service.tick()
    service.run()
    assert outcome(service) == "ROLLED_BACK"


def test_rejects_a_hold_of_a_rollout_that_has_lost_the_endpoint() -> None:
    service = held_in_step_one()
    service.ledger.held = Lease(rollout_id="another", expires_at=0)
    assert service.operate("hold").message == f"{V2} does not hold the endpoint"
    assert Orders.of(service.ledger.runs[V2].body).holds == ()


def test_a_ledger_that_is_silent_during_a_hold_does_not_end_the_rollout() -> None:
    service = held_in_step_one()
    service.operate("hold", seconds=6 * HOUR)
    service.run(seconds=3 * HOUR)
    service.world.faults.outages["dynamodb"] = service.world.time + 900
    service.run(seconds=HOUR)
    assert outcome(service) == "RUNNING"
    assert service.endpoint.share() == pytest.approx(0.1)
    service.operate("resume")
    service.run()
    assert outcome(service) == "PROMOTED"


def test_a_hold_at_a_gate_leaves_the_gate_its_time_and_an_opened_one_waits_for_the_resume() -> None:
    service = at_the_gate(with_gates(MANUAL, None))
    service.operate("hold", seconds=6 * HOUR)
    service.run(seconds=5 * HOUR)
    assert 5 * HOUR > WAIT
    assert outcome(service) == "RUNNING"
    answer = service.operate("promote")
    assert "is open; but the rollout is held until" in answer.message
    service.run(seconds=600)
    assert service.endpoint.share() == pytest.approx(0.1)
    service.operate("resume")
    service.run()
    assert outcome(service) == "PROMOTED"


def test_what_was_held_is_on_record() -> None:
    service = held_in_step_one()
    service.operate("hold", seconds=HOUR, reason="the shop is on sale")
    service.run(seconds=600)
    service.operate("resume", by="bob", reason="the sale is over")
    (held,), (resumed,) = service.ledger.bodies("HELD"), service.ledger.bodies("RESUMED")
    assert (held["by"], held["reason"], held["until"]) == ("ada", "the shop is on sale", held["at"] + HOUR)
    assert (resumed["by"], resumed["reason"]) == ("bob", "the sale is over")
    judged = [
        body for body in service.ledger.bodies("JUDGED") if body["reason"].startswith("held by ada until")
    ]
    assert {body["judged"] for body in judged} == {"PASS"}
    assert judged[0]["reason"].endswith(": the shop is on sale")
    assert service.endpoint.view().variant(CANDIDATE) is not None
