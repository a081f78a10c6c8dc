"""Events of pipelines, stages and actions.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from localcloud.artifact import Artifact
from localcloud.codepipeline.execution import ActionRun, Execution, StageRun

Emit = Callable[[str, str, Mapping[str, object], Sequence[str]], None]
"""Puts an event on the default bus: source, detail type, detail, resources."""

_SOURCE: Final = "aws.codepipeline"
_ARN: Final = "arn:aws:codepipeline:us-east-1:000000000000:"
_ACTION_STATES: Final = {
    "InProgress": "STARTED",
    "Succeeded": "SUCCEEDED",
    "Failed": "FAILED",
    "Abandoned": "ABANDONED",
}


def pipeline_arn(name: str) -> str:
    """Return the ARN of a pipeline."""
    return f"{_ARN}{name}"


class Events:
    """Tells what happens.

    Args:
        emit: puts an event on the bus.

    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit

    def pipeline(self, execution: Execution, state: str) -> None:
        """Tell of an execution; `state` is STARTED, SUCCEEDED, FAILED and so on."""
        self._put("CodePipeline Pipeline Execution State Change", execution, {"state": state})

    def stage(self, execution: Execution, run: StageRun, state: str) -> None:
        """Tell of a stage; `state` as for a pipeline."""
        detail = {"stage": run.stage.name, "state": state}
        self._put("CodePipeline Stage Execution State Change", execution, detail)

    def action(self, execution: Execution, stage: str, run: ActionRun) -> None:
        """Tell of an action's status."""
        detail: dict[str, Any] = {
            "stage": stage,
            "action": run.action.name,
            "action-execution-id": run.id,
            "state": _ACTION_STATES[run.status],
            "region": "us-east-1",
            "type": dict(run.action.type_id),
            "input-artifacts": [_artifact(each) for each in run.inputs],
            "output-artifacts": [_artifact(each) for each in run.outputs],
        }
        result = {
            "external-execution-id": run.external_id,
            "external-execution-summary": run.error_message or run.summary,
            "error-code": run.error_code,
        }
        told = {name: text for name, text in result.items() if text}
        if told:
            detail["execution-result"] = told
        self._put("CodePipeline Action Execution State Change", execution, detail)

    def _put(self, detail_type: str, execution: Execution, own: Mapping[str, object]) -> None:
        name = execution.definition.name
        trigger = {"trigger-type": execution.trigger_type, "trigger-detail": execution.trigger_detail}
        detail = {
            "pipeline": name,
            "execution-id": execution.id,
            "version": execution.definition.version,
            "execution-trigger": trigger,
            "pipeline-execution-attempt": execution.attempt,
            **own,
        }
        self._emit(_SOURCE, detail_type, detail, [pipeline_arn(name)])


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {
        "name": artifact.name,
        "s3location": {"bucket": artifact.bucket, "key": artifact.key},
    }
