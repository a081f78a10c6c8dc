"""CodePipeline's API.

Source: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_Operations.html
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from localcloud.clients import Clients
from localcloud.clock import CloudClock
from localcloud.codebuild import CodeBuild
from localcloud.codepipeline import execution as states
from localcloud.codepipeline.actions import runners
from localcloud.codepipeline.actions.approval import Approvals, Notify
from localcloud.codepipeline.context import Runner
from localcloud.codepipeline.decisions import Decisions
from localcloud.codepipeline.definition import Action, Definition
from localcloud.codepipeline.engine import Engine
from localcloud.codepipeline.events import Emit, Events, pipeline_arn
from localcloud.codepipeline.execution import Execution
from localcloud.codepipeline.flow import Spawn
from localcloud.codepipeline.jobs import Jobs
from localcloud.codepipeline.pipeline import Pipeline, Pipelines
from localcloud.codepipeline.polling import Polling
from localcloud.codepipeline.reads import Reads
from localcloud.codepipeline.rollback import require_target
from localcloud.codepipeline.structure import check
from localcloud.errors import AwsError, NotEmulated
from localcloud.protocol import JsonService

Params = Mapping[str, Any]
_ROOT: Final = "arn:aws:iam::000000000000:root"


class CodePipeline(JsonService):
    """Pipelines and their executions; safe to use from any thread.

    Args:
        clock: the cloud clock.
        clients: reaches the other services.
        builds: CodeBuild.
        emit: puts an event on the default bus.
        notify: publishes to an SNS topic.
        own_runners: for tests, carries out actions instead of this package, by category and provider.
        spawn: runs one action; by default on a thread of its own.
        caller: returns the ARN of whoever makes the call being answered; by default the account's root.

    Example:
        CodePipeline(clock, clients, builds, emit, publish).call("StartPipelineExecution", {"name": "code"})

    """

    def __init__(
        self,
        clock: CloudClock,
        clients: Clients,
        builds: CodeBuild,
        emit: Emit,
        notify: Notify,
        *,
        own_runners: Mapping[tuple[str, str], Runner] | None = None,
        spawn: Spawn | None = None,
        caller: Callable[[], str] | None = None,
    ) -> None:
        super().__init__("codepipeline")
        self._caller = caller or (lambda: _ROOT)
        self._clock = clock
        self._lock = threading.RLock()
        self._pipelines = Pipelines(self._lock)
        self._jobs = Jobs()
        approvals = Approvals(clock, notify)
        known = dict(runners(clock, clients, builds, self._jobs))
        known["Approval", "Manual"] = approvals
        self._engine = Engine(
            now=clock.now,
            runners={**known, **(own_runners or {})},
            events=Events(emit),
            lock=self._lock,
            spawn=spawn,
        )
        self._polling = Polling(clock, clients, self._pipelines.all, self._source_changed)
        self._parts = (Reads(self._pipelines), Decisions(self._pipelines, approvals, clock.now, self._caller))

    def start_by_event(self, name: str, rule_arn: str, request: Params) -> None:
        """Start a pipeline as the target of an EventBridge rule.

        Args:
            name: the pipeline.
            rule_arn: the rule.
            request: variables and sourceRevisions, as StartPipelineExecution has them.

        Raises:
            AwsError: there is no such pipeline, or the request is not one.

        """
        with self._lock:
            self._start({**request, "name": name}, trigger=("CloudWatchEvent", rule_arn))

    def op_create_pipeline(self, params: Params) -> dict[str, Any]:
        """Create a pipeline, which then runs for the first time."""
        declaration = params["pipeline"]
        check(declaration)
        with self._lock:
            now = self._clock.now()
            definition = Definition.parse(declaration, 1)
            pipeline = Pipeline(definition=definition, created_at=now, updated_at=now)
            pipeline.tags = {each["key"]: each["value"] for each in params.get("tags", ())}
            self._pipelines.add(pipeline)
            self._engine.start(pipeline, trigger=("CreatePipeline", self._caller()))
            self._polling.begin()
            return {"pipeline": definition.declaration, "tags": list(params.get("tags", ()))}

    def op_get_pipeline(self, params: Params) -> dict[str, Any]:
        """Return the current structure."""
        with self._lock:
            pipeline = self._pipelines.get(params["name"])
            if params.get("version", pipeline.definition.version) != pipeline.definition.version:
                raise NotEmulated("CodePipeline GetPipeline of an older version")
            return {
                "pipeline": pipeline.definition.declaration,
                "metadata": {
                    "pipelineArn": pipeline_arn(pipeline.definition.name),
                    "created": pipeline.created_at,
                    "updated": pipeline.updated_at,
                },
            }

    def op_update_pipeline(self, params: Params) -> dict[str, Any]:
        """Change the structure; executions under way end as Cancelled."""
        declaration = params["pipeline"]
        check(declaration)
        with self._lock:
            pipeline = self._pipelines.get(declaration["name"])
            pipeline.definition = Definition.parse(declaration, pipeline.definition.version + 1)
            pipeline.updated_at = self._clock.now()
            self._engine.outdate(pipeline)
            return {"pipeline": pipeline.definition.declaration}

    def op_delete_pipeline(self, params: Params) -> dict[str, Any]:
        """Delete a pipeline; one that is not there is fine."""
        with self._lock:
            pipeline = self._pipelines.remove(params["name"])
            for execution in pipeline.executions if pipeline is not None else ():
                if pipeline is not None and execution.status == states.IN_PROGRESS:
                    self._engine.stop(pipeline, execution, abandon=True, reason="The pipeline was deleted.")
        return {}

    def op_start_pipeline_execution(self, params: Params) -> dict[str, Any]:
        """Start an execution; a request token used before returns the execution it started."""
        with self._lock:
            execution = self._start(params, trigger=("StartPipelineExecution", self._caller()))
            return {"pipelineExecutionId": execution.id}

    def op_stop_pipeline_execution(self, params: Params) -> dict[str, Any]:
        """Stop an execution, waiting for its actions or abandoning them."""
        with self._lock:
            pipeline = self._pipelines.get(params["pipelineName"])
            execution = pipeline.execution(params["pipelineExecutionId"])
            abandon = params.get("abandon", False)
            if execution.status == states.STOPPING and not abandon:
                raise AwsError("DuplicatedStopRequestException", f"{execution.id} is stopping already")
            if execution.status not in (states.IN_PROGRESS, states.STOPPING):
                raise AwsError(
                    "PipelineExecutionNotStoppableException",
                    f"The execution {execution.id} is {execution.status}",
                )
            self._engine.stop(pipeline, execution, abandon=abandon, reason=params.get("reason", ""))
            return {"pipelineExecutionId": execution.id}

    def op_retry_stage_execution(self, params: Params) -> dict[str, Any]:
        """Run the failed actions of a stage again, or all its actions."""
        with self._lock:
            pipeline = self._pipelines.get(params["pipelineName"])
            pipeline.require_stage(params["stageName"])
            gate = pipeline.gate(params["stageName"])
            execution = pipeline.execution(params["pipelineExecutionId"])
            run = execution.stages.get(params["stageName"])
            if run is None or run.status != states.FAILED:
                raise AwsError("StageNotRetryableException", f"{params['stageName']} has not failed")
            outdated = execution.definition.version != pipeline.definition.version
            if gate.latest is not run or outdated:
                raise AwsError("NotLatestPipelineExecutionException", f"{execution.id} is not the latest")
            if gate.occupant is not None:
                raise AwsError("ConflictException", f"Another execution is in {params['stageName']}")
            self._engine.retry(pipeline, run, execution, everything=params["retryMode"] == "ALL_ACTIONS")
            return {"pipelineExecutionId": execution.id}

    def op_rollback_stage(self, params: Params) -> dict[str, Any]:
        """Run a stage again as an earlier execution ran it."""
        with self._lock:
            pipeline = self._pipelines.get(params["pipelineName"])
            index = pipeline.require_stage(params["stageName"])
            target = pipeline.execution(params["targetPipelineExecutionId"])
            require_target(pipeline, params["stageName"], target)
            rolled = self._engine.roll_back(
                pipeline, index, target, trigger=("ManualRollback", self._caller())
            )
            return {"pipelineExecutionId": rolled.id}

    def op_put_job_success_result(self, params: Params) -> dict[str, Any]:
        """Take a job's success, final or to be continued."""
        self._jobs.answer(params)
        return {}

    def op_put_job_failure_result(self, params: Params) -> dict[str, Any]:
        """Take a job's failure."""
        self._jobs.answer(params)
        return {}

    def method(self, name: str) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
        """Return what carries out an operation: reads and decisions have files of their own."""
        found = (getattr(part, name, None) for part in (self, *self._parts))
        return next((method for method in found if method is not None), None)

    def _start(self, params: Params, *, trigger: tuple[str, str]) -> Execution:
        pipeline, token = self._pipelines.get(params["name"]), params.get("clientRequestToken", "")
        if token in pipeline.tokens:
            return pipeline.tokens[token]
        given = {each["name"]: each["value"] for each in params.get("variables", ())}
        unknown = sorted(set(given) - set(pipeline.definition.variables))
        if unknown:
            raise AwsError("ValidationException", f"The pipeline has no variable {unknown[0]}")
        execution = self._engine.start(
            pipeline, trigger=trigger, variables=given, revisions=_revisions(pipeline, params)
        )
        if token:
            pipeline.tokens[token] = execution
        return execution

    def _source_changed(self, pipeline: Pipeline, action: Action, version: str) -> None:
        with self._lock:
            if self._pipelines.holds(pipeline):
                revisions = {action.name: version}
                self._engine.start(
                    pipeline, trigger=("PollForSourceChanges", action.name), revisions=revisions
                )


def _revisions(pipeline: Pipeline, params: Params) -> dict[str, str]:
    sources = {action.name for action in pipeline.definition.stages[0].actions}
    revisions = {}
    for each in params.get("sourceRevisions", ()):
        if each["revisionType"] != "S3_OBJECT_VERSION_ID":
            raise NotEmulated(f"CodePipeline source revisions of type {each['revisionType']}")
        if each["actionName"] not in sources:
            raise AwsError("ValidationException", f"There is no source action {each['actionName']}")
        revisions[each["actionName"]] = each["revisionValue"]
    return revisions
