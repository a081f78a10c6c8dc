"""Which execution a stage can be rolled back to.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html (an execution that
started with the current structure and succeeded in this stage; never a rollback; never the source stage)
"""

from localcloud.codepipeline import execution as states
from localcloud.codepipeline.definition import PARALLEL
from localcloud.codepipeline.execution import Execution
from localcloud.codepipeline.pipeline import Pipeline
from localcloud.errors import AwsError


def rollback_target(
    pipeline: Pipeline, stage_name: str, *, before: Execution | None = None
) -> Execution | None:
    """Return the latest execution that a stage can go back to, None when there is none.

    Args:
        pipeline: which.
        stage_name: the stage.
        before: an execution that is not to be the target.

    """
    able = [each for each in pipeline.executions if each is not before and _able(pipeline, each, stage_name)]
    return able[-1] if able else None


def require_target(pipeline: Pipeline, stage_name: str, execution: Execution) -> None:
    """Refuse a rollback to an execution that cannot be its target.

    Raises:
        AwsError: UnableToRollbackStageException or PipelineExecutionOutdatedException.

    """
    if pipeline.definition.mode == PARALLEL or pipeline.definition.index_of(stage_name) == 0:
        raise _unable("A source stage, and a stage of a PARALLEL pipeline, cannot be rolled back")
    if execution.definition.version != pipeline.definition.version:
        raise AwsError(
            "PipelineExecutionOutdatedException",
            f"The execution {execution.id} ran with version {execution.definition.version} of the pipeline, "
            f"which is at version {pipeline.definition.version}",
        )
    if not _able(pipeline, execution, stage_name):
        raise _unable(f"The execution {execution.id} is a rollback, or did not succeed in {stage_name}")


def _able(pipeline: Pipeline, execution: Execution, stage_name: str) -> bool:
    run = execution.stages.get(stage_name)
    return (
        execution.kind == states.STANDARD
        and execution.definition.version == pipeline.definition.version
        and run is not None
        and run.status == states.SUCCEEDED
    )


def _unable(message: str) -> AwsError:
    return AwsError("UnableToRollbackStageException", message)
