"""What ministack's Step Functions lacks: the timeout of a whole machine, retry delays, and abort that stays.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html (TimeoutSeconds),
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (MaxDelaySeconds, jitter).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ministack.core.responses import now_iso
from ministack.services import stepfunctions

from localcloud.ministack_adapter.retries import retry_delay_seconds


class After(Protocol):
    """Call a function once after some cloud seconds."""

    def __call__(self, cloud_seconds: float, fn: Callable[[], None], /) -> object:
        """Schedule `fn`."""


def install(*, after: After) -> None:
    """Wrap ministack's Step Functions.

    Args:
        after: schedules a callback some cloud seconds from now.

    """
    _end_timed_out(after)
    _keep_final_status()
    _honour_retry_delays()


def _end_timed_out(after: After) -> None:
    original = stepfunctions._emit_execution_status_event

    def emit(execution: dict[str, Any]) -> None:
        if execution["status"] == "RUNNING":
            machine = stepfunctions._state_machines[execution["stateMachineArn"]]
            seconds = json.loads(machine["definition"]).get("TimeoutSeconds")
            if seconds is not None:
                after(float(seconds), lambda: _time_out(execution))
        original(execution)

    stepfunctions._emit_execution_status_event = emit


def _time_out(execution: dict[str, Any]) -> None:
    if execution["status"] != "RUNNING":
        return
    execution.update(status="TIMED_OUT", stopDate=now_iso())
    stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    stepfunctions._emit_execution_status_event(execution)


def _keep_final_status() -> None:
    # A task that fails after StopExecution would otherwise turn ABORTED into FAILED, with a second event.
    original = stepfunctions._fail_execution

    def fail(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            original(execution, error, cause)

    stepfunctions._fail_execution = fail


def _honour_retry_delays() -> None:
    original = stepfunctions._find_matching_retrier

    def find(retriers: Sequence[Mapping[str, Any]], error: str, counts: Mapping[int, int]) -> tuple[Any, int]:
        retrier, index = original(retriers, error, counts)
        if retrier is None:
            return retrier, index
        delay = retry_delay_seconds(retrier, counts.get(index, 0))
        return {**retrier, "IntervalSeconds": delay, "BackoffRate": 1.0}, index

    stepfunctions._find_matching_retrier = find
