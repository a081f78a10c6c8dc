"""What moves executions from outside: a start, a retry, a stop, a new structure.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/executions.html
"""

from collections.abc import Mapping
from typing import Final

from localcloud.codepipeline import execution as states
from localcloud.codepipeline.definition import PARALLEL, SUPERSEDED
from localcloud.codepipeline.execution import ActionRun, Execution, StageRun
from localcloud.codepipeline.flow import Flow
from localcloud.codepipeline.pipeline import Pipeline
from localcloud.errors import AwsError

MOST_QUEUED: Final = 50
"""Executions of a QUEUED or PARALLEL pipeline at one time; further ones are refused.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
"""


class Engine(Flow):
    """Starts, retries and ends executions. Every method must be called with `lock` held.

    Args:
        as for Flow.

    """

    def start(
        self,
        pipeline: Pipeline,
        *,
        trigger: tuple[str, str],
        variables: Mapping[str, str] | None = None,
        revisions: Mapping[str, str] | None = None,
    ) -> Execution:
        """Start an execution at the first stage.

        Args:
            pipeline: which.
            trigger: type and detail.
            variables: values of pipeline variables, over their defaults.
            revisions: source revisions by action, the newest by default.

        Raises:
            AwsError: ConcurrentPipelineExecutionsLimitExceededException.

        """
        _require_room(pipeline)
        definition = pipeline.definition
        values = {**definition.variables, **(variables or {})}
        execution = Execution(
            definition=definition,
            started_at=self._now(),
            changed_at=self._now(),
            trigger_type=trigger[0],
            trigger_detail=trigger[1],
            variables={name: value for name, value in values.items() if value is not None},
            revisions=dict(revisions or {}),
            last=len(definition.stages) - 1,
        )
        self._begin(pipeline, execution)
        missing = [name for name, value in values.items() if value is None]
        if missing:
            self._end(execution, states.FAILED, f"The pipeline variable {missing[0]} has no value.")
        else:
            self._enter(pipeline, execution, 0)
        return execution

    def retry(self, pipeline: Pipeline, run: StageRun, execution: Execution, *, everything: bool) -> None:
        """Run the failed actions of a stage again, or all of them."""
        gate = pipeline.gate(run.stage.name)
        gate.occupant = execution if execution.definition.mode != PARALLEL else None
        execution.status, execution.status_summary = states.IN_PROGRESS, ""
        execution.attempt += 1
        execution.changed_at = self._now()
        self._events.pipeline(execution, "RESUMED")
        self._events.stage(execution, run, "RESUMED")
        run.status = states.IN_PROGRESS
        if everything:
            run.order = 0
            self._next_order(pipeline, execution, run)
            return
        for action in run.stage.actions:
            latest = run.latest(action.name)
            if latest is not None and latest.status != states.SUCCEEDED:
                self._run_action(pipeline, execution, run, action)

    def stop(self, pipeline: Pipeline, execution: Execution, *, abandon: bool, reason: str) -> None:
        """Stop an execution: once its actions have ended, or at once with `abandon`."""
        execution.status, execution.stop_reason = states.STOPPING, reason
        execution.changed_at = self._now()
        self._events.pipeline(execution, "STOPPING")
        run = self._stage_run(execution)
        if abandon and run is not None:
            for action_run in run.under_way():
                self._abandon(execution, run, action_run)
        if run is None or not run.under_way():
            self._stopped(pipeline, execution, run)

    def outdate(self, pipeline: Pipeline) -> None:
        """After an update of the structure: what runs may end its actions, then it is cancelled.

        Approvals are not waited for. Source (Cancelled):
        https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineExecution.html
        """
        for execution in pipeline.executions:
            if execution.status not in (states.IN_PROGRESS, states.STOPPING):
                continue
            run = self._stage_run(execution)
            if run is None:
                pipeline.leave_queues(execution)
                self._end(execution, states.CANCELLED, "The pipeline was updated.")
                continue
            for action_run in run.under_way():
                if action_run.action.kind == ("Approval", "Manual"):
                    self._abandon(execution, run, action_run)
            if not run.under_way():
                self._cancelled(pipeline, execution, run)

    def _abandon(self, execution: Execution, stage_run: StageRun, run: ActionRun) -> None:
        run.status, run.changed_at, run.token = states.ABANDONED, self._now(), ""
        run.cancelled.set()
        self._events.action(execution, stage_run.stage.name, run)


def _require_room(pipeline: Pipeline) -> None:
    """Refuse an execution too many.

    Raises:
        AwsError: ConcurrentPipelineExecutionsLimitExceededException.

    """
    running = [each for each in pipeline.executions if each.status == states.IN_PROGRESS]
    if pipeline.definition.mode != SUPERSEDED and len(running) >= MOST_QUEUED:
        raise AwsError(
            "ConcurrentPipelineExecutionsLimitExceededException",
            f"The pipeline {pipeline.definition.name} has {MOST_QUEUED} executions already",
        )
