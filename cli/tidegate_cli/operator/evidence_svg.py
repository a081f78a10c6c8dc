"""The evidence of a rollout as inline SVG, coloured by the page around it."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from tidegate_cli.operator.evidence_plot import Scale
from tidegate_cli.operator.looks import Point
from tidegate_cli.operator.stages import Stage

_WIDTH, _HEIGHT = 960, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 16, 34, 44
_NAME_WIDTH: Final = 46
_MOST_DOTS: Final = 300


def evidence_svg(
    points: Sequence[Point], stages: Sequence[Stage], *, threshold: float, started_at: float
) -> str:
    """Draw the evidence after each bucket, the threshold, and the begin of each stage.

    Args:
        points: The evidence; at least one.
        stages: The stages.
        threshold: The e-value at which the judge fails the candidate.
        started_at: Begin of the rollout, where time is zero; epoch seconds.

    """
    plane = _Plane(points, threshold, started_at)
    parts = [*plane.grid(), *plane.stages(stages), *plane.limit(threshold), *plane.line(points)]
    label = "Evidence that the candidate is worse than tolerated, over time"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}'
        f'<text class="soft" x="{(_LEFT + _WIDTH - _RIGHT) / 2:.0f}" y="{_HEIGHT - 6}" '
        'text-anchor="middle">minutes since the start of the rollout</text></svg>'
    )


class _Plane:
    """Turns times and e-values into places."""

    def __init__(self, points: Sequence[Point], threshold: float, started_at: float) -> None:
        self._scale = Scale.of(points, threshold)
        self._start = started_at
        self._minutes = max((points[-1].start + points[-1].seconds - started_at) / 60, 1.0)

    def grid(self) -> Iterator[str]:
        low, high = int(self._scale.low), int(self._scale.high)
        for power in range(low, high + 1, max(1, (high - low) // 8)):
            y = self._y(float(power))
            name = f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"
            yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield f'<text class="soft" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{name}</text>'
        for minute in self._ticks():
            x = self._x(self._start + 60 * minute)
            yield (
                f'<text class="soft" x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 18}" '
                f'text-anchor="middle">{minute:g}</text>'
            )

    def stages(self, stages: Sequence[Stage]) -> Iterator[str]:
        free = 0.0
        for stage in stages:
            x = self._x(stage.began_at)
            name = stage.name if stage.name in ("shadow", "watch") else f"{stage.weight_percent} %"
            yield f'<line class="stage" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>'
            if x >= free:
                yield f'<text x="{x:.1f}" y="{_TOP - 8}">{escape(name)}</text>'
                free = x + _NAME_WIDTH

    def limit(self, threshold: float) -> Iterator[str]:
        y = self._y(self._scale.threshold)
        yield f'<line class="limit" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield (f'<text class="limit" x="{_LEFT + 6}" y="{y - 6:.1f}">FAIL at {threshold:,.0f}</text>')

    def line(self, points: Sequence[Point]) -> Iterator[str]:
        places = [(self._x(point.start + point.seconds), self._y(point.log10_e)) for point in points]
        kinds = [point.kind for point in points]
        for kind in dict.fromkeys(kinds):
            own = (place for place, its in zip(places, kinds, strict=True) if its == kind)
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in own)
            yield f'<polyline class="evidence" points="{path}"/>'
        if len(points) > _MOST_DOTS:
            return
        for point, (x, y) in zip(points, places, strict=True):
            title = f"e-value 10^{point.log10_e:.2f}"
            yield f'<circle class="evidence" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{title}</title></circle>'

    def _ticks(self) -> Iterator[int]:
        steps = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)
        step = next((each for each in steps if self._minutes / each <= 12), 2880)
        yield from range(0, int(self._minutes) + 1, step)

    def _x(self, at: float) -> float:
        share = min(1.0, max(0.0, (at - self._start) / 60 / self._minutes))
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def _y(self, log10_e: float) -> float:
        return _HEIGHT - _BOTTOM - self._scale.share(log10_e) * (_HEIGHT - _TOP - _BOTTOM)
