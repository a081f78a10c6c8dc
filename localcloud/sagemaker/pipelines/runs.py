"""Executions at work: steps begin when those before them have succeeded."""

import threading
from collections.abc import Callable
from typing import Any, Final

from localcloud.clock import CloudClock
from localcloud.errors import AwsError
from localcloud.sagemaker.events import Events
from localcloud.sagemaker.names import invalid
from localcloud.sagemaker.pipelines.execution import ExecutionStatus, PipelineExecution
from localcloud.sagemaker.pipelines.steps import Steps

_LOOK_SECONDS: Final = 5


class Runs:
    """All executions, which move on by the cloud clock.

    After a step has failed no other begins; those at work end first.

    Args:
        clock: the cloud clock.
        events: told of every change of status.
        call: makes one request to this SageMaker.
        lock: the service's.

    """

    def __init__(
        self,
        *,
        clock: CloudClock,
        events: Events,
        call: Callable[[str, dict[str, Any]], dict[str, Any]],
        lock: threading.RLock,
    ) -> None:
        self._clock = clock
        self._events = events
        self._lock = lock
        self._steps = Steps(call, clock.now)
        self._executions: dict[str, PipelineExecution] = {}

    def start(self, execution: PipelineExecution) -> None:
        """Start an execution."""
        self._executions[execution.arn] = execution
        self._events.pipeline_execution(execution, before="")
        self._clock.after(0, lambda: self._move(execution))

    def stop(self, execution: PipelineExecution) -> None:
        """Stop an execution; one that is being stopped already is fine.

        Raises:
            AwsError: ValidationException, when it has ended.

        """
        if execution.status == "Stopping":
            return
        if execution.status != "Executing":
            raise invalid(f"Pipeline execution {execution.arn} is in status {execution.status}.")
        self._enter(execution, "Stopping")
        for run in execution.at_work():
            self._steps.stop(run)

    def get(self, execution_arn: str) -> PipelineExecution:
        """Return an execution.

        Raises:
            AwsError: ResourceNotFound.

        """
        found = self._executions.get(execution_arn)
        if found is None:
            raise AwsError("ResourceNotFound", f"Pipeline execution with ARN {execution_arn} does not exist.")
        return found

    def of(self, pipeline_arn: str) -> list[PipelineExecution]:
        """Return the executions of a pipeline, the oldest first."""
        return [each for each in self._executions.values() if each.pipeline_arn == pipeline_arn]

    def running(self, pipeline_arn: str) -> bool:
        """Tell whether a pipeline has an execution that has not ended."""
        return any(each.ended is None for each in self.of(pipeline_arn))

    def _move(self, execution: PipelineExecution) -> None:
        with self._lock:
            for run in execution.at_work():
                self._steps.look(run)
            begun = self._begin(execution)
            if not execution.at_work() and not begun:
                self._end(execution)
                return
        self._clock.after(_LOOK_SECONDS, lambda: self._move(execution))

    def _begin(self, execution: PipelineExecution) -> bool:
        if execution.status != "Executing" or execution.failed():
            return False
        ready = execution.ready()
        for step in ready:
            execution.runs[step.name] = self._steps.begin(execution, step)
        return bool(ready)

    def _end(self, execution: PipelineExecution) -> None:
        stopped = execution.status == "Stopping"
        status: ExecutionStatus = "Stopped" if stopped else "Failed" if execution.failed() else "Succeeded"
        before = execution.status
        execution.end(status, self._clock.now())
        self._events.pipeline_execution(execution, before=before)

    def _enter(self, execution: PipelineExecution, status: ExecutionStatus) -> None:
        before, execution.status = execution.status, status
        execution.modified = self._clock.now()
        self._events.pipeline_execution(execution, before=before)
