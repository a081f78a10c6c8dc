"""The answer of `check-model`, for people and for programs."""

from dataclasses import dataclass
from typing import Any, Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tidegate_cli.check_model.checks import Check, Status, passed

_STYLES: Final = {
    Status.PASS: "green",
    Status.WARN: "yellow",
    Status.FAIL: "bold red",
    Status.NOT_RUN: "bold magenta",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that was found about one model.

    Attributes:
        model: What the user asked about.
        kind: Kind of inference.
        checks: The checks, in order.
        log: What the model process wrote, when it did not start; empty otherwise.

    """

    model: str
    kind: str
    checks: tuple[Check, ...]
    log: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing failed and nothing was left out."""
        return passed(self.checks)

    @property
    def verdict(self) -> str:
        """The end of the answer, in a line."""
        counts = {status: sum(check.status is status for check in self.checks) for status in Status}
        told = ", ".join(f"{count} {status.value}" for status, count in counts.items() if count)
        if self.ok:
            return f"{self.model} keeps the container contract for {self.kind} ({told})"
        if counts[Status.FAIL]:
            return f"{self.model} would not work as {self.kind} ({told})"
        return f"{self.model} could not be checked for {self.kind} ({told})"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return {
            "model": self.model,
            "kind": self.kind,
            "passed": self.ok,
            "checks": [check.to_json() for check in self.checks],
            "log": self.log,
        }


def report_view(report: Report) -> RenderableType:
    """Return the answer for a terminal."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for title in ("check", "", "found", "allowed"):
        table.add_column(title, overflow="fold")
    sources: list[str] = []
    for check in report.checks:
        allowed = f"{check.allowed}{_mark(check.source, sources)}"
        status = Text(check.status.value, style=_STYLES[check.status])
        table.add_row(Text(check.what), status, Text(check.found), Text(allowed))
    notes = [Text(f"[{number}] {source}", style="dim") for number, source in enumerate(sources, 1)]
    log = [Text("\nThe model process wrote:"), Text(report.log, style="dim")] if report.log else []
    verdict = Text(f"\n{report.verdict}", style="bold green" if report.ok else "bold red")
    return Group(table, *notes, *log, verdict)


def _mark(source: str, sources: list[str]) -> str:
    """Return the footnote of a source, which is told once beneath the table."""
    if not source:
        return ""
    if source not in sources:
        sources.append(source)
    return f" [{sources.index(source) + 1}]"
