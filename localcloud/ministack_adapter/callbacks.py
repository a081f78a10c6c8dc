"""Tasks that wait for an answer with their token, as Step Functions has them.

ministack waits in real seconds, swallows the error of a function that was to hand the token on, and goes on
waiting when the execution is over. Sources:
https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token and
https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
"""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from ministack.services import stepfunctions

from localcloud.errors import NotEmulated
from localcloud.ministack_adapter import current_execution

_INVOKE: Final = "arn:aws:states:::lambda:invoke.waitForTaskToken"
_LONGEST_SECONDS: Final = 99_999_999
_POLL_SECONDS: Final = 0.05


def install(*, scale: float) -> None:
    """Let tasks `lambda:invoke.waitForTaskToken` wait in cloud seconds.

    Args:
        scale: cloud seconds in a real second.

    """

    def invoke(resource: str, request: Mapping[str, Any], token: str, state: Mapping[str, Any]) -> Any:
        if resource != _INVOKE:
            raise _failure("States.Runtime", str(NotEmulated(f"Step Functions {resource}")))
        deadline = time.monotonic() + float(state.get("TimeoutSeconds", _LONGEST_SECONDS)) / scale
        answered = threading.Event()
        stepfunctions._task_tokens[token] = {
            "event": answered,
            "result": None,
            "error": None,
            "heartbeat": None,
        }
        try:
            function = stepfunctions._resolve_lambda_function_ref(request["FunctionName"], optimized=True)
            stepfunctions._call_lambda(function, request.get("Payload", {}))
            _wait(answered, deadline)
        finally:
            known = stepfunctions._task_tokens.pop(token, {})
        if known.get("error"):
            raise _failure(known["error"]["Error"], known["error"]["Cause"])
        return json.loads(known["result"])

    stepfunctions._invoke_with_callback = invoke


def _wait(answered: threading.Event, deadline: float) -> None:
    while not answered.wait(min(_POLL_SECONDS, max(0.0, deadline - time.monotonic()))):
        execution = current_execution.get()
        if execution is not None and execution["status"] != "RUNNING":
            raise _failure("States.TaskFailed", f"the execution is {execution['status']}")
        if time.monotonic() >= deadline:
            raise _failure("States.Timeout", "nobody has answered in time")


def _failure(error: str, cause: str) -> Exception:
    failure: Exception = stepfunctions._ExecutionError(error, cause)
    return failure
