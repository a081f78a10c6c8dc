"""The execution that a task runs in: ministack tells the task nothing of it."""

import contextvars
from collections.abc import Mapping
from typing import Any

from ministack.services import stepfunctions

_execution: contextvars.ContextVar[Mapping[str, Any] | None] = contextvars.ContextVar(
    "execution", default=None
)


def install() -> None:
    """Remember the execution while each of its tasks runs."""
    original = stepfunctions._execute_task

    def execute(state: Any, raw_input: Any, execution: Mapping[str, Any], context: Any) -> Any:
        _execution.set(execution)
        return original(state, raw_input, execution, context)

    stepfunctions._execute_task = execute


def get() -> Mapping[str, Any] | None:
    """Return the execution of the task that runs in this thread; its `status` shows whether it still runs."""
    return _execution.get()
