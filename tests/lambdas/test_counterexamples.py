"""Schedules that once broke a promise, made as small as they go."""

import pytest

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome
from tests.lambdas.fakes.parts import BACK
from tests.lambdas.fakes.schedules import Schedule, Step, broken_promise
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import QuotaExceeded
from tidegate_runtime.ports import CANDIDATE
from tidegate_runtime.state import Suspended


@pytest.mark.parametrize("seconds", [791, 829, 949])
def test_an_abort_during_a_promotion_without_a_ledger_takes_the_promotion_back_too(seconds: int) -> None:
    steps = (("approve", {"version": 2}), ("wait", {"seconds": seconds}))
    assert broken_promise(Schedule(beside_are_down=True, steps=steps)) == ""


def test_without_a_ledger_the_endpoint_goes_back_first_and_pointer_and_stack_when_it_answers() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.stack.package == package(2))
    service.abort(V2)
    service.world.faults.down = {"dynamodb"}
    service.run(seconds=3_000)
    assert service.endpoint.view().variant(CANDIDATE) is None
    assert outcome(service) == "RUNNING"
    service.world.faults.down = set()
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


def test_a_promoted_version_stays_when_the_ledger_tells_so_after_all() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run()
    service.abort(V2)
    service.world.faults.down = {"dynamodb"}
    service.run(seconds=600)
    service.world.faults.down = set()
    service.run()
    assert outcome(service) == "PROMOTED"
    assert service.stack.package == package(2)


def test_a_redriven_rollout_whose_end_is_not_on_record_does_not_act() -> None:
    steps: tuple[Step, ...] = (
        ("refuse", {"call": "dynamodb.save", "error": QuotaExceeded, "times": 2}),
        ("approve", {"version": 2}),
        ("wait", {"seconds": 763}),
        ("redrive", {}),
    )
    assert broken_promise(Schedule(broken=(2,), steps=steps)) == ""


@pytest.mark.parametrize("seconds", [257, 329, 691, 731])
def test_a_rollback_that_had_nothing_to_do_does_not_end_a_rollout_that_was_started_again(
    seconds: int,
) -> None:
    steps: tuple[Step, ...] = (
        ("approve", {"version": 2}),
        ("take_a_service_down", {"service": "dynamodb", "seconds": 2_500}),
        ("wait", {"seconds": seconds}),
        ("redrive", {}),
    )
    assert broken_promise(Schedule(steps=steps)) == ""


def test_scaling_that_was_refused_at_the_end_is_given_back_later_and_before_the_lease() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: "WATCHED" in service.ledger.kinds(V2))
    service.world.faults.before["scaling.suspend"] = [QuotaExceeded("LimitExceeded")] * 3
    service.run(until=lambda: outcome(service) == "PROMOTED")
    assert service.ledger.held is not None
    service.run()
    assert service.scaling.state == Suspended()
    assert service.endpoint.view().config_name == service.stack.config
    assert outcome(service) == "PROMOTED"


def test_the_watchdog_gives_scaling_back_before_a_leftover_lease() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.endpoint.share() > 0)
    held = service.ledger.held
    service.run()
    assert held is not None
    service.ledger.held, service.scaling.state = held, Suspended(scale_in=True)
    service.tick()
    assert service.scaling.state == Suspended()
    assert service.ledger.lease() is None


def test_what_was_promoted_while_a_rollout_waited_for_a_human_stays_when_that_one_is_rolled_back() -> None:
    steps: tuple[Step, ...] = (
        ("approve", {"version": 2}),
        ("delay_the_metrics", {"seconds": 180}),
        ("wait", {"seconds": 1_257}),
        ("deploy", {}),
        ("approve", {"version": 4}),
    )
    assert broken_promise(Schedule(features=("asks_a_human",), steps=steps)) == ""


def test_a_version_that_was_promoted_again_stays_when_its_first_rollout_is_rolled_back_late() -> None:
    steps: tuple[Step, ...] = (
        ("approve", {"version": 3}),
        ("wait", {"seconds": 867}),
        ("delay_the_metrics", {"seconds": 180}),
        ("wait", {"seconds": 1_009}),
        ("delay_the_metrics", {"seconds": 0}),
        ("approve", {"version": 4}),
        ("wait", {"seconds": 1_530}),
        ("approve", {"version": 3}),
    )
    assert broken_promise(Schedule(features=("asks_a_human",), steps=steps)) == ""


def test_two_rollouts_that_wait_for_a_human_are_rolled_back_the_last_one_first() -> None:
    steps: tuple[Step, ...] = (
        ("approve", {"version": 3}),
        ("wait", {"seconds": 1_080}),
        ("delay_the_metrics", {"seconds": 180}),
        ("wait", {"seconds": 800}),
        ("delay_the_metrics", {"seconds": 0}),
        ("approve", {"version": 2}),
        ("wait", {"seconds": 1_080}),
        ("delay_the_metrics", {"seconds": 180}),
        ("wait", {"seconds": 800}),
    )
    assert broken_promise(Schedule(features=("asks_a_human",), steps=steps)) == ""


def test_a_first_call_that_lands_late_does_not_end_a_rollout_that_moves_the_pointer_itself() -> None:
    steps: tuple[Step, ...] = (
        ("approve", {"version": 4}),
        ("wait", {"seconds": 17}),
        ("replay_a_function", {"index": 3}),
        ("wait", {"seconds": 121}),
    )
    assert broken_promise(Schedule(bad=(2, 3, 4), features=("guardrails",), steps=steps)) == ""


def test_what_was_promoted_since_stays_also_under_guardrails() -> None:
    steps: tuple[Step, ...] = (
        ("approve", {"version": 4}),
        ("delay_the_metrics", {"seconds": 300}),
        ("wait", {"seconds": 743}),
        ("wait", {"seconds": 386}),
        ("wait", {"seconds": 557}),
        ("approve", {"version": 3}),
    )
    assert broken_promise(Schedule(features=("asks_a_human", "guardrails"), steps=steps)) == ""


def test_a_promotion_without_a_candidate_that_lands_while_it_is_rolled_back_is_taken_back() -> None:
    between = {"calls": 38, "seconds": 36, "other": "alarm", "again": 3}
    steps: tuple[Step, ...] = (
        ("run_others_between_two_calls", between),
        ("approve", {"version": 3}),
        ("approve", {"version": 4}),
        ("approve", {"version": 4}),
        ("wait", {"seconds": 822}),
    )
    assert broken_promise(Schedule(bad=(4,), features=("guardrails",), steps=steps)) == ""


def test_a_rollback_that_reads_the_record_before_the_check_is_on_it_takes_back_what_followed() -> None:
    between = {"calls": 27, "seconds": 35, "other": "abort_as_operator", "again": 1}
    steps: tuple[Step, ...] = (
        ("run_others_between_two_calls", between),
        ("approve", {"version": 2}),
        ("approve", {"version": 3}),
        ("crash_soon", {"calls": 18}),
        ("wait", {"seconds": 170}),
    )
    assert broken_promise(Schedule(steps=steps)) == ""


def test_a_rollback_that_a_person_asks_for_again_moves_a_stack_that_had_refused_the_first_one() -> None:
    service = Service().deployed()
    service.approve(2)
    service.run(until=lambda: service.stack.package == package(2))
    service.stack.fails = 5
    service.abort(V2)
    service.run()
    assert outcome(service) == "NEEDS_HUMAN"
    document = {"rollout_id": V2, "source": "operator", "reason": "asked to"}
    service.executions.begin(BACK, name=f"rb-{V2}-2", document=document)
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert_back_on_baseline(service)


@pytest.mark.parametrize(("trouble", "then"), [(376, 141), (899, 236)])
def test_a_version_as_bad_as_live_gets_no_further_once_live_is_well_again(trouble: int, then: int) -> None:
    """What both had shown beside each other hid for a bucket that the candidate was worse now."""
    steps: tuple[Step, ...] = (
        ("approve", {"version": 3}),
        ("wait", {"seconds": 366 if trouble == 376 else 0}),
        ("let_live_be_bad", {"policy": "hold", "version_1_is_bad": True}),
        ("wait", {"seconds": trouble}),
        ("let_live_be_bad", {"policy": "hold", "version_1_is_bad": False}),
        ("wait", {"seconds": then}),
    )
    assert broken_promise(Schedule(bad=(3,), steps=steps)) == ""


def test_an_update_that_is_accepted_after_the_abort_and_shows_late_is_taken_back() -> None:
    """The function that prepares lasts as long as it may, and the endpoint is told of as it was before."""
    beside = {"calls": 38, "seconds": 38, "other": "abort_as_operator", "turns": 11_611_934}
    steps: tuple[Step, ...] = (
        ("approve", {"version": 3}),
        ("alternate_with_another_function", beside),
        ("answer_with_the_past", {"seconds": 39}),
        ("wait", {"seconds": 271}),
    )
    assert broken_promise(Schedule(steps=steps)) == ""
