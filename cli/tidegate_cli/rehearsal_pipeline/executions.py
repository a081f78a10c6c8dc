"""Executions of pipelines: waited for, and told action by action."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

SUCCEEDED: Final = "Succeeded"
FAILED: Final = "Failed"
CANCELLED: Final = "Cancelled"
_AT_WORK: Final = frozenset({"InProgress", "Stopping"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTold:
    """What one action did.

    Attributes:
        stage: Its stage.
        name: Its name.
        status: InProgress, Succeeded, Failed or Abandoned.
        began: Epoch seconds of the cloud clock.
        ended: The same; when its status changed last.
        told: What it says, in a line.
        external_id: What it started, for example a build.

    """

    stage: str
    name: str
    status: str
    began: float
    ended: float
    told: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionTold:
    """What one execution did.

    Attributes:
        pipeline: Its pipeline.
        id: Its id.
        status: InProgress, Succeeded, Failed, Cancelled and so on.
        trigger: What started it, for example CloudWatchEvent.
        revision: Source revision, empty before it is known.
        why: Why it ended as it did, empty for no reason.
        version: Version of the pipeline's structure it ran with.
        actions: In order of their start.

    """

    pipeline: str
    id: str
    status: str
    trigger: str
    revision: str
    why: str
    version: int
    actions: tuple[ActionTold, ...]

    @property
    def at_work(self) -> bool:
        """Whether it has not ended."""
        return self.status in _AT_WORK

    def action(self, name: str) -> ActionTold | None:
        """Return the last execution of an action by its name, None when it did not run."""
        return next((each for each in reversed(self.actions) if each.name == name), None)

    @property
    def failed(self) -> ActionTold | None:
        """The action that failed, None when none did."""
        return next((each for each in self.actions if each.status == FAILED), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A manual approval that waits.

    Attributes:
        pipeline: Its pipeline.
        stage: Its stage.
        action: Its name.
        token: What answers it.
        text: What the person who decides reads.

    """

    pipeline: str
    stage: str
    action: str
    token: str
    text: str


class Executions:
    """Reads pipelines and decides their approvals.

    Args:
        client: boto3's client of CodePipeline.

    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def every(self, pipeline: str) -> list[ExecutionTold]:
        """Return all executions of a pipeline, oldest first."""
        pages = self._client.get_paginator("list_pipeline_executions").paginate(pipelineName=pipeline)
        found = [each for page in pages for each in page["pipelineExecutionSummaries"]]
        return [self._told(pipeline, each) for each in reversed(found)]

    def structure(self, pipeline: str) -> tuple[int, Sequence[str]]:
        """Return the version of a pipeline and the names of its stages."""
        declared = self._client.get_pipeline(name=pipeline)["pipeline"]
        return declared["version"], [stage["name"] for stage in declared["stages"]]

    def waiting(self, pipeline: str) -> Iterator[Waiting]:
        """Yield the approvals that wait for somebody."""
        for stage in self._client.get_pipeline_state(name=pipeline)["stageStates"]:
            for action in stage["actionStates"]:
                latest = action.get("latestExecution", {})
                if latest.get("token"):
                    yield Waiting(
                        pipeline=pipeline,
                        stage=stage["stageName"],
                        action=action["actionName"],
                        token=latest["token"],
                        text=latest.get("summary", ""),
                    )

    def doing(self, pipeline: str) -> str:
        """Return what a pipeline does now, in a line; empty for nothing."""
        for stage in self._client.get_pipeline_state(name=pipeline)["stageStates"]:
            for action in stage["actionStates"]:
                latest = action.get("latestExecution", {})
                if latest.get("status") == "InProgress":
                    said = latest.get("summary", "").splitlines()
                    return f"{stage['stageName']}: {action['actionName']}" + (f": {said[0]}" if said else "")
        return ""

    def answer(self, waiting: Waiting, *, approved: bool, reason: str) -> None:
        """Approve or reject."""
        self._client.put_approval_result(
            pipelineName=waiting.pipeline,
            stageName=waiting.stage,
            actionName=waiting.action,
            token=waiting.token,
            result={"summary": reason, "status": "Approved" if approved else "Rejected"},
        )

    def _told(self, pipeline: str, summary: dict[str, Any]) -> ExecutionTold:
        which = {"pipelineExecutionId": summary["pipelineExecutionId"]}
        pages = self._client.get_paginator("list_action_executions").paginate(
            pipelineName=pipeline, filter=which
        )
        found = [each for page in pages for each in page["actionExecutionDetails"]]
        revisions = [each["revisionId"] for each in summary.get("sourceRevisions", [])]
        detail = self._client.get_pipeline_execution(pipelineName=pipeline, **which)["pipelineExecution"]
        return ExecutionTold(
            pipeline=pipeline,
            id=summary["pipelineExecutionId"],
            status=summary["status"],
            trigger=summary["trigger"]["triggerType"],
            revision=revisions[0] if revisions else "",
            why=summary.get("statusSummary", ""),
            version=detail["pipelineVersion"],
            actions=tuple(_action(each) for each in reversed(found)),
        )


def _action(detail: dict[str, Any]) -> ActionTold:
    output = detail["output"]
    result = output.get("executionResult", {})
    told = result.get("externalExecutionSummary") or output.get("outputVariables", {}).get("Summary", "")
    return ActionTold(
        stage=detail["stageName"],
        name=detail["actionName"],
        status=detail["status"],
        began=detail["startTime"].timestamp(),
        ended=detail["lastUpdateTime"].timestamp(),
        told=told,
        external_id=result.get("externalExecutionId", ""),
    )
