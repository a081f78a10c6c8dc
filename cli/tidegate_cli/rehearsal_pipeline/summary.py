"""The end of a rehearsal of a pipeline on the terminal: a table, what was wrong, where the report is."""

from pathlib import Path
from textwrap import shorten
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tidegate_cli.rehearsal_pipeline.result import PipelineRehearsal

_LONGEST: Final = 200
"""Characters of what was found, in the table; the report has all of it."""


def print_summary(found: PipelineRehearsal, report: Path, console: Console) -> None:
    """Print the table, each check that failed, and the path of the report."""
    console.print(_table(found))
    for part in found.parts:
        for check in part.checks:
            if not check.ok:
                text = f"NOT AS IT SHOULD BE: {part.title}: {check.what}: {check.found}"
                console.print(text, style="bold red", markup=False, soft_wrap=True)
    console.print(found.headline, markup=False, style="bold", soft_wrap=True)
    console.print(f"report: {report}", markup=False, soft_wrap=True)


def _table(found: PipelineRehearsal) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("part", "verdict", "time", "what was found"):
        table.add_column(name, justify="right" if name == "time" else "left", no_wrap=name == "verdict")
    for part in found.parts:
        verdict = Text("as it should be", style="green") if part.ok else Text("WRONG", style="bold red")
        table.add_row(
            part.title,
            verdict,
            f"{part.seconds:.0f} s",
            Text(shorten(part.found, _LONGEST, placeholder=" …")),
        )
    return table
