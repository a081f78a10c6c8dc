from dataclasses import replace
from typing import Any, Final

import pytest
from aws_cdk import Annotations, Stack
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Annotations as Found
from aws_cdk.assertions import Match

from tidegate import DeclaredTraffic, Rollout, RolloutPlan, Signal
from tidegate._blind_steps import CANNOT_PASS, CANNOT_SEE, warnings_of

PLAN: Final = RolloutPlan.stepped(percents=(5, 25, 50, 100), bake_seconds=300)


def texts(requests: float, plan: RolloutPlan = PLAN) -> dict[str, str]:
    return dict(warnings_of(plan, DeclaredTraffic(requests_per_second=requests)))


def rollout(stack: Stack, role: iam.IRole, traffic: DeclaredTraffic | None) -> Rollout:
    return Rollout(
        stack,
        "Rollout",
        endpoint_name="digits",
        model_package_group_name="digits",
        pointer_parameter="/digits/live",
        hosting_stack_name="digits-hosting",
        execution_role=role,
        artifact_buckets=[],
        plan=PLAN,
        traffic=traffic,
    )


def test_enough_traffic_gives_no_warning() -> None:
    assert texts(50) == {}


def test_a_step_that_sees_too_little_is_told_with_its_numbers() -> None:
    said = texts(10)
    assert set(said) == {CANNOT_SEE}
    assert said[CANNOT_SEE].startswith(
        "at 10 requests a second a candidate with 3 times live's error rate of 1 % is seen too rarely: "
        "10% by the end of 5 % (150 candidate requests); 50% is wanted"
    )
    assert "25 %" not in said[CANNOT_SEE]


def test_a_step_that_cannot_get_its_requests_is_told() -> None:
    assert texts(1)[CANNOT_PASS] == (
        "at 1 requests a second the step at 5 % gets 90 candidate requests in its longest bake and needs 100"
    )


def test_the_last_step_is_not_asked_what_it_sees() -> None:
    assert set(texts(0.01, RolloutPlan.stepped(percents=(100,), bake_seconds=300))) == {CANNOT_PASS}


def test_the_signal_that_sees_least_decides() -> None:
    strict = replace(PLAN, signals=(*PLAN.signals, Signal(name="rare", metric="Rare", max_rate=0.0001)))
    assert "live's error rate of 0.01 %" in texts(50, strict)[CANNOT_SEE]


def test_a_rollout_warns_at_synth(stack: Stack, role: iam.IRole) -> None:
    rollout(stack, role, DeclaredTraffic(requests_per_second=10))
    Found.from_stack(stack).has_warning(
        "/stack/Rollout", Match.string_like_regexp(r"10% by the end of 5 % .*tidegate:step-cannot-see")
    )


@pytest.mark.parametrize("traffic", [None, DeclaredTraffic(requests_per_second=50)])
def test_a_rollout_without_blind_steps_or_traffic_does_not_warn(
    stack: Stack, role: iam.IRole, traffic: DeclaredTraffic | None
) -> None:
    rollout(stack, role, traffic)
    Found.from_stack(stack).has_no_warning("*", Match.any_value())


def test_the_warning_can_be_acknowledged(stack: Stack, role: iam.IRole) -> None:
    made: Any = rollout(stack, role, DeclaredTraffic(requests_per_second=10))
    Annotations.of(made).acknowledge_warning(CANNOT_SEE, "the second step is the first that should see")
    Found.from_stack(stack).has_no_warning("*", Match.any_value())
