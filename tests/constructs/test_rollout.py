from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
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
    ValidationGate,
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
    rendered.resource_count_is("AWS::Lambda::Function", 13)
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
    assert guard["Properties"]["ServiceToken"].endswith(":function:digits-guard")


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
    assert attach["Properties"]["ServiceToken"].endswith(":function:digits-attach")
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


def test_ends_are_told_to_a_topic_by_those_functions_that_end_rollouts(
    stack: Stack, fields: dict[str, Any], template: Render
) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:111122223333:key/1")
    told = sns.Topic.from_topic_attributes(
        stack, "Told", topic_arn="arn:aws:sns:eu-west-1:111122223333:on-call", key_arn=key.key_arn
    )
    Rollout(stack, "Rollout", notify=told, **fields)
    rendered = template()
    policies = rendered.find_resources("AWS::IAM::ManagedPolicy")
    for action in ("sns:Publish", "kms:GenerateDataKey", "events:PutEvents"):
        able = sorted(name for name, policy in policies.items() if action in str(policy))
        assert [name.removeprefix("Rollout")[:8] for name in able] == ["EndPolic", "StartOnA", "Watchdog"]
    for function in rendered.find_resources("AWS::Lambda::Function").values():
        variables = function["Properties"]["Environment"]["Variables"]
        assert variables["NOTIFY_TOPIC"] == "arn:aws:sns:eu-west-1:111122223333:on-call"
    lost = {"AlarmName": "digits-lost-events", "AlarmActions": [variables["NOTIFY_TOPIC"]]}
    rendered.has_resource_properties("AWS::CloudWatch::Alarm", lost)


def test_without_a_topic_nobody_may_publish(stack: Stack, fields: dict[str, Any], template: Render) -> None:
    Rollout(stack, "Rollout", **fields)
    rendered = str(template().to_json())
    assert "sns:Publish" not in rendered
    assert "NOTIFY_TOPIC" not in rendered


def test_rejects_a_topic_that_keeps_an_order(stack: Stack, fields: dict[str, Any]) -> None:
    told = sns.Topic(stack, "Told", fifo=True)
    with pytest.raises(ValueError, match=r"notify must not be a FIFO topic, got one"):
        Rollout(stack, "Rollout", notify=told, **fields)


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


def watchdog_of(rendered: Template) -> tuple[Any, list[Any]]:
    """Return the watchdog's environment, and the statements about gates that are in any policy."""
    functions = rendered.find_resources("AWS::Lambda::Function").values()
    (watchdog,) = [one for one in functions if one["Properties"]["Handler"] == "watchdog.handler.handle"]
    policies = rendered.find_resources("AWS::IAM::ManagedPolicy").values()
    statements = [one for each in policies for one in each["Properties"]["PolicyDocument"]["Statement"]]
    about_gates = [one for one in statements if one["Sid"] in ("ListAbandoned", "DeleteAbandoned")]
    return watchdog["Properties"]["Environment"]["Variables"], about_gates


def gate_by(way: Any) -> ValidationGate:
    rows = b"".join(b'{"input": [%d], "label": 1}\n' % number for number in range(20))
    return ValidationGate(
        data=rows, metric="accuracy", instance_type="ml.m5.large", by=way, at_least=0.9, max_minutes=90
    )


def test_the_watchdog_may_delete_what_a_gate_by_endpoint_leaves_and_no_other_endpoint(
    stack: Stack, fields: dict[str, Any], template: Render
) -> None:
    Rollout(stack, "Rollout", validation=gate_by("endpoint"), **fields)
    variables, (lists, deletes) = watchdog_of(template())
    assert variables["GATE_MINUTES"] == "90"
    assert (lists["Action"], lists["Resource"]) == ("sagemaker:ListEndpoints", "*")
    assert deletes["Action"] == [
        f"sagemaker:Delete{what}" for what in ("Endpoint", "EndpointConfig", "Model")
    ]
    assert deletes["Resource"] == [
        f"arn:aws:sagemaker:us-east-1:000000000000:{kind}/digits-validation-{'?' * 16}"
        for kind in ("endpoint", "endpoint-config", "model")
    ]


@pytest.mark.parametrize("gate", [None, gate_by("batch_transform")])
def test_without_a_gate_by_endpoint_the_watchdog_may_delete_no_endpoint(
    stack: Stack, fields: dict[str, Any], template: Render, gate: ValidationGate | None
) -> None:
    Rollout(stack, "Rollout", validation=gate, **fields)
    variables, about_gates = watchdog_of(template())
    assert "GATE_MINUTES" not in variables
    assert about_gates == []
    assert "sagemaker:DeleteEndpoint'" not in str(template().find_resources("AWS::IAM::ManagedPolicy"))


def test_rejects_a_rollout_of_an_endpoint_that_is_called_as_one_of_a_gate(
    stack: Stack, fields: dict[str, Any]
) -> None:
    named = {**fields, "endpoint_name": "digits-validation-00112233aabbccdd"}
    with pytest.raises(ValueError, match="endpoint_name must not end as a validation gate's"):
        Rollout(stack, "Rollout", **named)
