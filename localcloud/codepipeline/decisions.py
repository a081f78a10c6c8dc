"""PutApprovalResult.

Source: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutApprovalResult.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.codepipeline.actions.approval import Approvals
from localcloud.codepipeline.execution import ActionRun
from localcloud.codepipeline.pipeline import Pipeline, Pipelines
from localcloud.errors import AwsError

Params = Mapping[str, Any]


class Decisions:
    """Takes what people decide.

    Args:
        pipelines: all pipelines.
        approvals: those that wait.
        now: cloud time in epoch seconds.
        caller: ARN of whoever makes the call that is being answered.

    """

    def __init__(
        self, pipelines: Pipelines, approvals: Approvals, now: Callable[[], float], caller: Callable[[], str]
    ) -> None:
        self._caller = caller
        self._pipelines = pipelines
        self._approvals = approvals
        self._now = now

    def op_put_approval_result(self, params: Params) -> dict[str, Any]:
        """Decide a manual approval."""
        with self._pipelines.lock:
            run = self._approval(self._pipelines.get(params["pipelineName"]), params)
            result = params["result"]
            if not run.token:
                raise AwsError("ApprovalAlreadyCompletedException", f"{run.action.name} was decided already")
            if run.token != params["token"]:
                raise AwsError(
                    "InvalidApprovalTokenException", "The approval token is not the one that waits"
                )
            run.updated_by = self._caller()
            self._approvals.decide(
                run.token, approved=result["status"] == "Approved", summary=result["summary"]
            )
            return {"approvedAt": self._now()}

    @staticmethod
    def _approval(pipeline: Pipeline, params: Params) -> ActionRun:
        index = pipeline.require_stage(params["stageName"])
        stage = pipeline.definition.stages[index]
        names = [each.name for each in stage.actions if each.kind == ("Approval", "Manual")]
        latest = pipeline.gate(stage.name).latest
        run = latest.latest(params["actionName"]) if latest is not None else None
        if params["actionName"] not in names or run is None:
            raise AwsError(
                "ActionNotFoundException",
                f"There is no approval {params['actionName']} in the stage {stage.name}",
            )
        return run
