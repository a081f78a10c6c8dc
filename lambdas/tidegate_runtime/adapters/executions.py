"""The `Executions` port on Step Functions."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated
from tidegate_runtime.ports import Execution

_CAUSE_CHARACTERS = 32_000


class StateMachines:
    """Executions found by the machine's ARN and their own name."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def start(self, machine_arn: str, *, name: str, document: Mapping[str, Any]) -> bool:
        """Start an execution; False when one of that name exists already."""
        text = json.dumps(document, sort_keys=True)
        with translated():
            try:
                self._client.start_execution(stateMachineArn=machine_arn, name=name, input=text)
            except ClientError as error:
                if code_of(error) != "ExecutionAlreadyExists":
                    raise
                return False
        return True

    def describe(self, machine_arn: str, *, name: str) -> Execution | None:
        """Return an execution, or None when there is none of that name."""
        with translated():
            try:
                answer = self._client.describe_execution(executionArn=execution_arn(machine_arn, name=name))
            except ClientError as error:
                if code_of(error) != "ExecutionDoesNotExist":
                    raise
                return None
        return Execution(status=answer["status"], output=json.loads(answer.get("output") or "{}"))

    def stop(self, machine_arn: str, *, name: str, reason: str) -> None:
        """Stop an execution; one that is over or never was is left alone."""
        with translated():
            try:
                self._client.stop_execution(
                    executionArn=execution_arn(machine_arn, name=name),
                    error="RolledBack",
                    cause=reason[:_CAUSE_CHARACTERS],
                )
            except ClientError as error:
                if code_of(error) != "ExecutionDoesNotExist":
                    raise

    def running(self, machine_arn: str) -> Sequence[str]:
        """Return the names of up to 100 running executions."""
        with translated():
            answer = self._client.list_executions(
                stateMachineArn=machine_arn, statusFilter="RUNNING", maxResults=100
            )
        return [execution["name"] for execution in answer["executions"]]


def execution_arn(machine_arn: str, *, name: str) -> str:
    """Return the ARN of an execution of a standard state machine."""
    return f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
