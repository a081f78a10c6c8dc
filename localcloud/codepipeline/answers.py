"""What the read operations answer.

Source: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_Operations.html
"""

from collections.abc import Mapping
from typing import Any, Final

from localcloud.artifact import Artifact
from localcloud.codepipeline.definition import Action, Stage
from localcloud.codepipeline.execution import ActionRun, Execution, StageRun
from localcloud.codepipeline.pipeline import Gate, Pipeline
from localcloud.errors import AwsError

_PAGE: Final = 100


def page(found: list[dict[str, Any]], params: Mapping[str, Any], member: str) -> dict[str, Any]:
    """Return one page of a list, with nextToken when there is more.

    Raises:
        AwsError: InvalidNextTokenException.

    """
    token = params.get("nextToken", "0")
    if not token.isdecimal():
        raise AwsError("InvalidNextTokenException", f"nextToken is none that was given: {token}")
    start, size = int(token), params.get("maxResults", _PAGE)
    answer: dict[str, Any] = {member: found[start : start + size]}
    if start + size < len(found):
        answer["nextToken"] = str(start + size)
    return answer


def pipeline_state(pipeline: Pipeline) -> dict[str, Any]:
    """Return the answer of GetPipelineState."""
    definition = pipeline.definition
    return {
        "pipelineName": definition.name,
        "pipelineVersion": definition.version,
        "created": pipeline.created_at,
        "updated": pipeline.updated_at,
        "stageStates": [_stage_state(stage, pipeline.gate(stage.name)) for stage in definition.stages],
    }


def execution_detail(execution: Execution) -> dict[str, Any]:
    """Return the answer of GetPipelineExecution."""
    answer = {
        **_common(execution),
        "pipelineName": execution.definition.name,
        "pipelineVersion": execution.definition.version,
        "artifactRevisions": [
            {"name": run.outputs[0].name, "revisionId": run.revision.id, "revisionSummary": run.summary}
            for stage in execution.stages.values()
            for run in stage.runs
            if run.revision is not None
        ],
        "variables": [{"name": key, "resolvedValue": text} for key, text in execution.variables.items()],
    }
    return {"pipelineExecution": answer}


def execution_summary(execution: Execution) -> dict[str, Any]:
    """Return one member of ListPipelineExecutions."""
    summary = {
        **_common(execution),
        "startTime": execution.started_at,
        "lastUpdateTime": execution.changed_at,
        "sourceRevisions": [
            {"actionName": action, "revisionId": revision.id, "revisionSummary": revision.summary}
            for action, revision in execution.source_revisions()
        ],
    }
    if execution.stop_reason:
        summary["stopTrigger"] = {"reason": execution.stop_reason}
    return summary


def action_detail(execution: Execution, stage: StageRun, run: ActionRun) -> dict[str, Any]:
    """Return one member of ListActionExecutions."""
    result: dict[str, Any] = {
        "externalExecutionId": run.external_id,
        "externalExecutionSummary": run.error_message or run.summary,
    }
    if run.error_code:
        result["errorDetails"] = _error(run)
    return {
        "pipelineExecutionId": execution.id,
        "actionExecutionId": run.id,
        "pipelineVersion": execution.definition.version,
        "stageName": stage.stage.name,
        "actionName": run.action.name,
        "startTime": run.started_at,
        "lastUpdateTime": run.changed_at,
        "status": run.status,
        **({"updatedBy": run.updated_by} if run.updated_by else {}),
        "input": {
            "actionTypeId": dict(run.action.type_id),
            "configuration": dict(run.action.configuration),
            "resolvedConfiguration": dict(run.configuration or {}),
            "roleArn": run.action.role_arn or execution.definition.role_arn,
            "region": "us-east-1",
            "inputArtifacts": [_artifact(each) for each in run.inputs],
            **({"namespace": run.action.namespace} if run.action.namespace else {}),
        },
        "output": {
            "outputArtifacts": [_artifact(each) for each in run.outputs],
            "executionResult": {name: told for name, told in result.items() if told},
            "outputVariables": dict(run.variables),
        },
    }


def _common(execution: Execution) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "pipelineExecutionId": execution.id,
        "status": execution.status,
        "trigger": {"triggerType": execution.trigger_type, "triggerDetail": execution.trigger_detail},
        "executionMode": execution.definition.mode,
        "executionType": execution.kind,
    }
    if execution.status_summary:
        answer["statusSummary"] = execution.status_summary
    if execution.target_id:
        answer["rollbackMetadata"] = {"rollbackTargetPipelineExecutionId": execution.target_id}
    return answer


def _stage_state(stage: Stage, gate: Gate) -> dict[str, Any]:
    latest = gate.latest
    state: dict[str, Any] = {
        "stageName": stage.name,
        "inboundExecutions": [_inbound(each) for each in gate.waiting],
        "inboundTransitionState": {"enabled": True},
        "actionStates": [_action_state(action, latest) for action in stage.actions],
    }
    if gate.waiting:
        state["inboundExecution"] = _inbound(gate.waiting[-1])
    if latest is not None:
        state["latestExecution"] = {
            "pipelineExecutionId": latest.execution_id,
            "status": latest.status,
            "type": latest.kind,
        }
    return state


def _inbound(execution: Execution) -> dict[str, Any]:
    return {"pipelineExecutionId": execution.id, "status": "InProgress", "type": execution.kind}


def _action_state(action: Action, stage: StageRun | None) -> dict[str, Any]:
    state: dict[str, Any] = {"actionName": action.name}
    run = stage.latest(action.name) if stage is not None else None
    if run is None:
        return state
    told = {
        "summary": run.summary,
        "token": run.token,
        "externalExecutionId": run.external_id,
        "lastUpdatedBy": run.updated_by,
    }
    state["latestExecution"] = {
        "actionExecutionId": run.id,
        "status": run.status,
        "lastStatusChange": run.changed_at,
        **{name: text for name, text in told.items() if text},
    }
    if run.percent is not None:
        state["latestExecution"]["percentComplete"] = run.percent
    if run.error_code:
        state["latestExecution"]["errorDetails"] = _error(run)
    if run.revision is not None:
        state["currentRevision"] = {
            "revisionId": run.revision.id,
            "revisionChangeId": run.revision.id,
            "created": run.changed_at,
        }
    return state


def _error(run: ActionRun) -> dict[str, str]:
    return {"code": run.error_code, "message": run.error_message}


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {"name": artifact.name, "s3location": {"bucket": artifact.bucket, "key": artifact.key}}
