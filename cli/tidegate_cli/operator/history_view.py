"""A history as a table for people."""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from tidegate_cli.operator.history import PastRollout
from tidegate_cli.operator.words import date_time, duration

_COLUMNS: Final = (
    ("rollout", "left"),
    ("version", "left"),
    ("started", "left"),
    ("ended", "left"),
    ("outcome", "left"),
    ("took", "right"),
    ("highest share", "right"),
    ("requests", "right"),
    ("bad", "right"),
)


def history_table(rollouts: Sequence[PastRollout]) -> Table:
    """Return a table, a row a rollout."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, justify in _COLUMNS:
        table.add_column(name, justify="right" if justify == "right" else "left", overflow="fold")
    table.add_column("why", ratio=1, overflow="fold")
    for rollout in rollouts:
        table.add_row(*_cells(rollout))
    return table


def _cells(rollout: PastRollout) -> list[Text]:
    ended, seconds = rollout.ended_at, rollout.seconds
    return [
        Text(cell)
        for cell in (
            rollout.rollout_id,
            rollout.version,
            date_time(rollout.started_at),
            "" if ended is None else date_time(ended),
            rollout.outcome,
            "" if seconds is None else duration(seconds),
            f"{rollout.highest_percent} %",
            f"{rollout.served.requests:,}",
            rollout.served.bad_in_words,
            rollout.reason,
        )
    ]
