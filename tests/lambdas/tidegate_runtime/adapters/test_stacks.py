"""The hosting stack: its configuration, its update, its refusals."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from tidegate_runtime import errors
from tidegate_runtime.adapters.stacks import HostingStack
from tidegate_runtime.ports import StackView

Stubbed = Callable[[str], tuple[Any, Stubber]]

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:digits-rollout"
PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/2"


def stack_answer(**changes: Any) -> dict[str, Any]:
    usual = {
        "StackName": "hosting",
        "CreationTime": NOW,
        "StackStatus": "UPDATE_COMPLETE",
        "Outputs": [
            {"OutputKey": "EndpointConfigName", "OutputValue": "Config-AbC"},
            {"OutputKey": "ModelPackage", "OutputValue": PACKAGE},
        ],
        "Parameters": [{"ParameterKey": "Pointer", "ParameterValue": "/p", "ResolvedValue": PACKAGE}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    }
    return {"Stacks": [usual | changes]}


def resources(name: str) -> dict[str, Any]:
    resource = {
        "LogicalResourceId": "Config",
        "PhysicalResourceId": name,
        "ResourceType": "AWS::SageMaker::EndpointConfig",
        "ResourceStatus": "UPDATE_COMPLETE",
        "Timestamp": NOW,
    }
    return {"StackResources": [resource]}


@pytest.mark.parametrize(
    ("physical_id", "name"),
    [
        ("arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/config-abc", "Config-AbC"),
        ("Config-AbC", "Config-AbC"),
        ("Config-New", "Config-New"),
    ],
)
def test_the_stacks_configuration_is_named_as_the_endpoint_names_it(
    stubbed: Stubbed, physical_id: str, name: str
) -> None:
    client, stubber = stubbed("cloudformation")
    stubber.add_response("describe_stacks", stack_answer())
    stubber.add_response("describe_stack_resources", resources(physical_id))
    view = HostingStack(client, name="hosting").describe()
    assert view == StackView(status="UPDATE_COMPLETE", config_name=name, package_arn=PACKAGE)


def test_the_commit_that_a_stack_was_deployed_from_is_told_by_its_output(stubbed: Stubbed) -> None:
    client, stubber = stubbed("cloudformation")
    stubber.add_response(
        "describe_stacks", stack_answer(Outputs=[{"OutputKey": "Commit", "OutputValue": "1a2b3c"}])
    )
    stubber.add_response("describe_stack_resources", resources("Config-AbC"))
    view = HostingStack(client, name="hosting").describe()
    assert view is not None
    assert view.commit == "1a2b3c"


def test_a_stack_update_keeps_template_parameters_and_capabilities(stubbed: Stubbed) -> None:
    client, stubber = stubbed("cloudformation")
    stubber.add_response("describe_stacks", stack_answer())
    expected = {
        "StackName": "hosting",
        "UsePreviousTemplate": True,
        "Parameters": [{"ParameterKey": "Pointer", "UsePreviousValue": True}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "ClientRequestToken": "promote-v2",
    }
    stubber.add_response("update_stack", {"StackId": "id"}, expected)
    HostingStack(client, name="hosting").update(token="promote-v2")


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        ("ValidationError", "No updates are to be performed.", errors.NothingToUpdate),
        ("ValidationError", "is in UPDATE_IN_PROGRESS state and can not be updated.", errors.Transient),
        ("ValidationError", "Template error", errors.Rejected),
        ("TokenAlreadyExistsException", "exists", None),
    ],
)
def test_a_refusal_of_cloudformation_gets_its_name(
    stubbed: Stubbed, code: str, message: str, error: type[Exception] | None
) -> None:
    client, stubber = stubbed("cloudformation")
    stubber.add_response("describe_stacks", stack_answer())
    stubber.add_client_error("update_stack", code, message)
    stack = HostingStack(client, name="hosting")
    if error is None:
        stack.update(token="t")
        return
    with pytest.raises(error):
        stack.update(token="t")


def test_a_stack_that_does_not_exist_is_none(stubbed: Stubbed) -> None:
    client, stubber = stubbed("cloudformation")
    stubber.add_client_error("describe_stacks", "ValidationError", "Stack with id hosting does not exist")
    assert HostingStack(client, name="hosting").describe() is None
