"""The calls of a rollback in a form that changes nothing: what is sent, and how the answers are read."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.stub import Stubber

from tests.lambdas.test_handlers import ENVIRONMENT
from tidegate_runtime.adapters.authority import NOBODY, RollbackAuthority
from tidegate_runtime.errors import Rejected, Transient
from tidegate_runtime.settings import Settings

Stubbed = Callable[[str], tuple[Any, Stubber]]
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:digits-rehearsal-rollout"
PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits-rehearsal/1"
CONFIG = "Config-AbCdEfGhIjKl"
ENDPOINT, STACK, POINTER = (
    ENVIRONMENT[name] for name in ("ENDPOINT_NAME", "HOSTING_STACK", "POINTER_PARAMETER")
)
SETTINGS = Settings.from_env({**ENVIRONMENT, "ROLLOUT_STATE_MACHINE": MACHINE})

# Service, operation, action, request, and how AWS refuses it.
PROBES: tuple[tuple[str, str, str, Mapping[str, Any], str], ...] = (
    (
        "sagemaker",
        "update_endpoint_weights_and_capacities",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        {
            "EndpointName": ENDPOINT,
            "DesiredWeightsAndCapacities": [{"VariantName": NOBODY, "DesiredWeight": 0.0}],
        },
        "ValidationException",
    ),
    (
        "sagemaker",
        "update_endpoint",
        "sagemaker:UpdateEndpoint",
        {"EndpointName": ENDPOINT, "EndpointConfigName": f"{CONFIG}-{NOBODY}"},
        "ValidationException",
    ),
    (
        "ssm",
        "put_parameter",
        "ssm:PutParameter",
        {"Name": POINTER, "Value": PACKAGE, "Type": "String", "Overwrite": False},
        "ParameterAlreadyExists",
    ),
    (
        "cloudformation",
        "update_stack",
        "cloudformation:UpdateStack",
        {
            "StackName": STACK,
            "UsePreviousTemplate": True,
            "Parameters": [{"ParameterKey": "TidegatePreflight", "ParameterValue": NOBODY}],
        },
        "ValidationError",
    ),
    (
        "stepfunctions",
        "stop_execution",
        "states:StopExecution",
        {"executionArn": f"{MACHINE.replace(':stateMachine:', ':execution:')}:{NOBODY}"},
        "ExecutionDoesNotExist",
    ),
)


def prepared(stubbed: Stubbed, codes: Mapping[str, str]) -> RollbackAuthority:
    """Return the adapter with AWS's answers: an error code by operation, where it differs from the usual."""
    clients = {name: stubbed(name) for name in ("sagemaker", "cloudformation", "ssm", "stepfunctions")}
    for service, operation in (
        ("sagemaker", "describe_endpoint"),
        ("cloudformation", "describe_stacks"),
        ("cloudformation", "describe_stack_resources"),
        ("ssm", "get_parameter"),
    ):
        clients[service][1].add_client_error(operation, codes.get(operation, "ValidationException"))
    for service, operation, _, request, usual in PROBES:
        code = codes.get(operation, usual)
        if code:
            clients[service][1].add_client_error(operation, code, expected_params=dict(request))
        else:
            clients[service][1].add_response(operation, {"EndpointArn": "a" * 20}, dict(request))
        if code in ("", "ThrottlingException"):
            break
    return RollbackAuthority(**{name: client for name, (client, _) in clients.items()}, settings=SETTINGS)


def test_what_is_refused_as_invalid_was_authorized(stubbed: Stubbed) -> None:
    authority = prepared(stubbed, {})
    assert authority.denied(package_arn=PACKAGE, config_name=CONFIG) == []


@pytest.mark.parametrize(("operation", "action"), [(one[1], one[2]) for one in PROBES])
@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_what_is_denied_is_named(stubbed: Stubbed, operation: str, action: str, code: str) -> None:
    authority = prepared(stubbed, {operation: code})
    assert authority.denied(package_arn=PACKAGE, config_name=CONFIG) == [action]


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("describe_endpoint", "sagemaker:DescribeEndpoint"),
        ("describe_stacks", "cloudformation:DescribeStacks"),
        ("describe_stack_resources", "cloudformation:DescribeStackResources"),
        ("get_parameter", "ssm:GetParameter"),
    ],
)
def test_what_a_rollback_reads_is_asked_for_as_well(stubbed: Stubbed, operation: str, action: str) -> None:
    authority = prepared(stubbed, {operation: "AccessDeniedException"})
    assert authority.denied(package_arn=PACKAGE, config_name=CONFIG) == [action]


def test_a_throttle_is_no_answer(stubbed: Stubbed) -> None:
    authority = prepared(stubbed, {"update_endpoint": "ThrottlingException"})
    with pytest.raises(Transient):
        authority.denied(package_arn=PACKAGE, config_name=CONFIG)


def test_rejects_that_what_cannot_be_carried_out_is_taken(stubbed: Stubbed) -> None:
    authority = prepared(stubbed, {"update_endpoint": ""})
    with pytest.raises(Rejected, match="sagemaker:UpdateEndpoint took a request"):
        authority.denied(package_arn=PACKAGE, config_name=CONFIG)
