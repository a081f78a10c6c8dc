"""A history for people: a table, or blocks where the terminal is too narrow for one."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tidegate_cli.operator.history import PastRollout
from tidegate_cli.operator.words import date_time, duration

_TABLE_WIDTH: Final = 140
_COLUMNS: Final = (
    "rollout",
    "version",
    "started",
    "ended",
    "outcome",
    "took",
    "share",
    "requests",
    "bad",
)
_WAITED: Final = "waited"


def history_parts(rollouts: Sequence[PastRollout], *, width: int) -> Iterator[RenderableType]:
    """Yield the parts to print.

    Args:
        rollouts: Newest first.
        width: Characters of a line.

    """
    if width >= _TABLE_WIDTH:
        yield _table(rollouts)
        return
    for rollout in rollouts:
        kind = "  fix-forward" if rollout.fix_forward else ""
        yield Text(f"{rollout.rollout_id}  {rollout.outcome}{kind}", style="bold")
        yield Text(f"  {_numbers(rollout)}")
        if rollout.reason:
            yield Text(f"  {rollout.reason}")


def _table(rollouts: Sequence[PastRollout]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    waited = any(rollout.waits.in_words() for rollout in rollouts)
    for name in (*_COLUMNS, *((_WAITED,) if waited else ())):
        table.add_column(name, no_wrap=name != "bad")
    table.add_column("why", ratio=1, overflow="fold")
    for rollout in rollouts:
        waits = (rollout.waits.in_words(),) if waited else ()
        table.add_row(*(Text(cell) for cell in (*_cells(rollout), *waits, rollout.reason)))
    return table


def _cells(rollout: PastRollout) -> tuple[str, ...]:
    return (
        rollout.rollout_id,
        f"{rollout.version} fix-forward" if rollout.fix_forward else rollout.version,
        date_time(rollout.started_at),
        "" if rollout.ended_at is None else date_time(rollout.ended_at),
        rollout.outcome,
        "" if rollout.seconds is None else duration(rollout.seconds),
        f"{rollout.highest_percent} %",
        f"{rollout.served.requests:,}",
        rollout.served.bad_in_words,
    )


def _numbers(rollout: PastRollout) -> str:
    end = "" if rollout.ended_at is None else f" to {date_time(rollout.ended_at)}"
    took = "" if rollout.seconds is None else f", {duration(rollout.seconds)}"
    served = f"{rollout.served.requests:,} requests, bad: {rollout.served.bad_in_words}"
    waits = rollout.waits.in_words()
    waited = f"; waited: {waits}" if waits else ""
    shared = f"at most {rollout.highest_percent} %"
    return f"{date_time(rollout.started_at)}{end}{took}; {shared}; {served}{waited}"
