"""The `Approvals` port on CodePipeline's record of its actions."""

from collections.abc import Mapping
from typing import Any

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.delivery_ports import Decision


class PipelineApprovals:
    """Manual approvals of the pipelines of one account and region.

    Source:
        https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListActionExecutions.html

    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def newest(self, pipeline: str, execution: str, *, stage: str) -> Decision | None:
        """Return the newest manual approval in a stage of an execution, or None."""
        pages = self._client.get_paginator("list_action_executions").paginate(
            pipelineName=pipeline, filter={"pipelineExecutionId": execution}
        )
        with translated():
            found = [one for page in pages for one in page["actionExecutionDetails"] if _approves(one, stage)]
        newest = max(found, key=lambda one: one["lastUpdateTime"], default=None)
        if newest is None:
            return None
        result = newest.get("output", {}).get("executionResult", {})
        return Decision(
            by=newest.get("updatedBy") or "somebody whom CodePipeline does not name",
            comment=result.get("externalExecutionSummary", ""),
            stage=stage,
        )


def _approves(action: Mapping[str, Any], stage: str) -> bool:
    kind = action.get("input", {}).get("actionTypeId", {}).get("category")
    return kind == "Approval" and action.get("status") == "Succeeded" and action.get("stageName") == stage
