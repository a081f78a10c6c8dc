"""What makes executions move: into stages, through run orders, out again.

Sources: https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html (locks, queues,
superseded executions) and https://docs.aws.amazon.com/codepipeline/latest/userguide/executions.html
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Final

from localcloud.codepipeline import execution as states
from localcloud.codepipeline.context import Context, Runner
from localcloud.codepipeline.definition import PARALLEL, SUPERSEDED, Action
from localcloud.codepipeline.events import Events
from localcloud.codepipeline.execution import ActionRun, Execution, StageRun
from localcloud.codepipeline.outcome import ActionFailed, Succeeded
from localcloud.codepipeline.pipeline import Pipeline
from localcloud.codepipeline.rollback import rollback_target
from localcloud.codepipeline.variables import resolved

_logger: Final = logging.getLogger(__name__)
Spawn = Callable[[str, Callable[[], None]], object]
"""Runs what takes its time somewhere else: name of the action, and what to run."""


class Flow:
    """Moves executions; called with `lock` held.

    Args:
        now: cloud time in epoch seconds.
        runners: what carries out an action, by category and provider.
        events: tells what happens.
        lock: guards every pipeline.
        spawn: runs one action; by default on a thread of its own.

    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        runners: Mapping[tuple[str, str], Runner],
        events: Events,
        lock: "threading.RLock",
        spawn: Spawn | None = None,
    ) -> None:
        self._now = now
        self._runners = runners
        self._events = events
        self._lock = lock
        self._spawn = spawn or _on_a_thread

    def roll_back(
        self, pipeline: Pipeline, index: int, target: Execution, *, trigger: tuple[str, str]
    ) -> Execution:
        """Run one stage again with the artifacts and variables of an earlier execution.

        Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
        """
        execution = Execution(
            definition=target.definition,
            started_at=self._now(),
            changed_at=self._now(),
            trigger_type=trigger[0],
            trigger_detail=trigger[1],
            variables=target.variables,
            revisions=target.revisions,
            target_id=target.id,
            first=index,
            last=index,
            artifacts=dict(target.artifacts),
            namespaces=dict(target.namespaces),
        )
        self._begin(pipeline, execution)
        self._enter(pipeline, execution, index)
        return execution

    def _begin(self, pipeline: Pipeline, execution: Execution) -> None:
        pipeline.executions.append(execution)
        self._events.pipeline(execution, "STARTED")

    def _enter(self, pipeline: Pipeline, execution: Execution, index: int) -> None:
        execution.position = index
        gate = pipeline.gate(execution.definition.stages[index].name)
        if execution.definition.mode != PARALLEL:
            if gate.occupant is not None:
                if execution.definition.mode == SUPERSEDED:
                    self._supersede(gate.waiting)
                gate.waiting.append(execution)
                return
            gate.occupant = execution
        self._run_stage(pipeline, execution)

    def _supersede(self, waiting: list[Execution]) -> None:
        """End those that wait: a newer execution takes their place."""
        for older in list(waiting):
            waiting.remove(older)
            self._end(older, states.SUPERSEDED, "A newer execution took its place.")

    def _run_stage(self, pipeline: Pipeline, execution: Execution) -> None:
        stage = execution.definition.stages[execution.position]
        run = StageRun(stage=stage, execution_id=execution.id, kind=execution.kind)
        execution.stages[stage.name] = pipeline.gate(stage.name).latest = run
        self._events.stage(execution, run, "STARTED")
        self._next_order(pipeline, execution, run)

    def _next_order(self, pipeline: Pipeline, execution: Execution, run: StageRun) -> None:
        run.order = next(order for order in run.stage.orders() if order > run.order)
        for action in run.stage.actions:
            if action.run_order == run.order:
                self._run_action(pipeline, execution, run, action)

    def _run_action(
        self, pipeline: Pipeline, execution: Execution, stage_run: StageRun, action: Action
    ) -> None:
        run = ActionRun(action=action, started_at=self._now(), changed_at=self._now())
        run.inputs = tuple(execution.artifacts[name] for name in action.inputs if name in execution.artifacts)
        stage_run.runs.append(run)
        self._events.action(execution, stage_run.stage.name, run)
        self._spawn(action.name, lambda: self._perform(pipeline, execution, stage_run, run))

    def _perform(self, pipeline: Pipeline, execution: Execution, stage_run: StageRun, run: ActionRun) -> None:
        result: Succeeded | ActionFailed
        try:
            with self._lock:
                context = self._context(pipeline, execution, stage_run, run)
            result = self._runners[run.action.kind](context)
        except ActionFailed as failure:
            result = failure
        except Exception as error:
            _logger.exception("action %s of %s broke", run.action.name, pipeline.definition.name)
            result = ActionFailed("InternalError", f"{type(error).__name__}: {error}")
        with self._lock:
            if run.status == states.IN_PROGRESS:
                self._finish(execution, stage_run, run, result)
                self._go_on(pipeline, execution, stage_run)

    def _context(
        self, pipeline: Pipeline, execution: Execution, stage_run: StageRun, run: ActionRun
    ) -> Context:
        run.configuration = resolved(run.action.configuration, execution.known_variables())
        return Context(
            pipeline=pipeline,
            execution=execution,
            stage=stage_run.stage.name,
            run=run,
            configuration=run.configuration,
            role_arn=run.action.role_arn or execution.definition.role_arn,
        )

    def _finish(
        self, execution: Execution, stage_run: StageRun, run: ActionRun, result: Succeeded | ActionFailed
    ) -> None:
        run.changed_at = execution.changed_at = self._now()
        run.external_id = result.external_id or run.external_id
        run.token = ""
        if isinstance(result, ActionFailed):
            run.status, run.error_code, run.error_message = states.FAILED, result.code, result.message
        else:
            run.status, run.variables, run.outputs = states.SUCCEEDED, result.variables, result.artifacts
            run.revision, run.summary = result.revision, result.summary or run.summary
            execution.artifacts.update({each.name: each for each in result.artifacts})
            if run.action.namespace:
                execution.namespaces[run.action.namespace] = result.variables
        self._events.action(execution, stage_run.stage.name, run)

    def _go_on(self, pipeline: Pipeline, execution: Execution, run: StageRun) -> None:
        """Decide what comes after an action that has ended."""
        if run.under_way():
            return
        latest = [run.latest(action.name) for action in run.stage.actions if action.run_order <= run.order]
        failed = any(each is not None and each.status == states.FAILED for each in latest)
        if execution.status == states.STOPPING:
            self._stopped(pipeline, execution, run)
        elif failed:
            self._failed(pipeline, execution, run)
        elif execution.definition.version != pipeline.definition.version:
            self._cancelled(pipeline, execution, run)
        elif run.order < run.stage.orders()[-1]:
            self._next_order(pipeline, execution, run)
        else:
            self._succeeded(pipeline, execution, run)

    def _succeeded(self, pipeline: Pipeline, execution: Execution, run: StageRun) -> None:
        self._leave(pipeline, execution, run, states.SUCCEEDED, "SUCCEEDED")
        if execution.position < execution.last:
            self._enter(pipeline, execution, execution.position + 1)
        else:
            self._end(execution, states.SUCCEEDED)
        self._admit(pipeline, run.stage.name)

    def _failed(self, pipeline: Pipeline, execution: Execution, run: StageRun) -> None:
        self._leave(pipeline, execution, run, states.FAILED, "FAILED")
        reasons = [each.error_message for each in run.runs if each.status == states.FAILED]
        self._end(execution, states.FAILED, reasons[-1] if reasons else "")
        target = rollback_target(pipeline, run.stage.name, before=execution)
        if run.stage.rolls_back and execution.kind == states.STANDARD and target is not None:
            self.roll_back(pipeline, execution.position, target, trigger=("AutomatedRollback", execution.id))
        self._admit(pipeline, run.stage.name)

    def _stopped(self, pipeline: Pipeline, execution: Execution, run: StageRun | None) -> None:
        if run is None:
            pipeline.leave_queues(execution)
        else:
            self._leave(pipeline, execution, run, states.STOPPED, "STOPPED")
        self._end(execution, states.STOPPED)
        if run is not None:
            self._admit(pipeline, run.stage.name)

    def _cancelled(self, pipeline: Pipeline, execution: Execution, run: StageRun) -> None:
        self._leave(pipeline, execution, run, states.CANCELLED, "CANCELED")
        self._end(execution, states.CANCELLED, "The pipeline was updated.")
        self._admit(pipeline, run.stage.name)

    def _leave(
        self, pipeline: Pipeline, execution: Execution, run: StageRun, status: str, event: str
    ) -> None:
        run.status = status
        self._events.stage(execution, run, event)
        gate = pipeline.gate(run.stage.name)
        if gate.occupant is execution:
            gate.occupant = None

    def _admit(self, pipeline: Pipeline, stage_name: str) -> None:
        gate = pipeline.gate(stage_name)
        if gate.occupant is None and gate.waiting:
            execution = gate.waiting.pop(0)
            gate.occupant = execution
            self._run_stage(pipeline, execution)

    def _end(self, execution: Execution, status: str, summary: str = "") -> None:
        execution.status, execution.status_summary = status, summary
        execution.changed_at = self._now()
        self._events.pipeline(execution, "CANCELED" if status == states.CANCELLED else status.upper())

    def _stage_run(self, execution: Execution) -> StageRun | None:
        """Return the stage an execution is in, None while it waits for one."""
        run = execution.stages.get(execution.definition.stages[execution.position].name)
        return run if run is not None and run.status == states.IN_PROGRESS else None


def _on_a_thread(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=f"action-{name}", daemon=True).start()
