"""Hooks in whole rollouts: called in their places, at least once, and heard."""

from dataclasses import replace

import pytest

from tests.lambdas.fakes.gated import MANUAL, at_the_gate, with_hooks
from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.outcomes import V2, assert_back_on_baseline, outcome
from tests.lambdas.fakes.plans import SAMPLES
from tests.lambdas.fakes.users import AFTER, BEFORE
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import FunctionFailed, Transient
from tidegate_runtime.plan_gates import HOOK_SECONDS

BOTH = (BEFORE, AFTER)
NONE = ("", "")


def rolled_out(service: Service) -> Service:
    service.approve(2)
    service.run()
    return service


def calls(service: Service) -> list[tuple[str, int, int]]:
    return [(call["when"], call["step"], call["weight_percent"]) for _, call in service.functions.asked]


def test_hooks_are_called_before_each_share_and_after_each_pass() -> None:
    service = rolled_out(with_hooks(BOTH, BOTH))
    assert outcome(service) == "PROMOTED"
    assert calls(service) == [("before", 1, 10), ("after", 1, 10), ("before", 2, 100), ("after", 2, 100)]


def test_hooks_are_called_in_the_same_places_once_a_version_has_answered_the_declared_samples() -> None:
    service = with_hooks(BOTH, BOTH)
    service.samples = SAMPLES
    service.functions.answers[BEFORE] = [{"status": "WAIT"}, {"status": "DONE"}]
    rolled_out(service)
    assert outcome(service) == "PROMOTED"
    first, again, *others = calls(service)
    assert first == again == ("before", 1, 10)
    assert others == [("after", 1, 10), ("before", 2, 100), ("after", 2, 100)]
    kinds = service.ledger.kinds(V2)
    assert kinds.index("SAMPLED") < kinds.index("HOOK_DONE") < kinds.index("SHIFTED")


def test_a_hook_is_told_what_it_is_about() -> None:
    service = rolled_out(with_hooks(NONE, (BEFORE, "")))
    ((arn, document),) = service.functions.asked
    assert arn == BEFORE
    assert {**document, "reason": ""} == {
        "rollout_id": V2,
        "endpoint": "digits-rehearsal",
        "when": "before",
        "step": 2,
        "steps": 2,
        "weight_percent": 100,
        "model_package_arn": package(2),
        "baseline_package_arn": package(1),
        "reason": "",
    }


def test_no_share_rises_before_its_hook_is_done() -> None:
    service = with_hooks((BEFORE, ""), (BEFORE, ""))
    service.functions.answers[BEFORE] = [{"status": "WAIT", "wait_seconds": 120}]
    service.approve(2)
    service.run(seconds=1_800)
    assert service.endpoint.share() == 0.0
    service.functions.answers[BEFORE] = [{"status": "DONE"}]
    service.run(until=lambda: service.endpoint.share() > 0)
    service.functions.answers[BEFORE] = [{"status": "WAIT", "wait_seconds": 120}]
    service.run(seconds=1_800)
    assert service.endpoint.share() == pytest.approx(0.1)
    service.functions.answers[BEFORE] = [{"status": "DONE"}]
    service.run()
    assert outcome(service) == "PROMOTED"


def test_the_judge_goes_on_while_a_hook_waits() -> None:
    service = with_hooks(("", AFTER), NONE)
    service.functions.answers[AFTER] = [{"status": "WAIT", "wait_seconds": 60}]
    service.approve(2)
    service.run(until=lambda: len(service.functions.asked) > 2)
    service.metrics.rates[package(2)] = 0.2
    service.run()
    assert outcome(service) == "ROLLED_BACK"
    assert service.ledger.bodies("JUDGED")[-1]["verdict"] == "FAIL"


def test_the_pass_that_is_used_is_one_of_after_the_hook() -> None:
    service = with_hooks(("", AFTER), NONE)
    service.functions.answers[AFTER] = [{"status": "WAIT", "wait_seconds": 600}] * 3 + [{"status": "DONE"}]
    rolled_out(service)
    (done,) = service.ledger.bodies("HOOK_DONE")
    judged = [body for body in service.ledger.bodies("JUDGED") if body["step"] == 0]
    assert judged[-1]["at"] >= done["at"]
    assert outcome(service) == "PROMOTED"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": "FAIL", "reason": "orders are down"}, "failed: orders are down"),
        (FunctionFailed("the function raised"), "failed: the function raised"),
        ({"status": "MAYBE"}, "must answer a status of DONE, WAIT or FAIL, got {'status': 'MAYBE'}"),
        ("DONE", "must answer a status of DONE, WAIT or FAIL, got 'DONE'"),
        (None, "got None"),
    ],
)
@pytest.mark.parametrize("hooks", [(BEFORE, ""), ("", AFTER)])
def test_a_hook_that_fails_rolls_back_with_its_reason(
    answer: object, words: str, hooks: tuple[str, str]
) -> None:
    service = with_hooks(hooks, NONE)
    service.functions.answers[hooks[0] or hooks[1]] = [answer]
    rolled_out(service)
    assert outcome(service) == "ROLLED_BACK"
    assert words in service.ledger.runs[V2].body["reason"]
    assert_back_on_baseline(service)


@pytest.mark.parametrize("hooks", [(BEFORE, ""), ("", AFTER)])
def test_a_hook_that_never_ends_fails_after_an_hour(hooks: tuple[str, str]) -> None:
    service = with_hooks(hooks, NONE)
    service.functions.answers[hooks[0] or hooks[1]] = [{"status": "WAIT", "wait_seconds": 300}]
    began = service.world.time
    rolled_out(service)
    assert outcome(service) == "ROLLED_BACK"
    assert f"is not done after {HOOK_SECONDS} s" in service.ledger.runs[V2].body["reason"]
    assert service.world.time - began < HOOK_SECONDS + 3_600


def test_a_hook_that_is_throttled_is_called_again() -> None:
    service = with_hooks(NONE, (BEFORE, ""))
    service.functions.answers[BEFORE] = [Transient("throttled"), Transient("throttled"), {"status": "DONE"}]
    rolled_out(service)
    assert outcome(service) == "PROMOTED"
    assert len(service.functions.asked) == 3


@pytest.mark.parametrize("wanted", [0, -5, "soon", None, 10**9])
def test_what_a_hook_asks_to_wait_is_bounded(wanted: object) -> None:
    service = with_hooks(("", AFTER), NONE)
    service.functions.answers[AFTER] = [{"status": "WAIT", "wait_seconds": wanted}, {"status": "DONE"}]
    began = service.world.time
    rolled_out(service)
    assert outcome(service) == "PROMOTED"
    assert service.world.time - began < 6_000


def test_the_hook_after_a_step_comes_before_its_gate_so_that_who_decides_knows() -> None:
    service = with_hooks(("", AFTER), NONE)
    first, last = service.plan.steps
    service.plan = replace(service.plan, steps=(replace(first, gate=MANUAL), last))
    at_the_gate(service)
    assert calls(service) == [("after", 1, 10)]
    service.operate("promote")
    service.run()
    assert outcome(service) == "PROMOTED"
    assert calls(service) == [("after", 1, 10)]


def test_no_hook_is_called_for_a_rollout_that_goes_back() -> None:
    service = with_hooks(("", AFTER), NONE)
    service.functions.answers[AFTER] = [{"status": "WAIT", "wait_seconds": 60}]
    service.approve(2)
    service.run(until=lambda: len(service.functions.asked) > 1)
    service.abort(V2)
    service.run(seconds=5)
    asked = len(service.functions.asked)
    service.run()
    assert len(service.functions.asked) == asked
    assert outcome(service) == "ROLLED_BACK"
