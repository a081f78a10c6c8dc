"""CodePipeline's read operations.

Source: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_Operations.html
"""

from collections.abc import Mapping
from typing import Any

from localcloud.codepipeline import answers
from localcloud.codepipeline import execution as states
from localcloud.codepipeline.pipeline import Pipelines
from localcloud.errors import NotEmulated

Params = Mapping[str, Any]


class Reads:
    """Answers without changing anything.

    Args:
        pipelines: all pipelines.

    """

    def __init__(self, pipelines: Pipelines) -> None:
        self._pipelines = pipelines

    def op_list_pipelines(self, params: Params) -> dict[str, Any]:
        """List pipelines by name."""
        with self._pipelines.lock:
            found = [
                {
                    "name": name,
                    "version": pipeline.definition.version,
                    "created": pipeline.created_at,
                    "updated": pipeline.updated_at,
                    "pipelineType": pipeline.definition.declaration.get("pipelineType", "V1"),
                    "executionMode": pipeline.definition.mode,
                }
                for name, pipeline in self._pipelines.sorted()
            ]
        return answers.page(found, params, "pipelines")

    def op_get_pipeline_state(self, params: Params) -> dict[str, Any]:
        """Return the state of each stage and action."""
        with self._pipelines.lock:
            return answers.pipeline_state(self._pipelines.get(params["name"]))

    def op_get_pipeline_execution(self, params: Params) -> dict[str, Any]:
        """Return one execution."""
        with self._pipelines.lock:
            pipeline = self._pipelines.get(params["pipelineName"])
            return answers.execution_detail(pipeline.execution(params["pipelineExecutionId"]))

    def op_list_pipeline_executions(self, params: Params) -> dict[str, Any]:
        """List executions, newest first."""
        stage = params.get("filter", {}).get("succeededInStage", {}).get("stageName")
        with self._pipelines.lock:
            pipeline = self._pipelines.get(params["pipelineName"])
            found = [
                answers.execution_summary(each)
                for each in reversed(pipeline.executions)
                if stage is None or (stage in each.stages and each.stages[stage].status == states.SUCCEEDED)
            ]
        return answers.page(found, params, "pipelineExecutionSummaries")

    def op_list_action_executions(self, params: Params) -> dict[str, Any]:
        """List executions of actions, newest first, of one pipeline execution if asked for."""
        wanted = params.get("filter", {})
        if "latestInPipelineExecution" in wanted:
            raise NotEmulated("CodePipeline ListActionExecutions.filter.latestInPipelineExecution")
        with self._pipelines.lock:
            pipeline = self._pipelines.get(params["pipelineName"])
            if "pipelineExecutionId" in wanted:
                executions = [pipeline.execution(wanted["pipelineExecutionId"])]
            else:
                executions = pipeline.executions
            found = [
                answers.action_detail(execution, stage, run)
                for execution in executions
                for stage in execution.stages.values()
                for run in stage.runs
            ]
        return answers.page(found[::-1], params, "actionExecutionDetails")
