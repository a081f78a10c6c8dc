"""Operators who promote: their word stands for evidence, never against it, and never for none at all."""

import pytest

from tests.lambdas.fakes.gated import in_step, shifted
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome
from tests.lambdas.fakes.world import package


def thin() -> Service:
    """Return a service whose first step would wait long for its evidence."""
    service = Service().deployed()
    service.metrics.requests_per_second = 2.0
    service.approve(2)
    return in_step(service, 0)


def test_a_waived_step_passes_at_the_next_look_that_counts_something() -> None:
    service = thin()
    service.run(seconds=120)
    assert shifted(service) == [(V2, 0)]
    answer = service.operate("promote", reason="seen enough")
    assert answer.message == "the rest of the evidence of step 1 is waived; a FAIL still rolls back"
    in_step(service, 1)
    judged = [body for body in service.ledger.bodies("JUDGED") if body["step"] == 0][-1]
    assert (judged["verdict"], judged["reason"]) == ("PASS", "promoted by ada: seen enough")
    assert judged["judged"] == "CONTINUE"
    assert judged["buckets"]


def test_each_step_is_waived_by_itself() -> None:
    service = thin()
    service.operate("promote")
    in_step(service, 1)
    service.metrics.requests_per_second = 0.2
    service.run(seconds=480)
    assert outcome(service) == "RUNNING"
    assert service.pointer.value == package(1)


def test_all_later_steps_may_be_waived_at_once_and_the_promotion_says_who_did() -> None:
    service = thin()
    service.operate("promote", every=True, reason="the fix has to go out")
    service.run(until=lambda: "PROMOTED" in service.ledger.kinds(V2))
    service.metrics.requests_per_second = 100.0
    service.run()
    assert outcome(service) == "PROMOTED"
    assert service.ledger.runs[V2].body["reason"].startswith("promoted by ada: the fix has to go out")


def test_no_operator_overrides_a_fail() -> None:
    service = Service().deployed()
    service.metrics.rates[package(2)] = 0.5
    service.approve(2)
    in_step(service, 0)
    service.operate("promote", every=True)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.highest_share == pytest.approx(0.1)
    assert_back_on_baseline(service)


def test_no_operator_promotes_without_any_data() -> None:
    service = Service().deployed()
    service.metrics.requests_per_second = 0
    service.approve(2)
    in_step(service, 0)
    service.operate("promote", every=True)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.highest_share == pytest.approx(0.1)


@pytest.mark.parametrize("fault", ["incomplete", "down"])
def test_no_operator_promotes_on_data_that_is_behind(fault: str) -> None:
    service = thin()
    service.run(seconds=130)
    service.metrics.incomplete = fault == "incomplete"
    service.world.faults.down = {"cloudwatch"} if fault == "down" else set()
    service.operate("promote")
    service.run(seconds=180)
    assert service.endpoint.share() == pytest.approx(0.1)


def test_rejects_a_promotion_of_what_has_no_traffic() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "PREPARED" in service.ledger.kinds(V2))
    answer = service.operate("promote")
    assert answer.status == "REFUSED"
    assert answer.message == f"{V2} has no traffic yet (it is PREPARED): nothing to decide"


def test_rejects_a_promotion_on_the_way_to_the_next_step() -> None:
    service = Service().deployed()
    service.approve(2)
    in_step(service, 0)
    service.run(until=lambda: service.ledger.runs[V2].body.get("raising") == 1)
    assert service.operate("promote").message == f"{V2} is on its way to step 2: ask again once it is there"
    service.run()
    assert outcome(service) == "PROMOTED"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("PROMOTING", "is being promoted already"), ("PROMOTED", "nothing shortens its watch")],
)
def test_rejects_a_promotion_of_what_is_promoted_already(kind: str, words: str) -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: kind in service.ledger.kinds(V2))
    answer = service.operate("promote")
    assert answer.status == "REFUSED"
    assert words in answer.message


def test_a_waiver_is_on_record_with_who_and_why() -> None:
    service = thin()
    service.operate("promote", by="user/ada", reason="urgent")
    (waived,) = service.ledger.bodies("WAIVED")
    assert (waived["step"], waived["every"], waived["by"], waived["reason"]) == (
        0,
        False,
        "user/ada",
        "urgent",
    )


def test_a_waived_step_that_is_held_waits_for_its_resume() -> None:
    service = thin()
    service.operate("promote")
    service.operate("hold", seconds=3_600)
    service.run(seconds=1_800)
    assert shifted(service) == [(V2, 0)]
    service.operate("resume")
    in_step(service, 1)
