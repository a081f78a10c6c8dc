"""An explanation as one HTML page with everything in it, for a ticket or a review."""

import os
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from tidegate_cli.failures import CliError
from tidegate_cli.operator.evidence import number
from tidegate_cli.operator.evidence_svg import evidence_svg
from tidegate_cli.operator.explain import Explanation
from tidegate_cli.operator.explain_words import (
    contest_at,
    contest_lines,
    facts,
    rate_in_words,
    replay_in_words,
    signals_caption,
)
from tidegate_cli.operator.words import clock_time, duration

_TEMPLATE: Final = Path(__file__).with_name("explain_page.html")
_ABOUT_EVIDENCE: Final = (
    "The evidence that the candidate is worse than tolerated, after each bucket: the mean of the signals' "
    "e-values, on a logarithmic scale. 1 is none. A candidate that is never worse reaches the dashed line "
    "with the promised small probability only. It starts anew where nothing runs beside the candidate."
)
_MOODS: Final = {"PROMOTED": "good", "ROLLED_BACK": "bad", "NEEDS_HUMAN": "bad"}


def write_page(found: Explanation, path: Path) -> None:
    """Write the page; the file appears complete or not at all.

    Raises:
        CliError: it cannot be written.

    """
    partial = path.with_suffix(path.suffix + ".partial")
    try:
        partial.write_text(render(found), encoding="utf-8")
        os.replace(partial, path)  # noqa: PTH105 - replaces atomically on every system
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)


def render(found: Explanation) -> str:
    """Return the page's HTML."""
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=escape(f"{found.endpoint}: {found.rollout_id}"),
        mood=_MOODS.get(found.status, "neutral"),
        sentence=escape(found.sentence),
        detail=escape(found.detail),
        body="\n".join(_sections(found)),
    )


def _sections(found: Explanation) -> Iterator[str]:
    rows = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts(found))
    yield f"<dl>{''.join(rows)}</dl>"
    if found.rates:
        yield f"<h2>Signals</h2><p>{escape(signals_caption(found))}.</p>"
        yield _table(("signal", "candidate", "live", "e-value"), _signals(found))
    if found.contest is not None:
        lines = "".join(f"<li>{escape(line)}</li>" for line in contest_lines(found))
        yield f"<h2>Contest{escape(contest_at(found))}</h2><ul>{lines}</ul>"
    if found.points and found.threshold is not None:
        picture = evidence_svg(
            found.points, found.stages, threshold=found.threshold, started_at=found.started_at
        )
        yield f"<h2>Evidence</h2><p>{_ABOUT_EVIDENCE}</p><figure>{picture}</figure>"
    if found.stages:
        yield "<h2>Steps</h2>" + _table(
            ("stage", "share", "from", "took", "looks", "requests", "bad", "verdict", "why"), _steps(found)
        )
    yield from _check(found)


def _signals(found: Explanation) -> Iterator[Sequence[str]]:
    for rates in found.rates:
        yield rates.name, rate_in_words(rates.candidate), rate_in_words(rates.live), number(rates.e_value)


def _steps(found: Explanation) -> Iterator[Sequence[str]]:
    for stage in found.stages:
        took = "" if stage.seconds is None else duration(stage.seconds)
        share, looks = stage.share_in_words, f"{stage.looks}"
        served = stage.served
        counts = (f"{served.requests:,}", served.bad_in_words)
        yield stage.name, share, clock_time(stage.began_at), took, looks, *counts, stage.verdict, stage.reason


def _check(found: Explanation) -> Iterator[str]:
    if found.judged_again:
        mood = "bad" if found.differences else "good"
        yield f'<h2>Judged again</h2><p class="note {mood}">{escape(replay_in_words(found))}</p>'
    if found.differences:
        yield f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in found.differences)}</ul>"
    yield from (f"<p>Note: {escape(note)}</p>" for note in found.notes)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    titles = "".join(f"<th>{escape(each)}</th>" for each in head)
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'
