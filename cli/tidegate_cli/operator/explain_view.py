"""An explanation for people: what decided, the numbers, the steps, the evidence, and the check of it all."""

from collections.abc import Iterator
from typing import Final

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tidegate_cli.operator.evidence import number
from tidegate_cli.operator.evidence_plot import evidence_plot
from tidegate_cli.operator.explain import Explanation
from tidegate_cli.operator.explain_words import (
    contest_at,
    contest_lines,
    facts,
    rate_in_words,
    replay_in_words,
    signals_caption,
)
from tidegate_cli.operator.looks import SignalRates
from tidegate_cli.operator.stages import Stage
from tidegate_cli.operator.words import clock_time, duration

_SHOWN_DIFFERENCES: Final = 12


def explanation_parts(found: Explanation, *, width: int, plain: bool) -> Iterator[RenderableType]:
    """Yield the parts to print, in order.

    Args:
        found: What was found out.
        width: Characters of a line.
        plain: Draw with ASCII only.

    """
    yield Text(f"{found.sentence}.", style="bold")
    if found.detail:
        yield Text(f"{found.detail}.")
    yield _facts(found)
    if found.rates:
        yield Text(f"\n{signals_caption(found)}", style="bold")
        yield _signals(found)
    if found.contest is not None:
        yield Text(f"\nContest{contest_at(found)}", style="bold")
        yield from (Text(line) for line in contest_lines(found))
    if found.stages:
        yield _steps(found.stages)
        yield from (Text(f"{stage.name}: {stage.reason}") for stage in found.stages if stage.reason)
    if found.points and found.threshold is not None:
        title = "\nEvidence that the candidate is worse than tolerated: e-value (log scale) after each bucket"
        yield Text(title, style="bold")
        lines = evidence_plot(
            found.points, found.stages, threshold=found.threshold, width=min(width, 110), plain=plain
        )
        yield Text("\n".join(lines), no_wrap=True)
    yield from _check(found)


def _facts(found: Explanation) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts(found):
        table.add_row(name, Text(value))
    return table


def _signals(found: Explanation) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("signal", "candidate", "live", "e-value"):
        table.add_column(name, overflow="fold")
    for rates in found.rates:
        table.add_row(*(Text(cell) for cell in _signal(rates)))
    return table


def _signal(rates: SignalRates) -> tuple[str, ...]:
    return rates.name, rate_in_words(rates.candidate), rate_in_words(rates.live), number(rates.e_value)


def _steps(stages: tuple[Stage, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("stage", "share", "from", "took", "looks", "requests", "bad", "verdict"):
        table.add_column(name, no_wrap=name != "bad")
    for stage in stages:
        table.add_row(*(Text(cell) for cell in _step(stage)))
    return table


def _step(stage: Stage) -> tuple[str, ...]:
    return (
        stage.name,
        stage.share_in_words,
        clock_time(stage.began_at),
        "" if stage.seconds is None else duration(stage.seconds),
        f"{stage.looks}",
        f"{stage.served.requests:,}",
        stage.served.bad_in_words,
        stage.verdict,
    )


def _check(found: Explanation) -> Iterator[RenderableType]:
    if found.judged_again:
        yield Text("\n" + replay_in_words(found), style="bold red" if found.differences else "")
    for difference in found.differences[:_SHOWN_DIFFERENCES]:
        yield Text(f"  {difference}", style="red")
    more = len(found.differences) - _SHOWN_DIFFERENCES
    if more > 0:
        yield Text(f"  and {more} more", style="red")
    for note in found.notes:
        yield Text(f"note: {note}")
