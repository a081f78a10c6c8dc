"""Gates and hooks of a plan: what is refused, what the machine gets, and what it does not."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Template

from tests.stacks.template_reading import machine
from tidegate import Gate, Rollout, RolloutPlan, RolloutStep
from tidegate._plan_waits import PlanWaits
from tidegate_runtime.plan import Plan
from tidegate_runtime.plan_gates import StepGate

Render = Callable[[], Template]
ARN = "arn:aws:lambda:us-east-1:000000000000:function:approve"
HOUR = 3_600
DAY = 24 * HOUR


def step(percent: int = 100, **fields: Any) -> RolloutStep:
    return RolloutStep(
        weight_percent=percent, min_bake_seconds=60, max_bake_seconds=600, min_requests=10, **fields
    )


def plan(*steps: RolloutStep) -> RolloutPlan:
    return replace(RolloutPlan.canary(), steps=steps)


@pytest.fixture
def rollout(stack: Stack, role: iam.IRole) -> Callable[[RolloutPlan], dict[str, Any]]:
    def rendered(of: RolloutPlan) -> dict[str, Any]:
        Rollout(
            stack,
            "Rollout",
            endpoint_name="digits",
            model_package_group_name="digits",
            pointer_parameter="/digits/live",
            hosting_stack_name="digits-hosting",
            execution_role=role,
            artifact_buckets=[],
            plan=of,
        )
        return dict(Template.from_stack(stack).to_json())

    return rendered


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"max_wait_seconds": 59}, "max_wait_seconds must be 60 to 1209600, got 59"),
        ({"max_wait_seconds": 15 * DAY}, "max_wait_seconds must be 60 to 1209600, got 1296000"),
        ({"on_timeout": "hope"}, "on_timeout must be one of .*, got 'hope'"),
        ({"function_arn": "approve"}, "function_arn must be the ARN of a Lambda function.*, got 'approve'"),
    ],
)
def test_rejects_an_impossible_gate(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Gate(**fields)


def test_rejects_all_faults_of_hooks_at_once() -> None:
    with pytest.raises(ValueError, match=r"steps\[0\].before must be.*steps\[1\].after must be"):
        plan(step(5, before="nothing"), step(after=f"{ARN}:a:b"))


@pytest.mark.parametrize(
    "of",
    [
        plan(step()),
        plan(step(10, gate=Gate.manual(max_wait_seconds=14 * DAY)), step()),
        plan(*(step(percent, before=ARN, after=ARN) for percent in (*range(1, 10), 100))),
        replace(plan(step(gate=Gate.manual(max_wait_seconds=HOUR))), bucket_seconds=300),
    ],
)
def test_library_and_handlers_agree_on_what_is_too_much_for_one_execution(of: RolloutPlan) -> None:
    read = Plan.from_json(of.to_json())
    looks = PlanWaits.of(of.steps).looks(bakes_seconds=of.max_seconds, bucket_seconds=of.bucket_seconds)
    assert read.waits.looks(bakes_seconds=read.bakes_seconds, bucket_seconds=read.bucket_seconds) == looks
    assert read.may_chain == of.may_chain == (looks > 2_000)


@pytest.mark.parametrize("arn", [ARN, f"{ARN}:live", f"{ARN}:7", f"{ARN}:$LATEST"])
def test_a_function_may_be_named_with_alias_or_version(arn: str) -> None:
    assert Gate.webhook(arn).function_arn == arn


def test_a_function_of_the_same_app_needs_no_arn_in_letters(
    stack: Stack, rollout: Callable[[RolloutPlan], dict[str, Any]]
) -> None:
    code, runtime = lambda_.Code.from_inline("def handle(*_): ..."), lambda_.Runtime.PYTHON_3_14
    hook = lambda_.Function(stack, "Hook", code=code, handler="index.handle", runtime=runtime)
    template = rollout(plan(step(before=hook.function_arn)))
    logical_id = stack.resolve(hook.function_arn)["Fn::GetAtt"][0]
    allowed = [one for one in statements(template) if one["Sid"] == "CallHooks"]
    assert [one["Resource"] for one in allowed] == [{"Fn::GetAtt": [logical_id, "Arn"]}]


def test_rejects_functions_of_another_account_or_region(role: iam.IRole) -> None:
    stack = Stack(App(), "Here", env=Environment(account="111122223333", region="eu-west-1"))
    elsewhere = "arn:aws:lambda:us-east-1:111122223333:function:approve"
    other = "arn:aws:lambda:eu-west-1:999988887777:function:warm-up"
    with pytest.raises(
        ValueError, match=r"must be in 111122223333, eu-west-1, got .*us-east-1.*999988887777"
    ):
        Rollout(
            stack,
            "Rollout",
            endpoint_name="digits",
            model_package_group_name="digits",
            pointer_parameter="/digits/live",
            hosting_stack_name="digits-hosting",
            execution_role=role,
            artifact_buckets=[],
            plan=plan(step(gate=Gate.webhook(elsewhere), before=other)),
        )


def test_a_plan_without_gates_and_hooks_has_neither_states_nor_functions_for_them(
    rollout: Callable[[RolloutPlan], dict[str, Any]],
) -> None:
    template = rollout(plan(step()))
    states = machine(template, "digits-rollout")["States"]
    assert not {"Gate", "Hook", "HookStatus", "HookWait"} & set(states)
    assert not {"gate", "hook"} & set(handlers(template))
    assert "lambda:InvokeFunction" not in [
        one["Action"] for one in statements(template) if one["Sid"] != "InvokeHandlers"
    ]


def test_a_gate_waits_with_a_token_and_leads_back_to_the_judge_whatever_is_answered(
    rollout: Callable[[RolloutPlan], dict[str, Any]],
) -> None:
    found = machine(rollout(plan(step(10, gate=Gate.manual()), step())), "digits-rollout")
    gate, judge = found["States"]["Gate"], found["States"]["JudgeStatus"]
    assert gate["Resource"].endswith(":states:::lambda:invoke.waitForTaskToken")
    assert gate["Parameters"]["Payload"] == {"state.$": "$", "token.$": "$$.Task.Token"}
    assert gate["TimeoutSeconds"] == DAY // 400
    assert gate["Next"] == "Judge"
    assert gate["Catch"][0]["ErrorEquals"] == ["States.Timeout"]
    assert gate["Catch"][0]["Next"] == "Judge"
    assert gate["Catch"][1]["Next"] == "StartRollbackOnError"
    assert {"Variable": "$.status", "StringEquals": "GATED", "Next": "Gate"} in judge["Choices"]
    assert not any("States.Timeout" in retrier["ErrorEquals"] for retrier in gate["Retry"])


def test_the_machine_may_last_as_long_as_its_gates_hooks_and_holds(
    rollout: Callable[[RolloutPlan], dict[str, Any]],
) -> None:
    of = plan(step(10, gate=Gate.manual(max_wait_seconds=DAY), after=ARN), step())
    seconds = machine(rollout(of), "digits-rollout")["TimeoutSeconds"]
    assert seconds == of.max_seconds + DAY + 3_600 + 6 * 3_600 + 72 * 3_600


@pytest.mark.parametrize(("first", "following"), [(None, "Shift"), (ARN, "Hook")])
def test_a_hook_before_the_first_step_comes_before_any_traffic(
    first: str | None, following: str, rollout: Callable[[RolloutPlan], dict[str, Any]]
) -> None:
    states = machine(rollout(plan(step(10, before=first), step(after=ARN))), "digits-rollout")["States"]
    prepared = [one["Next"] for one in states["PrepareStatus"]["Choices"] if one["StringEquals"] == "DONE"]
    assert prepared == [following]
    routes = {one["StringEquals"]: one["Next"] for one in states["HookStatus"]["Choices"]}
    waits = {"WAIT": "HookWait", "SHIFT": "Shift"} if first else {}
    assert routes == {**waits, "CONTINUE": "JudgeWait", "DONE": "Judge"}
    assert states["HookStatus"]["Default"] == "StartRollback"
    assert ("HookWait" in states) == (first is not None)


def test_functions_of_users_may_be_called_by_gate_and_hook_only_and_no_others(
    rollout: Callable[[RolloutPlan], dict[str, Any]],
) -> None:
    warm = ARN.replace("approve", "warm-up")
    template = rollout(plan(step(10, gate=Gate.webhook(ARN), before=warm), step(after=warm)))
    found = {
        one["Sid"]: one["Resource"]
        for one in statements(template)
        if one["Action"] == "lambda:InvokeFunction" and one["Sid"] != "InvokeHandlers"
    }
    assert found == {"AskGates": ARN, "CallHooks": warm}


def test_the_function_for_operators_has_a_name_of_its_own(
    rollout: Callable[[RolloutPlan], dict[str, Any]],
) -> None:
    assert handlers(rollout(plan(step())))["operate"]["FunctionName"] == "digits-operate"


def test_the_handlers_read_the_plan_as_it_was_written() -> None:
    written = plan(step(10, gate=Gate.webhook(ARN, on_timeout="needs_human"), before=ARN), step(after=ARN))
    read = Plan.from_json(written.to_json())
    assert read.steps[0].gate == StepGate(max_wait_seconds=DAY, on_timeout="needs_human", function_arn=ARN)
    assert [(one.before, one.after) for one in read.steps] == [(ARN, ""), ("", ARN)]
    assert "gate" not in json.loads(written.to_json())["steps"][1]
    assert read.longest_seconds == written.max_seconds + DAY + 2 * 3_600 + 4 * 3_600


@pytest.mark.parametrize(
    ("hours", "bucket_seconds", "look"), [(1, 60, 60), (1, 300, 300), (24, 60, 216), (14 * 24, 60, 3_024)]
)
def test_the_judge_looks_as_often_as_the_history_allows(hours: int, bucket_seconds: int, look: int) -> None:
    waits = PlanWaits.of([step(gate=Gate.manual(max_wait_seconds=hours * 3_600))])
    assert waits.gate_look_seconds(bucket_seconds) == look


def handlers(template: dict[str, Any]) -> dict[str, Any]:
    functions = [
        one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::Lambda::Function"
    ]
    return {one["Handler"].split(".")[0]: one for one in functions}


def statements(template: dict[str, Any]) -> list[dict[str, Any]]:
    policies = [one for one in template["Resources"].values() if one["Type"] == "AWS::IAM::ManagedPolicy"]
    return [each for one in policies for each in one["Properties"]["PolicyDocument"]["Statement"]]
