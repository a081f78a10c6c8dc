"""A status as a table for people."""

from datetime import UTC, datetime

from rich.table import Table

from tidegate_cli.operator.evidence import evidence_line
from tidegate_cli.operator.outlook import TimeLeft
from tidegate_cli.operator.status import RolloutStatus, Status


def status_table(status: Status) -> Table:
    """Return a two-column table: what, and its value."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(status):
        table.add_row(name, value)
    return table


def version_of(package_arn: str | None) -> str:
    """Return `v3` for `.../group/3`, and `none` without a package."""
    return "v" + package_arn.rsplit("/", 1)[-1] if package_arn else "none"


def duration(seconds: float) -> str:
    """Return seconds as `45 s` or `12 min`."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


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
    if rollout.step is not None:
        of = "" if rollout.steps is None else f" of {rollout.steps}"
        rows.append(("step", f"{rollout.step}{of}, planned share {rollout.planned_percent} %"))
    rows.append(("share now", f"{100 * share:.1f} % to the candidate"))
    if rollout.evidence:
        rows.append(("evidence", evidence_line(rollout.evidence)))
    if rollout.last_decision is not None:
        at = datetime.fromtimestamp(rollout.last_decision.at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        rows.append(
            (
                "last decision",
                f"{rollout.last_decision.kind} at {at}  {rollout.last_decision.reason}".rstrip(),
            )
        )
    rows.append(("next", rollout.next))
    if rollout.time_left is not None:
        rows.append(("time left", _time_left(rollout.time_left)))
    return rows


def _time_left(left: TimeLeft) -> str:
    return f"in this step at least {duration(left.at_least)}, at most {duration(left.at_most)}"
