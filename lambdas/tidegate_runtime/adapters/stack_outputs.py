"""The `Outputs` port on CloudFormation."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import message_of, translated


class StackOutputs:
    """Outputs of the stacks of one account and region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def of(self, stack_name: str) -> Mapping[str, str]:
        """Return a stack's outputs by their names; empty when there is no such stack."""
        with translated():
            try:
                answer = self._client.describe_stacks(StackName=stack_name)
            except ClientError as error:
                if "does not exist" not in message_of(error):
                    raise
                return {}
        stacks = answer["Stacks"] or [{}]
        return {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", ())}
