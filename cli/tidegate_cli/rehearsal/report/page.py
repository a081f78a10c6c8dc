"""Write the report: a template, filled with what a rehearsal found out."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from tidegate_cli.rehearsal.report.figures import rollout_figure, timeline_figure
from tidegate_cli.rehearsal.report.rendered import rendered, write_whole
from tidegate_cli.rehearsal.result import Rehearsal, Rollout
from tidegate_cli.rehearsal.summary import headline, row_of, way_back

_FOLDER: Final = Path(__file__).parent


def write_report(found: Rehearsal, path: Path) -> None:
    """Write the report as one self-contained HTML file.

    The file appears complete or not at all.

    Raises:
        OSError: it cannot be written, for example because the disk is full.

    """
    write_whole(render(found), path)


def render(found: Rehearsal) -> str:
    """Return the report's HTML."""
    return rendered(
        _FOLDER,
        found=found,
        headline=headline(found),
        rollouts=[_rollout(rollout, found) for rollout in found.rollouts],
        # Drawn by us from numbers; nothing in it comes from outside.
        timeline=Markup(timeline_figure(found)),  # noqa: S704
        failed=sorted(found.account.failed.items()),
        when=datetime.fromtimestamp(found.began, UTC).strftime("%Y-%m-%d %H:%M UTC"),
        seconds=round(found.ended - found.began),
    )


def _rollout(rollout: Rollout, found: Rehearsal) -> dict[str, Any]:
    version, verdict, why, served, errors, time = row_of(rollout, found.scale)
    first = bool(rollout.run.body.get("first"))
    return {
        "version": version,
        "verdict": verdict,
        "mood": {"PROMOTED": "good", "ROLLED BACK": "back", "FIRST VERSION": "first"}.get(verdict, "bad"),
        "why": why,
        "served": served,
        "errors": errors,
        "time": time,
        "id": rollout.run.rollout_id,
        "model": next((model for model in found.models if model.version == version), None),
        "way_back": way_back(rollout, found.scale),
        "figure": None if first else Markup(rollout_figure(rollout, found)),  # noqa: S704
    }
