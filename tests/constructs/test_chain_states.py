"""A plan that is too long for one execution gets a machine that starts the next one, and others do not."""

import json
from typing import Any

from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from tidegate import Bake, Rollout, RolloutPlan
from tidegate._rollout_machine import ROLLOUT_HANDLERS, rollout_definition
from tidegate.rollout_plan import LOOKS_PER_EXECUTION
from tidegate_runtime import plan as runtime

ROLLOUT = {name: f"arn:{name}" for name in ROLLOUT_HANDLERS}
LONG = 20 * 24 * 3600


def definition(chained_arn: str | None) -> Any:
    return rollout_definition(
        ROLLOUT,
        rollback_arn="arn:back",
        start_execution="arn:start",
        bakes_seconds=600,
        chained_arn=chained_arn,
    )


def long_plan() -> RolloutPlan:
    plan = RolloutPlan.canary(percent=5)
    watch = Bake(min_bake_seconds=600, max_bake_seconds=LONG, min_requests=1)
    return RolloutPlan(steps=plan.steps, watch=watch, signals=plan.signals)


def test_a_chain_ends_without_an_outcome_of_its_own_and_takes_up_waiting() -> None:
    states = definition("arn:out")["States"]
    assert definition("arn:out")["StartAt"] == "Begin"
    assert [choice["Next"] for choice in states["Begin"]["Choices"]] == ["WatchWait", "JudgeWait"]
    assert states["Begin"]["Default"] == "FirstVersion"
    assert states["Chain"]["Parameters"]["StateMachineArn"] == "arn:out"
    assert states["Chained"] == {
        "Type": "Pass",
        "Result": "CHAINED",
        "ResultPath": "$.outcome",
        "Next": "Ended",
    }


def test_a_next_execution_that_exists_ends_this_one_and_any_other_error_rolls_back() -> None:
    exists, other = definition("arn:out")["States"]["Chain"]["Catch"]
    assert (exists["ErrorEquals"], exists["Next"]) == (
        ["StepFunctions.ExecutionAlreadyExistsException"],
        "Chained",
    )
    assert (other["ErrorEquals"], other["Next"]) == (["States.ALL"], "StartRollbackOnError")


def test_a_plan_that_fits_one_execution_pays_for_no_further_state() -> None:
    assert definition(None)["StartAt"] == "FirstVersion"
    assert not {"Begin", "Chain", "Chained"} & set(definition(None)["States"])


def test_the_time_out_fits_one_execution_and_the_lease_the_whole_rollout() -> None:
    plan = long_plan()
    assert plan.may_chain
    assert plan.execution_seconds == LOOKS_PER_EXECUTION * 120 < plan.max_seconds
    handlers = runtime.Plan.from_json(plan.to_json())
    assert handlers.may_chain
    assert handlers.longest_seconds > plan.max_seconds


def test_handlers_and_machine_agree_on_what_one_execution_holds() -> None:
    assert LOOKS_PER_EXECUTION == runtime.LOOKS_PER_EXECUTION


def test_the_machine_of_a_long_plan_may_start_itself_and_that_of_a_short_one_may_not() -> None:
    assert [_starts(plan) for plan in (RolloutPlan.canary(percent=5), long_plan())] == [1, 2]


def _starts(plan: RolloutPlan) -> int:
    stack = Stack(App(), "stack")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    Rollout(
        stack,
        "Rollout",
        endpoint_name="digits",
        model_package_group_name="digits",
        pointer_parameter="/digits/live",
        hosting_stack_name="digits-hosting",
        execution_role=role,
        artifact_buckets=[],
        plan=plan,
    )
    policies = Template.from_stack(stack).find_resources("AWS::IAM::ManagedPolicy").values()
    (statement,) = [
        statement
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement.get("Sid") == "StartMachines"
    ]
    found = statement["Resource"]
    assert "rollout" in json.dumps(found) or not plan.may_chain
    return len(found) if isinstance(found, list) else 1
