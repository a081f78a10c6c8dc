import json
from dataclasses import replace
from typing import Any

import pytest

from tidegate import Bake, RolloutPlan, RolloutStep, Signal
from tidegate_runtime.plan import Plan

PLAN = RolloutPlan.stepped(percents=(5, 25, 100), bake_seconds=300)


def test_the_json_is_what_the_handlers_read() -> None:
    parsed = Plan.from_json(PLAN.to_json())
    assert [step.weight_percent for step in parsed.steps] == [5, 25, 100]
    assert (parsed.watch.min_bake_seconds, parsed.watch.max_bake_seconds) == (300, 1800)
    assert [signal.metric for signal in parsed.signals] == ["Invocation5XXErrors", "InvocationModelErrors"]


def test_the_json_has_every_field_of_the_plan_but_what_handlers_take_for_granted() -> None:
    assert json.loads(RolloutPlan.canary(percent=5, bake_seconds=300).to_json()) == {
        "bucket_seconds": 60,
        "settle_seconds": 60,
        "steps": [
            {"weight_percent": 5, "min_bake_seconds": 300, "max_bake_seconds": 1800, "min_requests": 100},
            {"weight_percent": 100, "min_bake_seconds": 300, "max_bake_seconds": 1800, "min_requests": 100},
        ],
        "watch": {"min_bake_seconds": 300, "max_bake_seconds": 1800, "min_requests": 100},
        "signals": [
            {"name": "5xx", "metric": "Invocation5XXErrors", "max_ratio": 1.0, "max_rate": 0.01},
            {"name": "model_errors", "metric": "InvocationModelErrors", "max_ratio": 1.0, "max_rate": 0.01},
        ],
        "alpha": 0.01,
        "alpha_promote": 0.05,
        "promote_margin": 1.5,
        "on_inconclusive": "roll_back",
        "on_no_data": "roll_back",
        "rollback_hold_seconds": 60,
        "on_new_approval": "reject",
        "on_both_bad": "hold",
    }


def test_equal_plans_are_equal_values() -> None:
    assert RolloutPlan.canary() == RolloutPlan.canary()
    assert RolloutPlan.canary() != RolloutPlan.canary(percent=5)


def test_a_linear_plan_ends_at_everything() -> None:
    assert [step.weight_percent for step in RolloutPlan.linear(percent=30).steps] == [30, 60, 90, 100]


def test_all_at_once_is_one_step_with_a_watch_after_it() -> None:
    plan = RolloutPlan.all_at_once(bake_seconds=300, min_requests=50)
    assert [step.weight_percent for step in plan.steps] == [100]
    assert plan.watch == Bake(min_bake_seconds=300, max_bake_seconds=1800, min_requests=50)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": ()}, "steps must not be empty"),
        ({"signals": ()}, "signals must not be empty"),
        ({"bucket_seconds": 45}, "bucket_seconds must be one of .*, got 45"),
        ({"settle_seconds": -1}, "settle_seconds must be 0 to 900, got -1"),
        ({"candidate_instances": 0}, "candidate_instances must be at least 1, got 0"),
        ({"alpha": 0}, "alpha must be above 0 and at most 0.5, got 0"),
        ({"alpha_promote": 1}, "alpha_promote must be above 0 and at most 0.5, got 1"),
        ({"promote_margin": 1}, "promote_margin must be above 1, got 1"),
        ({"on_inconclusive": "hope"}, "on_inconclusive must be one of .*, got 'hope'"),
        ({"on_no_data": "promote"}, "on_no_data must be one of .*, got 'promote'"),
        ({"on_new_approval": "wait"}, "on_new_approval must be one of .*supersede.*, got 'wait'"),
        ({"on_both_bad": "wait"}, "on_both_bad must be one of .*hold.*, got 'wait'"),
        ({"on_live_rejected": "hide"}, "on_live_rejected must be one of .*go_back.*, got 'hide'"),
        ({"backend": "magic"}, "backend must be one of .*guardrails.*, got 'magic'"),
        ({"rollback_hold_seconds": 59}, "rollback_hold_seconds must be at least 60.*got 59"),
        (
            {"watch": Bake(min_bake_seconds=1, max_bake_seconds=30 * 24 * 3600, min_requests=1)},
            "must sum up to at most 30 days, got 30",
        ),
        ({"signals": (Signal.server_errors(), Signal.server_errors())}, "differ in name, got '5xx' twice"),
    ],
)
def test_rejects_an_impossible_plan(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(PLAN, **changes)


def test_rejects_steps_that_do_not_grow_to_the_end() -> None:
    step: dict[str, Any] = {"min_bake_seconds": 60, "max_bake_seconds": 60, "min_requests": 1}
    shrinking = tuple(RolloutStep(weight_percent=percent, **step) for percent in (25, 10))
    with pytest.raises(
        ValueError, match=r"steps\[1\].weight_percent must be greater than .* \(25\).* got 10"
    ):
        replace(PLAN, steps=shrinking)
    with pytest.raises(ValueError, match=r"the last step must be 100, got 10"):
        replace(PLAN, steps=shrinking)


def test_rejects_a_plan_with_all_its_faults_at_once() -> None:
    with pytest.raises(ValueError, match=r"watch.max_bake_seconds.*watch.min_requests.*alpha"):
        replace(PLAN, watch=Bake(min_bake_seconds=9, max_bake_seconds=8, min_requests=0), alpha=2)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"max_ratio": 0.5}, "max_ratio must be at least 1, got 0.5"),
        ({"max_rate": 0}, "max_rate must be above 0 and below 1, got 0"),
        ({"metric": ""}, "metric must not be empty"),
        ({"name": "a b"}, "name must be letters"),
    ],
)
def test_rejects_an_impossible_signal(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Signal(**{"name": "5xx", "metric": "Invocation5XXErrors", **fields})


def test_rejects_a_linear_plan_without_progress() -> None:
    with pytest.raises(ValueError, match=r"percent must be 1 to 100, got 0"):
        RolloutPlan.linear(percent=0)
