"""The functions of a `Rollout` that a hosting stack calls by name: an export would tie the two together."""

from typing import Final

from aws_cdk import Stack
from constructs import Construct

from tidegate._targets import Place

SERVICE_TIMEOUT_SECONDS: Final = 600
"""How long CloudFormation waits for an answer.

Lambda delivers a request that failed twice again, within about six minutes; no delivery may come after
CloudFormation has gone on.
"""


def function_name(endpoint_name: str, folder: str) -> str:
    """Return the fixed name of the function in `folder`."""
    return f"{endpoint_name}-{folder}"


def function_arn(scope: Construct, endpoint_name: str, folder: str) -> str:
    """Return the ARN of the function in `folder`, in the place of the stack of `scope`."""
    name = function_name(endpoint_name, folder)
    return Place.of(Stack.of(scope)).arn("lambda", f"function:{name}")
