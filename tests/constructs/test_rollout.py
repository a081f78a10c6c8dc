from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from tidegate import (
    ArtifactBucket,
    HostingAttach,
    HostingGuard,
    InstanceVariant,
    ModelRegistry,
    RealTimeEndpoint,
    Rollout,
    RolloutPlan,
)

Render = Callable[[], Template]


@pytest.fixture
def fields(role: iam.IRole) -> dict[str, Any]:
    return {
        "endpoint_name": "digits",
        "model_package_group_name": "digits",
        "pointer_parameter": "/digits/live",
        "hosting_stack_name": "digits-hosting",
        "execution_role": role,
        "artifact_buckets": [],
        "plan": RolloutPlan.canary(),
    }


def test_a_rollout_works_without_our_stacks(stack: Stack, fields: dict[str, Any], template: Render) -> None:
    Rollout(stack, "Rollout", **fields)
    rendered = template()
    rendered.resource_count_is("AWS::Lambda::Function", 12)
    rendered.resource_count_is("AWS::StepFunctions::StateMachine", 2)
    rendered.resource_count_is("AWS::DynamoDB::Table", 1)


def test_a_given_ledger_is_used(stack: Stack, fields: dict[str, Any], template: Render) -> None:
    table = dynamodb.Table.from_table_name(stack, "Given", "shared-ledger")
    rollout = Rollout(stack, "Rollout", ledger=table, **fields)
    assert rollout.ledger.table_name == "shared-ledger"
    template().resource_count_is("AWS::DynamoDB::Table", 0)


def test_without_buckets_nothing_may_read_s3(stack: Stack, fields: dict[str, Any], template: Render) -> None:
    Rollout(stack, "Rollout", **fields)
    assert "s3:GetObject" not in str(template().find_resources("AWS::IAM::ManagedPolicy"))


def test_the_rollout_of_an_endpoint_in_capitals_may_touch_it(
    stack: Stack, fields: dict[str, Any], template: Render
) -> None:
    Rollout(stack, "Rollout", **{**fields, "endpoint_name": "Digits"})
    policies = str(template().find_resources("AWS::IAM::ManagedPolicy"))
    assert ":endpoint/digits" in policies
    assert ":endpoint/Digits" in policies


def test_the_guard_and_its_function_agree_on_the_name(
    stack: Stack,
    fields: dict[str, Any],
    variant: Callable[..., InstanceVariant],
    template: Render,
) -> None:
    Rollout(stack, "Rollout", **fields)
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[variant()], endpoint_name="digits")
    HostingGuard(stack, "Guard", endpoint_name="digits", endpoint=endpoint, model_package="arn:x")
    rendered = template()
    rendered.has_resource_properties("AWS::Lambda::Function", {"FunctionName": "digits-guard"})
    (guard,) = rendered.find_resources("Custom::TidegateGuard").values()
    assert guard["Properties"]["ServiceToken"]["Fn::Join"][1][-1].endswith(":function:digits-guard")


def test_the_attachment_and_its_function_agree_on_the_name(
    stack: Stack,
    fields: dict[str, Any],
    variant: Callable[..., InstanceVariant],
    template: Render,
) -> None:
    rollout = Rollout(stack, "Rollout", **fields)
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[variant()], endpoint_name="digits")
    HostingAttach(stack, "Attach", endpoint_name="digits", endpoint=endpoint)
    (attach,) = template().find_resources("Custom::TidegateAttach").values()
    assert attach["Properties"]["ServiceToken"]["Fn::Join"][1][-1].endswith(":function:digits-attach")
    logical_id = stack.resolve(rollout.attach_function_arn)["Fn::GetAtt"][0]
    function = template().to_json()["Resources"][logical_id]["Properties"]
    assert function["FunctionName"] == "digits-attach"


def test_events_that_come_to_nothing_are_kept_and_raise_an_alarm(
    stack: Stack, fields: dict[str, Any], template: Render
) -> None:
    Rollout(stack, "Rollout", **fields)
    rendered = template()
    ((queue, kept),) = rendered.find_resources("AWS::SQS::Queue").items()
    assert kept["Properties"] == {"SqsManagedSseEnabled": True, "MessageRetentionPeriod": 14 * 24 * 3600}
    arn = {"Fn::GetAtt": [queue, "Arn"]}
    functions = rendered.find_resources("AWS::Lambda::Function").values()
    letters = {
        function["Properties"]["Handler"].split(".")[0]: function["Properties"].get("DeadLetterConfig")
        for function in functions
    }
    assert {name for name, found in letters.items() if found == {"TargetArn": arn}} == {
        "start_on_approval",
        "watchdog",
    }
    rendered.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmName": "digits-lost-events",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}],
            "Threshold": 1,
            "TreatMissingData": "notBreaching",
        },
    )
    rules = rendered.find_resources("AWS::Events::Rule").values()
    targets = [rule["Properties"]["Targets"][0] for rule in rules if "EventPattern" in rule["Properties"]]
    assert [target["DeadLetterConfig"] for target in targets] == [{"Arn": arn}] * 3


def test_only_functions_called_by_events_may_write_to_the_queue(
    stack: Stack, fields: dict[str, Any], template: Render
) -> None:
    Rollout(stack, "Rollout", **fields)
    policies = template().find_resources("AWS::IAM::ManagedPolicy")
    keepers = sorted(name for name, policy in policies.items() if "sqs:SendMessage" in str(policy))
    assert [name.removeprefix("Rollout")[:8] for name in keepers] == ["StartOnA", "Watchdog"]


def test_rejects_names_that_do_not_fit(stack: Stack, fields: dict[str, Any]) -> None:
    wrong = {"endpoint_name": "x" * 47, "model_package_group_name": "a b", "pointer_parameter": "live"}
    with pytest.raises(ValueError, match=r"at most 46.*got 47.*'a b'.*pointer_parameter must start with /"):
        Rollout(stack, "Rollout", **{**fields, **wrong})


def test_rejects_a_registry_without_a_proper_name(stack: Stack) -> None:
    with pytest.raises(ValueError, match=r"group_name must be letters, digits and inner hyphens, got 'a_b'"):
        ModelRegistry(stack, "Registry", group_name="a_b")


def test_access_to_the_artifacts_is_logged_in_any_app(stack: Stack, template: Render) -> None:
    ArtifactBucket(stack, "Artifacts")
    rendered = template()
    rendered.resource_count_is("AWS::S3::Bucket", 2)
    logged = [
        found
        for found in rendered.find_resources("AWS::S3::Bucket").values()
        if "LoggingConfiguration" in found["Properties"]
    ]
    assert len(logged) == 1
