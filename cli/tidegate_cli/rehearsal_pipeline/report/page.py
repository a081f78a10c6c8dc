"""Write the report: a template, filled with what a rehearsal found out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tidegate_cli.rehearsal.report.rendered import rendered, write_whole
from tidegate_cli.rehearsal_pipeline.executions import ActionTold, ExecutionTold
from tidegate_cli.rehearsal_pipeline.result import PipelineRehearsal

_FOLDER: Final = Path(__file__).parent
_MOODS: Final = {"Succeeded": "good", "Failed": "bad", "Cancelled": "back"}


def write_report(found: PipelineRehearsal, path: Path) -> None:
    """Write the report as one self-contained HTML file, which appears complete or not at all.

    Raises:
        OSError: it cannot be written, for example because the disk is full.

    """
    write_whole(render(found), path)


def render(found: PipelineRehearsal) -> str:
    """Return the report's HTML."""
    return rendered(
        _FOLDER,
        found=found,
        executions=[_execution(each, found) for each in found.executions],
        when=datetime.fromtimestamp(found.began, UTC).strftime("%Y-%m-%d %H:%M UTC"),
        seconds=round(found.ended - found.began),
        sent=sum(found.requests.values()),
    )


def _execution(execution: ExecutionTold, found: PipelineRehearsal) -> dict[str, Any]:
    return {
        "pipeline": execution.pipeline,
        "id": execution.id[:8],
        "trigger": execution.trigger,
        "status": execution.status,
        "mood": _MOODS.get(execution.status, ""),
        "version": execution.version,
        "stages": list(_stages(execution, found.scale)),
    }


def _stages(execution: ExecutionTold, scale: float) -> Iterator[dict[str, Any]]:
    """Yield each stage with its real seconds, and the action that tells most about it."""
    for name in dict.fromkeys(action.stage for action in execution.actions):
        actions = [action for action in execution.actions if action.stage == name]
        seconds = (max(each.ended for each in actions) - min(each.began for each in actions)) / scale
        failed = next((each for each in actions if each.status == "Failed"), None)
        yield {
            "name": name,
            "actions": len(actions),
            "seconds": f"{seconds:.1f}",
            "mood": "bad" if failed is not None else "good",
            "told": list(_told(actions)),
        }


def _told(actions: list[ActionTold]) -> Iterator[str]:
    for action in actions:
        if action.told:
            yield f"{action.name}: {action.told}"
