"""The `Tasks` port on Step Functions."""

from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_runtime.adapters.aws import code_of, translated

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
_OVER: Final = ("TaskDoesNotExist", "TaskTimedOut", "InvalidToken")


class WaitingTasks:
    """Tasks found by their tokens."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def answer(self, token: str) -> bool:
        """End the wait of a task; False when it has timed out, was answered before, or never was."""
        with translated():
            try:
                self._client.send_task_success(taskToken=token, output="{}")
            except ClientError as error:
                if code_of(error) not in _OVER:
                    raise
                return False
        return True
