"""Executions as a rehearsal reads them."""

from tidegate_cli.rehearsal_pipeline.executions import ActionTold, ExecutionTold


def action(stage: str, name: str, status: str = "Succeeded", told: str = "", build: str = "") -> ActionTold:
    return ActionTold(
        stage=stage, name=name, status=status, began=0.0, ended=60.0, told=told, external_id=build
    )


def execution(
    *actions: ActionTold,
    status: str = "Succeeded",
    trigger: str = "CloudWatchEvent",
    revision: str = "v2",
    pipeline: str = "rehearsed",
    version: int = 1,
) -> ExecutionTold:
    return ExecutionTold(
        pipeline=pipeline,
        id=f"{status}-{len(actions)}-execution",
        status=status,
        trigger=trigger,
        revision=revision,
        why="",
        version=version,
        actions=actions,
    )
