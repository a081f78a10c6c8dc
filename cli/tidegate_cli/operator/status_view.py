"""A status as a table for people."""

from rich.table import Table

from tidegate_cli.operator.contest import contest_line
from tidegate_cli.operator.evidence import evidence_line
from tidegate_cli.operator.status import RolloutStatus, Status
from tidegate_cli.operator.words import date_time, duration, version_of


def status_table(status: Status) -> Table:
    """Return a two-column table: what, and its value."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(status):
        table.add_row(name, value)
    return table


def status_line(status: Status) -> str:
    """Return the status in one line, without what changes by the mere passing of time."""
    rollout = status.rollout
    if rollout is None:
        return f"{status.endpoint} ({status.endpoint_status}): no rollout yet"
    of = "" if rollout.steps is None else f" of {rollout.steps}"
    said = [
        f"{status.endpoint} ({status.endpoint_status})",
        f"{version_of(rollout.package_arn)} {rollout.status} {rollout.phase}".rstrip(),
        "" if rollout.step is None else f"step {rollout.step}{of}",
        rollout.way or f"{100 * status.candidate_share:.1f} % to the candidate",
        evidence_line(rollout.evidence),
        "" if rollout.contest is None else contest_line(rollout.contest),
        f"next: {rollout.next}",
    ]
    return ", ".join(part for part in said if part)


def time_left(status: Status) -> str:
    """Return `, in this step at least 3 min, at most 58 min`, or nothing where it is not known."""
    words = "" if status.rollout is None else _time_left(status.rollout)
    return f", {words}" if words else ""


def _rows(status: Status) -> list[tuple[str, str]]:
    rows = [
        ("endpoint", f"{status.endpoint} ({status.endpoint_status})"),
        ("live version", f"{version_of(status.live_package_arn)}  {status.live_package_arn or ''}".rstrip()),
    ]
    if status.rollout is None:
        return [*rows, ("rollout", "none yet")]
    return [*rows, *_rollout_rows(status.rollout, status.candidate_share)]


def _rollout_rows(rollout: RolloutStatus, share: float) -> list[tuple[str, str]]:
    rows = [
        ("rollout", f"{rollout.rollout_id} ({rollout.status})"),
        ("rolls out", f"{version_of(rollout.package_arn)}  {rollout.package_arn}"),
        ("phase", rollout.phase or "unknown"),
    ]
    if rollout.fix_forward:
        rows.append(("fix-forward", "judged alone, by the absolute tolerances"))
    if rollout.step is not None:
        of = "" if rollout.steps is None else f" of {rollout.steps}"
        rows.append(("step", f"{rollout.step}{of}, planned share {rollout.planned_percent} %"))
    share_now = ("share now", f"{100 * share:.1f} % to the candidate")
    rows.append(("goes live", rollout.way) if rollout.way else share_now)
    if rollout.evidence:
        rows.append(("evidence", evidence_line(rollout.evidence)))
    if rollout.contest is not None:
        rows.append(("contest", contest_line(rollout.contest)))
    if rollout.last_decision is not None:
        at = date_time(rollout.last_decision.at)
        rows.append(
            (
                "last decision",
                f"{rollout.last_decision.kind} at {at}  {rollout.last_decision.reason}".rstrip(),
            )
        )
    rows += [*rollout.standing.rows(), *rollout.remarks.rows()]
    rows.append(("next", rollout.next))
    if rollout.time_left is not None:
        rows.append(("time left", _time_left(rollout)))
    return rows


def _time_left(rollout: RolloutStatus) -> str:
    parts = [("in this step", rollout.time_left), ("then", rollout.time_after)]
    said = [
        f"{what} at least {duration(left.at_least)}, at most {duration(left.at_most)}"
        for what, left in parts
        if left is not None
    ]
    return "; ".join(said)
