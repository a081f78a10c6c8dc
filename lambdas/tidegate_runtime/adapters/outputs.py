"""Outputs of CloudFormation stacks."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import message_of, translated


class StackOutputs:
    """Stacks of one account and region, found by their names."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def of(self, stack_name: str) -> Mapping[str, str]:
        """Return a stack's outputs by their names; empty when there is no such stack."""
        with translated():
            try:
                stacks = self._client.describe_stacks(StackName=stack_name)["Stacks"]
            except ClientError as error:
                if "does not exist" not in message_of(error):
                    raise
                return {}
        return {one["OutputKey"]: one["OutputValue"] for stack in stacks for one in stack.get("Outputs", ())}
