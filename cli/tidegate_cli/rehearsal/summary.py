"""The end of a rehearsal on the terminal: a short table, what was wrong, where the report is."""

from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tidegate_cli.operator.words import duration
from tidegate_cli.rehearsal.result import Rehearsal, Rollout


def print_summary(found: Rehearsal, report: Path, console: Console) -> None:
    """Print the table, each check that failed, and the path of the report."""
    console.print(_table(found))
    for rollout in found.rollouts:
        if rollout.way_back is not None:
            console.print(
                f"{rollout.version}: {way_back(rollout, found.scale)}", markup=False, soft_wrap=True
            )
    for check in found.checks:
        if not check.ok:
            console.print(f"NOT AS IT SHOULD BE: {check.what}: {check.found}", style="bold red", markup=False)
    console.print(headline(found), markup=False, style="bold", soft_wrap=True)
    console.print(f"report: {report}", markup=False, soft_wrap=True)


def headline(found: Rehearsal) -> str:
    """Say in a sentence or two how the rehearsal ended."""
    if not found.ok:
        wrong = sum(not check.ok for check in found.checks)
        return f"The rehearsal failed: {wrong} of {len(found.checks)} checks did not hold."
    seconds = found.ended - found.began
    return (
        "The rehearsal passed: v2 was promoted, v3 was stopped, v2 still answers, "
        f"and all {found.account.sent:,} requests are accounted for "
        f"({found.achieved_rate:.0f} a second, {seconds:.0f} s in all)."
    )


def row_of(rollout: Rollout, scale: float) -> tuple[str, str, str, str, str, str]:
    """Return version, verdict, why, requests, errors and time to decision of a rollout, for people."""
    decision = rollout.seconds_to_decision
    time = "" if decision is None else f"{duration(decision)} ({decision / scale:.0f} s real)"
    served = "" if rollout.run.body.get("first") else f"{len(rollout.candidate):,}"
    errors = "" if rollout.run.body.get("first") else f"{rollout.candidate_errors:,}"
    return rollout.version, rollout.verdict, rollout.why, served, errors, time


def way_back(rollout: Rollout, scale: float) -> str:
    """Say how fast the traffic was taken back, in real seconds; empty without a rollback."""
    back = rollout.way_back
    if back is None:
        return ""
    refused, since = back.seconds_refused / scale, back.seconds_since_accepted / scale
    return (
        f"weight 0 was seen {back.seconds_since_request / scale:.1f} s after the rollback was requested: "
        f"the endpoint refused changes for {refused:.1f} s, and took {since:.1f} s from accepting to weight 0"
    )


def _table(found: Rehearsal) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("version", "verdict", "answered", "errors", "time to decision", "why"):
        right = name in {"answered", "errors"}
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "why")
    for rollout in found.rollouts:
        style = {"PROMOTED": "green", "ROLLED BACK": "yellow"}.get(rollout.verdict, "")
        version, verdict, why, *numbers = row_of(rollout, found.scale)
        table.add_row(version, Text(verdict, style=style), *numbers, Text(why))
    return table
