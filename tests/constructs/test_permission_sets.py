"""Each set allows what its people need; the denies hold for all of them, and for nobody else."""

import json
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Template

from tidegate import (
    ApprovalAction,
    GuardedEndpoint,
    GuardedPipelines,
    IdentityCenterSets,
    PermissionSets,
)

DIGITS = GuardedEndpoint(
    endpoint_name="digits-production", pointer_parameter="/tidegate/production/digits/live"
)
PIPELINES = GuardedPipelines(
    account="444455556666",
    region="eu-west-1",
    names=("tidegate",),
    approvals=(ApprovalAction(pipeline="tidegate", stage="Approve-production", action="Approve-production"),),
)
INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
Statements = list[dict[str, Any]]


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "people", env=Environment(account="111122223333", region="us-east-1"))


def _policies(stack: Stack) -> dict[str, Statements]:
    found = Template.from_stack(stack).find_resources("AWS::IAM::ManagedPolicy").values()
    return {
        each["Properties"]["ManagedPolicyName"]: each["Properties"]["PolicyDocument"]["Statement"]
        for each in found
    }


def _of(statements: Statements, effect: str, action: str) -> Statements:
    return [each for each in statements if each["Effect"] == effect and action in _listed(each["Action"])]


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@pytest.fixture
def policies(stack: Stack) -> dict[str, Statements]:
    PermissionSets(stack, "People", name="t-production", endpoints=[DIGITS], pipelines=PIPELINES)
    return _policies(stack)


def test_only_the_approver_may_set_a_status_and_only_to_a_verdict(policies: dict[str, Statements]) -> None:
    verdicts = {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]}
    (allowed,) = _of(policies["t-production-approver"], "Allow", "sagemaker:UpdateModelPackage")
    assert allowed["Condition"] == {"StringEquals": verdicts}
    assert allowed["Resource"] == "arn:aws:sagemaker:us-east-1:111122223333:model-package/digits-production/*"
    (denied,) = _of(policies["t-production-approver"], "Deny", "sagemaker:UpdateModelPackage")
    assert denied["Condition"] == {"StringNotEquals": verdicts}
    for which in ("deployer", "operator", "reader"):
        statements = policies[f"t-production-{which}"]
        assert _of(statements, "Allow", "sagemaker:UpdateModelPackage") == []
        (denied,) = _of(statements, "Deny", "sagemaker:UpdateModelPackage")
        assert "Condition" not in denied
        assert "codepipeline:PutApprovalResult" in denied["Action"]


def test_the_approver_answers_exactly_the_approvals_that_are_named(policies: dict[str, Statements]) -> None:
    (allowed,) = _of(policies["t-production-approver"], "Allow", "codepipeline:PutApprovalResult")
    assert allowed["Resource"] == (
        "arn:aws:codepipeline:eu-west-1:444455556666:tidegate/Approve-production/Approve-production"
    )


def test_the_deployer_starts_and_retries_and_nobody_else(policies: dict[str, Statements]) -> None:
    for name, statements in policies.items():
        for action in ("codepipeline:StartPipelineExecution", "codepipeline:RetryStageExecution"):
            assert bool(_of(statements, "Allow", action)) == name.endswith("-deployer")


def test_the_operator_steers_by_one_function_and_one_machine(policies: dict[str, Statements]) -> None:
    for name, statements in policies.items():
        steers = [
            resource
            for action in ("lambda:InvokeFunction", "states:StartExecution")
            for each in _of(statements, "Allow", action)
            for resource in _listed(each["Resource"])
        ]
        expected = [
            "arn:aws:lambda:us-east-1:111122223333:function:digits-production-operate",
            "arn:aws:states:us-east-1:111122223333:stateMachine:digits-production-rollback",
        ]
        assert steers == (expected if name.endswith("-operator") else [])


@pytest.mark.parametrize(
    "action",
    [
        "sagemaker:UpdateEndpoint",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        "sagemaker:DeleteEndpoint",
        "sagemaker:CreateModelPackage",
        "ssm:PutParameter",
        "dynamodb:PutItem",
        "cloudformation:UpdateStack",
        "cloudformation:ExecuteChangeSet",
        "states:StopExecution",
        "lambda:UpdateFunctionCode",
        "codepipeline:UpdatePipeline",
        "sts:AssumeRole",
    ],
)
def test_nobody_may_do_by_hand_what_pipeline_and_controller_do(
    policies: dict[str, Statements], action: str
) -> None:
    assert len(_of(policies["t-production-fence"], "Deny", action)) == 1
    for statements in policies.values():
        assert _of(statements, "Allow", action) == []


def test_no_set_allows_to_write_but_by_what_it_is_for(policies: dict[str, Statements]) -> None:
    reads = ("Describe", "Get", "List", "Query")
    writes = {
        name: {
            action
            for each in statements
            if each["Effect"] == "Allow"
            for action in _listed(each["Action"])
            if not action.split(":")[1].startswith(reads)
        }
        for name, statements in policies.items()
    }
    assert writes == {
        "t-production-approver": {"sagemaker:UpdateModelPackage", "codepipeline:PutApprovalResult"},
        "t-production-deployer": {"codepipeline:StartPipelineExecution", "codepipeline:RetryStageExecution"},
        "t-production-operator": {"lambda:InvokeFunction", "states:StartExecution"},
        "t-production-reader": set(),
        "t-production-fence": set(),
    }


def test_where_only_pipelines_are_nothing_is_said_about_endpoints(stack: Stack) -> None:
    PermissionSets(stack, "People", name="t-production", pipelines=PIPELINES)
    fence = _policies(stack)["t-production-fence"]
    assert _of(fence, "Deny", "sagemaker:UpdateEndpoint") == []
    assert _of(fence, "Deny", "codepipeline:UpdatePipeline")


def test_identity_center_gets_a_set_for_each_policy(stack: Stack) -> None:
    people = PermissionSets(stack, "People", name="t-production", endpoints=[DIGITS])
    IdentityCenterSets(stack, "Sets", instance_arn=INSTANCE, policy_names=people.policy_names)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::SSO::PermissionSet", 4)
    template.has_resource_properties(
        "AWS::SSO::PermissionSet",
        {
            "InstanceArn": INSTANCE,
            "Name": "t-production-approver",
            "CustomerManagedPolicyReferences": [
                {"Name": "t-production-approver", "Path": "/"},
                {"Name": "t-production-fence", "Path": "/"},
            ],
        },
    )


def test_a_pattern_covers_every_service_of_an_environment_with_room_to_spare(stack: Stack) -> None:
    every = GuardedEndpoint(
        endpoint_name="*-production", pointer_parameter="/tidegate/production/*/live-model-package"
    )
    PermissionSets(stack, "People", name="t-production", endpoints=[every], pipelines=PIPELINES)
    lengths = {
        name: len("".join(json.dumps(statements).split())) for name, statements in _policies(stack).items()
    }
    assert max(lengths.values()) < 4_500, lengths


def test_rejects_nothing_to_guard_and_a_name_that_iam_does_not_know(stack: Stack) -> None:
    with pytest.raises(ValueError, match=r"name must be letters.*got 'a b'; .*nothing to guard"):
        PermissionSets(stack, "People", name="a b")


def test_rejects_more_endpoints_than_a_policy_has_room_for(stack: Stack) -> None:
    many = [
        GuardedEndpoint(endpoint_name=f"digits-{number}-production", pointer_parameter=f"/p/{number}")
        for number in range(60)
    ]
    with pytest.raises(ValueError, match="for 60 endpoints: name them by a pattern"):
        PermissionSets(stack, "People", name="t-production", endpoints=many)


def test_rejects_a_set_whose_name_is_too_long_and_an_arn_of_no_instance(stack: Stack) -> None:
    with pytest.raises(ValueError, match="at most 32 characters"):
        IdentityCenterSets(stack, "A", instance_arn=INSTANCE, policy_names={"reader": ["r" * 33]})
    with pytest.raises(ValueError, match="instance_arn must be"):
        IdentityCenterSets(stack, "B", instance_arn="arn:aws:iam::1:role/x", policy_names={"reader": ["r"]})
