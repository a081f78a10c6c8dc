"""Find everything about a service's rollouts from the outputs of its controller stack."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from botocore.exceptions import ClientError

from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.session import Aws, error_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """The controller of one service in one environment.

    Attributes:
        stack: Name of the controller stack.
        endpoint: Name of the endpoint.
        pointer: Name of the SSM parameter that holds the live model package version.
        hosting_stack: Name of the stack that owns the endpoint.
        ledger: Name of the DynamoDB table.
        rollout_machine: ARN of the rollout state machine.
        rollback_machine: ARN of the rollback state machine.

    """

    stack: str
    endpoint: str
    pointer: str
    hosting_stack: str
    ledger: str
    rollout_machine: str
    rollback_machine: str

    @classmethod
    def find(cls, aws: Aws, *, service: str, environment: str) -> Self:
        """Read the outputs of `{service}-{environment}-controller`.

        Raises:
            CliError: NO_STACK when there is no such stack, or it lacks an output.

        """
        return cls._of_stack(aws, f"{service}-{environment}-controller")

    @classmethod
    def of_endpoint(cls, aws: Aws, endpoint: str) -> Self | None:
        """Read the outputs of `{endpoint}-controller`; None when the endpoint has no controller.

        Raises:
            CliError: NO_STACK when the stack lacks an output.

        """
        if find_outputs(aws, f"{endpoint}-controller") is None:
            return None
        return cls._of_stack(aws, f"{endpoint}-controller")

    @classmethod
    def _of_stack(cls, aws: Aws, stack: str) -> Self:
        outputs = stack_outputs(aws, stack)
        try:
            return cls(
                stack=stack,
                endpoint=outputs["EndpointName"],
                pointer=outputs["PointerParameter"],
                hosting_stack=outputs["HostingStack"],
                ledger=outputs["LedgerTable"],
                rollout_machine=outputs["RolloutStateMachine"],
                rollback_machine=outputs["RollbackStateMachine"],
            )
        except KeyError as missing:
            raise CliError(
                f"stack {stack} has no output {missing}: deploy it again", ExitCode.NO_STACK
            ) from missing


def stack_outputs(aws: Aws, stack: str) -> dict[str, str]:
    """Return a stack's outputs by key.

    Raises:
        CliError: NO_STACK when there is no such stack in this account and region.

    """
    outputs = find_outputs(aws, stack)
    if outputs is None:
        raise CliError(
            f"no stack {stack} in this account and region: check the options",
            ExitCode.NO_STACK,
        )
    return outputs


def find_outputs(aws: Aws, stack: str) -> dict[str, str] | None:
    """Return a stack's outputs by key; None when there is no such stack in this account and region."""
    try:
        found = aws.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error_code(error) != "ValidationError":
            raise
        return None
    return {o.get("OutputKey", ""): o.get("OutputValue", "") for o in found[0].get("Outputs", [])}


def find_plan(aws: Aws, stack: str) -> Mapping[str, Any] | None:
    """Return the rollout plan that the controller's functions carry, or None when it cannot be read.

    An operator's role may lack `lambda:GetFunctionConfiguration`; status then goes without times.
    """
    try:
        pages = aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        for resource in (r for page in pages for r in page["StackResourceSummaries"]):
            if resource["ResourceType"] == "AWS::Lambda::Function":
                plan = _plan_of(aws, resource.get("PhysicalResourceId", ""))
                if plan is not None:
                    return plan
    except ClientError:
        return None
    return None


def _plan_of(aws: Aws, function: str) -> Mapping[str, Any] | None:
    configuration = aws.functions.get_function_configuration(FunctionName=function)
    text = configuration.get("Environment", {}).get("Variables", {}).get("PLAN")
    if text is None:
        return None
    plan: Mapping[str, Any] = json.loads(text)
    return plan
