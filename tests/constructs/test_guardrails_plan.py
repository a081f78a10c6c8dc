"""Rollout plans that SageMaker's own guardrails carry out, and why others cannot be."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template

from tidegate import (
    Contest,
    Gate,
    InstanceVariant,
    Model,
    ModelSource,
    RealTimeEndpoint,
    Rollout,
    RolloutPlan,
    RolloutStep,
    SampleRequests,
    Signal,
)
from tidegate_runtime.plan import Plan

Render = Callable[[], Template]
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:ours"
CANARY = RolloutPlan.canary(percent=50).by_guardrails()


def steps(*shares: int, bake: int = 600, longest: int | None = None, requests: int = 0) -> Any:
    return tuple(
        RolloutStep(
            weight_percent=share,
            min_bake_seconds=bake,
            max_bake_seconds=bake if longest is None else longest,
            min_requests=requests,
        )
        for share in shares
    )


@pytest.mark.parametrize(
    ("plan", "strategy", "size"),
    [
        (RolloutPlan.all_at_once(), "ALL_AT_ONCE", None),
        (RolloutPlan.canary(percent=1), "CANARY", 1),
        (RolloutPlan.canary(percent=50), "CANARY", 50),
        (RolloutPlan.linear(percent=10), "LINEAR", 10),
        (RolloutPlan.linear(percent=30), "LINEAR", 30),
    ],
)
def test_the_steps_become_sagemakers_strategy(plan: RolloutPlan, strategy: str, size: int | None) -> None:
    made = plan.by_guardrails().deployment_guardrails()
    assert (made.strategy, None if made.size is None else made.size.value) == (strategy, size)
    assert made.bake.to_seconds() == 600


def test_the_time_out_leaves_two_hours_beside_the_bakes_and_sagemaker_allows_eight_in_all() -> None:
    short, long = CANARY, replace(CANARY, steps=steps(*range(14, 99, 14), 100, bake=3420))
    for plan, seconds in ((short, 2 * 600 + 7200), (long, 28_800)):
        timeout = plan.deployment_guardrails().maximum_execution_timeout
        assert timeout is not None
        assert timeout.to_seconds() == seconds


def test_each_signal_becomes_an_alarm_at_the_rate_that_is_tolerated() -> None:
    plan = replace(CANARY, signals=(Signal.server_errors(max_rate=0.02), Signal.model_errors()))
    first, second = plan.deployment_guardrails().alarms
    assert (first.name, first.threshold, second.name, second.threshold) == ("5xx", 0.02, "model-errors", 0.01)  # type: ignore[union-attr]
    assert (first.rate, first.min_requests, first.datapoints) == (True, 20, 3)  # type: ignore[union-attr]


@pytest.mark.parametrize(("bake", "minutes"), [(60, 1), (120, 2), (180, 3), (3600, 3)])
def test_an_alarm_fires_within_one_bake(bake: int, minutes: int) -> None:
    (first, _) = RolloutPlan.canary(bake_seconds=bake).by_guardrails().deployment_guardrails().alarms
    assert (first.datapoints, first.periods) == (minutes, minutes)  # type: ignore[union-attr]


def test_the_handlers_read_that_sagemaker_moves_the_traffic() -> None:
    parsed = Plan.from_json(replace(CANARY, on_live_rejected="go_back").to_json())
    assert (parsed.backend, parsed.on_live_rejected) == ("guardrails", "go_back")
    assert [step.min_requests for step in parsed.steps] == [0, 0]
    assert parsed.watch.min_requests == 100


@pytest.mark.parametrize(
    ("changes", "rule", "message"),
    [
        ({"steps": steps(60, 100)}, "guardrail-plan-steps", r"first is at most 50 %.*got \[60, 100\]"),
        ({"steps": steps(5, 25, 100)}, "guardrail-plan-steps", r"got \[5, 25, 100\]"),
        ({"steps": steps(5, 10, 15, 20, 100)}, "guardrail-plan-steps", "equal ones of 10 to 50 %"),
        (
            {"steps": steps(25, 100, requests=100)},
            "guardrail-plan-bake",
            r"steps\[0\].min_requests must be 0",
        ),
        ({"steps": steps(25, 100, longest=900)}, "guardrail-plan-bake", r"must be min_bake_seconds \(600\)"),
        (
            {"steps": (*steps(25), *steps(100, bake=300))},
            "guardrail-plan-bake",
            r"the same bake, got \[600, 300\]",
        ),
        ({"steps": steps(25, 100, bake=3601)}, "guardrail-wait", "bake must be 0 to 3600 s, got 3601"),
        ({"steps": steps(25, 100, bake=59)}, "guardrail-alarm-slow", "at least 60"),
        (
            {"steps": steps(*range(10, 101, 10), bake=2880)},
            "guardrail-timeout-waits",
            "exceed the sum of the waits, 28800 s",
        ),
        ({"candidate_instances": 2}, "guardrail-plan-candidate", "candidate_instances must be left out"),
        (
            {"signals": (Signal.server_errors(max_ratio=2),)},
            "guardrail-plan-candidate",
            "max_ratio of signal '5xx' must be left out, got 2",
        ),
        (
            {"signals": (Signal(name="odd", metric="MyOwnMetric"),)},
            "guardrail-alarm-fleet",
            "metric 'MyOwnMetric' of signal 'odd' cannot see the new fleet only",
        ),
        (
            {
                "signals": (
                    Signal(name="a-b", metric="Invocation5XXErrors"),
                    Signal(name="a_b", metric="Invocation4XXErrors"),
                )
            },
            "guardrail-alarm-names",
            "'a-b' twice",
        ),
    ],
)
def test_rejects_what_sagemaker_cannot_carry_out_with_the_rule_and_the_page(
    changes: dict[str, Any], rule: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        replace(CANARY, **changes)
    assert f"[{rule}: https://docs.aws.amazon.com/" in str(refused.value)


def test_rejects_all_faults_of_a_plan_at_once() -> None:
    with pytest.raises(
        ValueError, match=r"guardrail-plan-steps.*guardrail-plan-bake.*guardrail-plan-candidate"
    ):
        replace(CANARY, steps=steps(60, 100, requests=9), candidate_instances=1)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("gate", Gate.manual()),
        ("before", FUNCTION),
        ("after", FUNCTION),
        ("contest", Contest(metric="Purchases", namespace="Shop")),
    ],
)
def test_rejects_whatever_a_step_may_have_that_sagemaker_does_not_know(name: str, given: Any) -> None:
    first, last = CANARY.steps
    with pytest.raises(ValueError, match="rollout plan") as refused:
        replace(CANARY, steps=(replace(first, **{name: given}), last))
    fault = f"steps[0].{name} does not go with guardrails, because between its steps SageMaker asks nobody"
    assert fault in str(refused.value)


def test_rejects_samples_for_which_there_is_no_candidate(stack: Stack, role: iam.IRole) -> None:
    samples = SampleRequests(document={"samples": [{"body": [1]}]})
    with pytest.raises(ValueError, match="samples does not go with guardrails") as refused:
        rollout(stack, role, CANARY, samples=samples)
    assert "[guardrail-plan-own: https://docs.aws.amazon.com/" in str(refused.value)


def test_rejects_guardrails_of_a_plan_for_the_controller() -> None:
    with pytest.raises(ValueError, match="backend must be 'guardrails', got 'controller'"):
        RolloutPlan.canary().deployment_guardrails()


@pytest.mark.parametrize(
    ("instances", "least"), [(1, "cannot be shifted in steps"), (3, "34 percent, got 25")]
)
def test_rejects_a_share_smaller_than_one_instance(
    stack: Stack, role: iam.IRole, instances: int, least: str
) -> None:
    plan = RolloutPlan.canary(percent=25).by_guardrails()
    model = Model(
        stack, "Model", source=ModelSource.model_package("arn:aws:sagemaker:::model-package/a/1"), role=role
    )
    live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=instances)
    with pytest.raises(ValueError, match=least):
        RealTimeEndpoint(
            stack,
            "Endpoint",
            variants=[live],
            endpoint_name="digits",
            guardrails=plan.deployment_guardrails(),
        )


def rollout(
    stack: Stack, role: iam.IRole, plan: RolloutPlan, samples: SampleRequests | None = None
) -> Rollout:
    return Rollout(
        stack,
        "Rollout",
        endpoint_name="digits",
        model_package_group_name="digits",
        pointer_parameter="/digits/live",
        hosting_stack_name="digits-hosting",
        execution_role=role,
        artifact_buckets=[],
        plan=plan,
        samples=samples,
    )


def test_a_rollout_by_guardrails_has_no_candidate_and_nothing_that_could_make_one(
    stack: Stack, role: iam.IRole, template: Render
) -> None:
    made = rollout(stack, role, CANARY)
    rendered = template()
    assert made.candidate_alarms is None
    rendered.resource_count_is("AWS::Lambda::Function", 11)
    text = str(rendered.to_json())
    for action in ("sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "iam:PassRole"):
        assert action not in text, action


def test_alarms_of_the_new_fleet_wake_the_watchdog(stack: Stack, role: iam.IRole, template: Render) -> None:
    rollout(stack, role, CANARY)
    names = ["digits-new-fleet-live-5xx", "digits-new-fleet-live-model-errors"]
    template().has_resource_properties(
        "AWS::Events::Rule",
        {"EventPattern": Match.object_like({"detail": Match.object_like({"alarmName": names})})},
    )


def test_rejects_a_forecast_of_steps_that_nobody_judges() -> None:
    from tidegate import DeclaredTraffic
    from tidegate.rollout_forecast import forecast

    with pytest.raises(ValueError, match="nothing is judged in the steps"):
        forecast(CANARY, DeclaredTraffic(requests_per_second=50, base_error_rate=0.002))
