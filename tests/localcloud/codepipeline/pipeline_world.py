"""A CodePipeline whose actions do what a test says, when it says so."""

import copy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from localcloud.clients import Clients
from localcloud.clock import CloudClock
from localcloud.codebuild import CodeBuild
from localcloud.codepipeline import CodePipeline
from localcloud.codepipeline.context import Context
from localcloud.codepipeline.outcome import ActionFailed, Revision, Succeeded

KINDS = {
    "Source": ("Source", "S3"),
    "Build": ("Build", "CodeBuild"),
    "Deploy": ("Deploy", "CloudFormation"),
    "Approve": ("Approval", "Manual"),
    "Job": ("Invoke", "Lambda"),
}
CONFIGURATION: Mapping[str, dict[str, str]] = {
    "Source": {"S3Bucket": "source", "S3ObjectKey": "code.zip"},
    "Build": {"ProjectName": "synth"},
    "Deploy": {"ActionMode": "CHANGE_SET_EXECUTE", "StackName": "digits", "ChangeSetName": "change"},
    "Approve": {},
    "Job": {"FunctionName": "deliver"},
}


def action(kind: str, name: str = "", *, order: int = 1, **more: Any) -> dict[str, Any]:
    """One action's declaration; `configuration` in `more` goes over the kind's own."""
    category, provider = KINDS[kind]
    configuration = {**CONFIGURATION[kind], **more.pop("configuration", {})}
    return {
        "name": name or kind,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
        "runOrder": order,
        "configuration": configuration,
        **more,
    }


def pipeline(*stages: Sequence[dict[str, Any]], mode: str = "QUEUED", **more: Any) -> dict[str, Any]:
    """A pipeline with a source stage, and one stage S1, S2 ... for each list of actions."""
    source = action("Source", outputArtifacts=[{"name": "code"}], namespace="Src")
    declared: list[dict[str, Any]] = [{"name": "Source", "actions": [source]}]
    declared += [{"name": f"S{number}", "actions": list(each)} for number, each in enumerate(stages, start=1)]
    return {
        "name": "code",
        "roleArn": "arn:aws:iam::000000000000:role/pipeline",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "pipelineType": "V2",
        "executionMode": mode,
        "stages": declared,
        **more,
    }


class World:
    """CodePipeline with actions under control.

    Attributes:
        service: the service.
        outcomes: by action, what it ends with; by default it succeeds.
        done: contexts of the actions that ran, in order.
        events: detail types and details.

    """

    def __init__(self, folder: Path) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.outcomes: dict[str, Succeeded | ActionFailed] = {}
        self.done: list[Context] = []
        self.during: dict[str, Callable[[], None]] = {}
        self._pending: list[tuple[str, Callable[[], None]]] = []
        self.clock = CloudClock(1.0)
        clients = Clients("http://127.0.0.1:9", "us-east-1", lambda _role, _session: {})
        self.service = CodePipeline(
            self.clock,
            clients,
            CodeBuild(self.clock, clients, folder),
            lambda _source, kind, detail, _resources: self.events.append((kind, dict(detail))),
            lambda _topic, _subject, _message: None,
            own_runners=dict.fromkeys(KINDS.values(), self._run),
            spawn=lambda name, work: self._pending.append((name, work)),
        )

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        return self.service.call(operation, params)

    def create(self, declaration: dict[str, Any]) -> None:
        """Create a pipeline and let its first execution run to its end."""
        self.call("CreatePipeline", pipeline=copy.deepcopy(declaration))
        self.settle()
        self.done.clear()
        self.events.clear()

    def start(self, **params: Any) -> str:
        return str(self.call("StartPipelineExecution", name="code", **params)["pipelineExecutionId"])

    def settle(self, *, hold: str = "") -> None:
        """Run actions until none is left but those whose names begin with `hold`."""
        while ready := [each for each in self._pending if not hold or not each[0].startswith(hold)]:
            self._pending.remove(ready[0])
            ready[0][1]()

    def status(self, execution_id: str) -> str:
        found = self.call("GetPipelineExecution", pipelineName="code", pipelineExecutionId=execution_id)
        return str(found["pipelineExecution"]["status"])

    def statuses(self) -> list[str]:
        """Statuses of all executions, oldest first."""
        found = self.call("ListPipelineExecutions", pipelineName="code")["pipelineExecutionSummaries"]
        return [each["status"] for each in reversed(found)]

    def ran(self) -> list[str]:
        return [context.run.action.name for context in self.done]

    def state(self, stage: str) -> dict[str, Any]:
        states = self.call("GetPipelineState", name="code")["stageStates"]
        found: dict[str, Any] = next(each for each in states if each["stageName"] == stage)
        return found

    def _run(self, context: Context) -> Succeeded:
        self.done.append(context)
        name = context.run.action.name
        if name in self.during:
            self.during.pop(name)()
        outcome = self.outcomes.get(name)
        if isinstance(outcome, ActionFailed):
            raise outcome
        if outcome is not None:
            return outcome
        artifacts = tuple(context.new_artifact(each, "v1") for each in context.run.action.outputs)
        is_source = context.run.action.kind == KINDS["Source"]
        return Succeeded(artifacts=artifacts, revision=Revision(id="v1") if is_source else None)
