"""Write the report: a template, filled with what a rehearsal found out."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tidegate_cli.rehearsal_pipeline.executions import ActionTold, ExecutionTold
from tidegate_cli.rehearsal_pipeline.result import PipelineRehearsal

_FOLDER: Final = Path(__file__).parent
_MOODS: Final = {"Succeeded": "good", "Failed": "bad", "Cancelled": "back"}


def write_report(found: PipelineRehearsal, path: Path) -> None:
    """Write the report as one self-contained HTML file, which appears complete or not at all.

    Raises:
        OSError: it cannot be written, for example because the disk is full.

    """
    partial = path.with_suffix(path.suffix + ".partial")
    try:
        partial.write_text(render(found), encoding="utf-8")
        os.replace(partial, path)  # noqa: PTH105 - replaces atomically on every system
    finally:
        partial.unlink(missing_ok=True)


def render(found: PipelineRehearsal) -> str:
    """Return the report's HTML."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("template.html.j2").render(
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
