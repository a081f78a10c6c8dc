"""A handler's process dies after any of its calls and the handler runs again: the end is the same."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.lambdas.fakes.gated import MANUAL, WEBHOOK, is_at_gate, with_gates, with_hooks
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.plans import BANDIT, PLAN, SAMPLES, SHADOW_PHASE, contest_plan
from tests.lambdas.fakes.users import AFTER, APPROVER, BEFORE
from tests.lambdas.fakes.world import Crash, package

V2 = "v2-20261121T050102Z"
BACK_TO = "r4-20261121T050102Z"
TIME = "2026-11-21T05:01:02Z"

Scenario = Callable[[], Service]


def good() -> Service:
    return Service().deployed()


def bad() -> Service:
    service = Service().deployed()
    service.metrics.rates[package(2)] = 0.05
    return service


def broken_container() -> Service:
    service = Service().deployed()
    service.endpoint.broken = {package(2)}
    return service


def failing_stack() -> Service:
    service = Service().deployed()
    service.stack.fails = 1
    return service


def bad_once_promoted() -> Service:
    service = Service().deployed()
    fault_free = service.metrics

    def turn_bad() -> bool:
        if "PROMOTED" in service.ledger.kinds(V2):
            fault_free.rates[package(2)] = 0.2
        return False

    service.run_hook = turn_bad
    return service


def good_chain() -> Service:
    service = Service()
    service.plan = replace(PLAN, looks_per_execution=1)
    return service.deployed()


def bad_chain() -> Service:
    service = good_chain()
    service.metrics.requests_per_second = 1.0
    service.metrics.rates[package(2)] = 0.5
    return service


def good_shadow() -> Service:
    service = Service()
    service.plan = replace(PLAN, shadow=SHADOW_PHASE)
    return service.deployed()


def bad_shadow() -> Service:
    service = good_shadow()
    service.metrics.rates[package(2)] = 0.05
    return service


def opened_by_an_operator() -> Service:
    service = with_gates(MANUAL, None)
    service.run_hook = lambda: once_more(service, "promote", when=lambda: is_at_gate(service))
    return service


def decided_by_functions() -> Service:
    service = with_gates(WEBHOOK, WEBHOOK)
    service.functions.answers[APPROVER] = [{"status": "APPROVED"}]
    return service


def rejected_by_a_function() -> Service:
    service = with_gates(WEBHOOK, None)
    service.functions.answers[APPROVER] = [{"status": "REJECTED"}]
    return service


def with_hooks_everywhere() -> Service:
    return with_hooks((BEFORE, AFTER), (BEFORE, AFTER))


def held_for_a_while() -> Service:
    service = Service().deployed()

    def steer() -> bool:
        kinds = service.ledger.kinds(V2)
        if "SHIFTED" in kinds and "HELD" not in kinds:
            once_more(service, "hold", when=lambda: True)
        if "HELD" in kinds and "RESUMED" not in kinds and len(service.ledger.bodies("JUDGED")) > 3:
            once_more(service, "resume", when=lambda: True)
        return False

    service.run_hook = steer
    return service


def once_more(service: Service, verb: str, *, when: Callable[[], bool]) -> bool:
    """Ask as an operator; one whose call has died asks again."""
    if when():
        try:
            service.operate(verb)
        except Crash:
            return False
    return False


def good_samples() -> Service:
    service = Service()
    service.samples = SAMPLES
    return service.deployed()


def wrong_samples() -> Service:
    service = good_samples()
    service.invoker.wrong = {package(2)}
    return service


def slow_samples() -> Service:
    service = good_samples()
    service.invoker.warm_at = service.world.time + 600
    service.invoker.answer_seconds = 12
    return service


def winner_of_a_bandit() -> Service:
    return _competing(0.13)


def loser_of_a_bandit() -> Service:
    return _competing(0.075)


def _competing(rewards: float) -> Service:
    service = Service().deployed()
    service.plan = contest_plan(BANDIT)
    service.metrics.requests_per_second = 20
    service.metrics.rewards = {package(1): 0.1, package(2): rewards}
    return service


def guarded() -> Service:
    return good().guarded()


def guarded_and_bad() -> Service:
    return bad().guarded()


def guarded_and_bad_once_promoted() -> Service:
    return bad_once_promoted().guarded()


def going_back() -> Service:
    service = good()
    service.plan = replace(service.plan, on_live_rejected="go_back")
    for version in (3, 4):
        service.approve(version, time=f"2026-11-21T0{version}:01:02Z")
        service.run()
    service.reject(4, time=TIME)
    return service


def final(service: Service) -> dict[str, object]:
    """Return everything that must not depend on a crash (names of stack configs are CloudFormation's)."""
    view = service.endpoint.view()
    return {
        "status": {run.rollout_id: run.status for run in service.ledger.runs.values()},
        "pointer": service.pointer.value,
        "stack": service.stack.package,
        "is the stack's": view.config_name == service.stack.config,
        "variants": view.variants,
        "scaling": service.scaling.state,
        "lease": service.ledger.held,
        "outcomes": {event["outcome"] for event in service.events.published},
    }


def finished(service: Service) -> Service:
    service.approve(2)
    service.run(until=service.run_hook)
    return service


def crash_points(service: Service) -> list[int]:
    """Return the numbers of all calls, of repeated polls that find the same situation only the first."""
    first: dict[str, int] = {}
    for index, situation in enumerate(service.world.faults.situations):
        first.setdefault(situation, index + 1)
    return list(first.values())


@pytest.mark.parametrize(
    ("scenario", "status"),
    [
        (good, "PROMOTED"),
        (bad, "ROLLED_BACK"),
        (broken_container, "ROLLED_BACK"),
        (failing_stack, "ROLLED_BACK"),
        (bad_once_promoted, "ROLLED_BACK"),
        (good_shadow, "PROMOTED"),
        (bad_shadow, "ROLLED_BACK"),
        (good_chain, "PROMOTED"),
        (bad_chain, "ROLLED_BACK"),
        (opened_by_an_operator, "PROMOTED"),
        (decided_by_functions, "PROMOTED"),
        (rejected_by_a_function, "ROLLED_BACK"),
        (with_hooks_everywhere, "PROMOTED"),
        (held_for_a_while, "PROMOTED"),
        (good_samples, "PROMOTED"),
        (wrong_samples, "ROLLED_BACK"),
        (slow_samples, "PROMOTED"),
        (winner_of_a_bandit, "PROMOTED"),
        (loser_of_a_bandit, "ROLLED_BACK"),
    ],
)
def test_the_end_is_the_same_after_a_crash_behind_any_call(scenario: Scenario, status: str) -> None:
    undisturbed = finished(scenario())
    expected = final(undisturbed)
    assert expected["status"] == {V2: status}
    # The very call that starts a rollout is EventBridge's to repeat; it is tested with the duplicate events.
    for number in crash_points(undisturbed)[2:]:
        service = scenario()
        service.world.faults.crash_at = number
        finished(service)
        where = f"call {number}, {service.world.faults.log[number - 1]}"
        assert final(service) == expected, where
        assert service.highest_share == undisturbed.highest_share, where


@pytest.mark.parametrize(
    ("scenario", "status"),
    [
        (guarded, "PROMOTED"),
        (guarded_and_bad, "ROLLED_BACK"),
        (guarded_and_bad_once_promoted, "ROLLED_BACK"),
    ],
)
def test_without_a_candidate_the_end_is_the_same_after_a_crash(scenario: Scenario, status: str) -> None:
    undisturbed = finished(scenario())
    expected = final(undisturbed)
    assert expected["status"] == {V2: status}
    for number in crash_points(undisturbed)[2:]:
        service = scenario()
        service.world.faults.crash_at = number
        finished(service)
        assert final(service) == expected, f"call {number}, {service.world.faults.log[number - 1]}"


def test_the_way_back_to_the_last_good_version_ends_the_same_after_a_crash() -> None:
    begun = going_back()
    first = len(begun.world.faults.log)
    begun.run()
    expected = final(begun)
    assert begun.ledger.runs[BACK_TO].status == "PROMOTED"
    for number in (number for number in crash_points(begun) if number > first):
        service = going_back()
        service.world.faults.crash_at = number
        service.run()
        assert final(service) == expected, f"call {number}, {service.world.faults.log[number - 1]}"
