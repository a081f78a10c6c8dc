"""Pictures as inline SVG, in the colours of Okabe and Ito, which colour-blind people can tell apart."""

import io
from collections.abc import Iterator
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tidegate_cli.rehearsal.report import series
from tidegate_cli.rehearsal.result import Rehearsal, Rollout

CANDIDATE_COLOUR: Final = "#D55E00"
LIVE_COLOUR: Final = "#0072B2"
_MOODS: Final = {"good": "#00734F", "bad": "#B00020", "neutral": "#555555"}
_MARKERS: Final = {"good": "^", "bad": "X", "neutral": "o"}
_STYLE: Final[dict[str, Any]] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": "#1a1a1a",
    "axes.labelcolor": "#1a1a1a",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 9,
}


def rollout_figure(rollout: Rollout, found: Rehearsal) -> str:
    """Draw a rollout: share, error rate and evidence over time, with the decisions; return the SVG."""
    with rc_context(_style(rollout.version)):
        figure = Figure(figsize=(11, 7.6), layout="constrained")
        share, errors, evidence = figure.subplots(3, 1, sharex=True, height_ratios=[1.25, 1, 1.15])
        _draw_share(share, rollout, found)
        _draw_errors(errors, rollout, found)
        _draw_evidence(evidence, rollout)
        _draw_marks((share, errors, evidence), rollout)
        evidence.set_xlabel("minutes of cloud time since the start of the rollout")
        evidence.set_xlim(0, max(1.0, series.end_of(rollout)) * 1.02)
        return _svg(figure)


def timeline_figure(found: Rehearsal) -> str:
    """Draw the whole rehearsal: its rollouts and deploys over real time; return the SVG."""
    with rc_context(_style("timeline")):
        bars = list(_bars(found))
        figure = Figure(figsize=(11, 0.8 + 0.36 * len(bars)), layout="constrained")
        axes = figure.subplots()
        total = found.ended - found.began
        for row, (_, began, ended, colour, label) in enumerate(bars):
            axes.broken_barh([(began, max(ended - began, total / 300))], (row - 0.32, 0.64), color=colour)
            axes.text(max(ended, began) + total / 150, row, label, va="center", fontsize=9)
        axes.set_yticks(range(len(bars)), [bar[0] for bar in bars])
        axes.invert_yaxis()
        axes.set_xlim(0, total * 1.14)
        axes.set_xlabel("seconds since the start of the rehearsal (real time)")
        axes.grid(visible=False, axis="y")
        return _svg(figure)


def _draw_share(axes: Any, rollout: Rollout, found: Rehearsal) -> None:
    planned, served = series.planned_share(rollout), series.served_share(rollout, found)
    axes.step(planned.x, planned.y, where="post", color=CANDIDATE_COLOUR, linewidth=2, label="decided")
    axes.plot(
        served.x,
        served.y,
        "o",
        color=CANDIDATE_COLOUR,
        alpha=0.45,
        markersize=3.5,
        label="seen by the client",
    )
    axes.set_ylabel(f"traffic to {rollout.version}, %")
    axes.set_ylim(-4, 108)
    axes.legend(loc="center right")


def _draw_errors(axes: Any, rollout: Rollout, found: Rehearsal) -> None:
    promoted = [record for record in rollout.live if record.version == rollout.version]
    before = [record for record in rollout.live if record.version != rollout.version]
    lines = (
        ("candidate", [*rollout.candidate, *promoted], CANDIDATE_COLOUR, "-"),
        ("live", before, LIVE_COLOUR, "--"),
    )
    highest = 1.5
    for name, records, colour, style in lines:
        total = series.error_rate(rollout, found, records)
        each = series.minute_error_rate(rollout, found, records)
        axes.plot(each.x, each.y, "o", color=colour, alpha=0.35, markersize=3.5)
        axes.plot(
            total.x,
            total.y,
            style,
            color=colour,
            linewidth=2,
            label=f"{name} (line: so far, dot: that minute)",
        )
        highest = max([highest, *each.y])
    axes.set_ylabel("requests that failed, %")
    axes.set_ylim(-0.04 * highest, highest * 1.1)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.legend(loc="upper right")


def _draw_evidence(axes: Any, rollout: Rollout) -> None:
    line = series.evidence(rollout)
    axes.plot(line.x, line.y, color="#1a1a1a", linewidth=1.8, marker=".")
    limit = series.threshold(rollout)
    if limit is not None:
        axes.axhline(limit, color=_MOODS["bad"], linewidth=1.5, linestyle=(0, (6, 3)))
        axes.text(
            0.005,
            limit * 1.25,
            f"FAIL at {limit:.0f}",
            color=_MOODS["bad"],
            va="bottom",
            fontsize=9,
            transform=axes.get_yaxis_transform(),
        )
    axes.set_yscale("log")
    bottom, top = axes.get_ylim()
    axes.set_ylim(max(min(bottom, 0.5), 1e-4), max(top, (limit or 100) * 8))
    axes.set_ylabel("e-value (log)")


def _draw_marks(panels: tuple[Any, ...], rollout: Rollout) -> None:
    end = max(1.0, series.end_of(rollout))
    occupied: list[float] = []
    for mark in series.marks(rollout):
        colour = _MOODS[mark.mood]
        for axes in panels:
            axes.axvline(mark.x, color=colour, linewidth=1, alpha=0.55)
        level = next((i for i, until in enumerate(occupied) if mark.x > until), len(occupied))
        width = end * (0.018 + 0.0085 * len(mark.text))
        occupied[level : level + 1] = [mark.x + width]
        panels[0].annotate(
            mark.text,
            (mark.x, 1.02),
            xytext=(0, 12 * level),
            textcoords="offset points",
            xycoords=panels[0].get_xaxis_transform(),
            color=colour,
            fontsize=9,
            fontweight="normal" if mark.mood == "neutral" else "bold",
        )
        panels[0].plot(
            mark.x,
            1.0,
            _MARKERS[mark.mood],
            color=colour,
            clip_on=False,
            transform=panels[0].get_xaxis_transform(),
        )


def _bars(found: Rehearsal) -> Iterator[tuple[str, float, float, str, str]]:
    """Yield name, begin, end, colour and label of each bar, in the order of their begins."""
    bars = []
    for ran in found.deploys:
        outcome = "done" if ran.status == 0 else "failed, rolled back"
        colour = "#56B4E9" if ran.status == 0 else _MOODS["bad"]
        name = "cdk " + ran.what.replace(found.endpoint + "-", "").replace(" ", " ", 1)
        bars.append((name, ran.began, ran.ended, colour, f"{outcome}, {ran.ended - ran.began:.0f} s"))
    for rollout in found.rollouts:
        began = found.real_time(rollout.run.started_at)
        ended = found.real_time(float(rollout.run.body.get("ended_at") or rollout.run.started_at))
        colour = {"PROMOTED": "#009E73", "ROLLED BACK": "#E69F00"}.get(rollout.verdict, "#999999")
        bars.append((f"rollout {rollout.version}", began, ended, colour, rollout.verdict.lower()))
    for name, began, ended, colour, label in sorted(bars, key=lambda bar: bar[1]):
        yield name, began - found.began, ended - found.began, colour, label


def _style(name: str) -> Any:
    """Return the style; `name` keeps the ids within several pictures of one page apart."""
    return {**_STYLE, "svg.hashsalt": name}


def _svg(figure: Figure) -> str:
    with io.StringIO() as buffer:
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        text = buffer.getvalue()
    return text[text.index("<svg") :]
