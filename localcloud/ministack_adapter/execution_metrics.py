"""The metrics of state machines, on the cloud clock.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from ministack.services import stepfunctions

_NAMESPACE: Final = "AWS/States"
_ENDS: Final[Mapping[str, str]] = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}


class Record(Protocol):
    """Add one sample of a metric."""

    def __call__(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        unit: str,
        at: float,
        /,
    ) -> None:
        """Record it, taken at `at` (epoch seconds of the cloud clock)."""


def install(*, record: Record, now: Callable[[], float]) -> None:
    """Count the executions of standard machines, and how long they take.

    Args:
        record: where samples go.
        now: cloud time in epoch seconds.

    """
    original = stepfunctions._emit_execution_status_event
    began: dict[str, float] = {}

    def emit(execution: dict[str, Any]) -> None:
        arn, at = execution["executionArn"], now()
        machine = {"StateMachineArn": execution["stateMachineArn"]}
        if execution["status"] == "RUNNING":
            began[arn] = at
            record(_NAMESPACE, "ExecutionsStarted", machine, 1.0, "Count", at)
        else:
            taken = (at - began.pop(arn, at)) * 1000
            record(_NAMESPACE, _ENDS[execution["status"]], machine, 1.0, "Count", at)
            record(_NAMESPACE, "ExecutionTime", machine, taken, "Milliseconds", at)
        original(execution)

    stepfunctions._emit_execution_status_event = emit
