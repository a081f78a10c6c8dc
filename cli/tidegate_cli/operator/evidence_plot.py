"""The evidence of a rollout as a picture of characters: a column a bucket, on a logarithmic scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from tidegate_cli.operator.looks import Point
from tidegate_cli.operator.stages import Stage

_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_PLAIN: Final = " ....####"
_OVERHANG: Final = 2
_WIDEST_COLUMN: Final = 6
_BELOW, _ABOVE = -3.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The shown range of decimal logarithms of e-values.

    Attributes:
        low: Lowest; what is below is drawn at it.
        high: Highest; what is above is drawn at it.
        threshold: Where the judge fails the candidate.

    """

    low: float
    high: float
    threshold: float

    @classmethod
    def of(cls, points: Sequence[Point], threshold: float) -> Self:
        """Return a range that shows the points, 1, and the threshold, and no more than that needs."""
        limit = math.log10(threshold)
        values = [point.log10_e for point in points]
        low = max(_BELOW, min(-1.0, math.floor(min(values, default=0.0))))
        high = min(limit + _ABOVE, max(limit + 1, math.ceil(max(values, default=0.0))))
        return cls(low=low, high=high, threshold=limit)

    def share(self, value: float) -> float:
        """Return where a value lies between low (0) and high (1)."""
        return (min(self.high, max(self.low, value)) - self.low) / (self.high - self.low)


def evidence_plot(
    points: Sequence[Point],
    stages: Sequence[Stage],
    *,
    threshold: float,
    width: int = 100,
    height: int = 10,
    plain: bool = False,
) -> list[str]:
    """Draw the evidence; return the lines.

    Args:
        points: The evidence after each bucket; at least one.
        stages: The stages, whose begins are marked below.
        threshold: The e-value at which the judge fails the candidate.
        width: Most characters of a line, at least 60.
        height: Lines of the picture.
        plain: Use ASCII only.

    """
    scale = Scale.of(points, threshold)
    limit_row = min(height - 1, int(scale.share(scale.threshold) * height))
    labels = _labels(points, scale, height) | {limit_row: f"FAIL at {threshold:,.0f}"}
    margin = max(map(len, labels.values()))
    room = width - margin - 2 - _OVERHANG
    groups = _groups(points, room)
    cell = max(1, min(_WIDEST_COLUMN, room // len(groups)))
    levels = [round(scale.share(max(p.log10_e for p in group)) * height * 8) for group in groups]
    blocks, bar, dash = (_PLAIN, "|", "-") if plain else (_BLOCKS, "│", "╌")
    lines = []
    for row in reversed(range(height)):
        # Whatever is off the scale leaves a trace at its lower end.
        least = 1 if row == 0 else 0
        line = "".join(blocks[max(least, min(8, level - 8 * row))] * cell for level in levels)
        if row == limit_row:
            line = (line + " " * _OVERHANG).replace(" ", dash)
        lines.append(f"{labels.get(row, ''):>{margin}} {bar}{line}".rstrip())
    return [*lines, " " * (margin + 2) + _marks(groups, stages, cell, bar)]


def _labels(points: Sequence[Point], scale: Scale, height: int) -> dict[int, str]:
    over = "over " if max(point.log10_e for point in points) > scale.high else ""
    return {
        height - 1: over + _e(scale.high),
        int(scale.share(0.0) * height): "1",
        0: _e(scale.low),
    }


def _groups(points: Sequence[Point], columns: int) -> list[Sequence[Point]]:
    """Put neighbours together until there are not more than the columns; none is left out."""
    size = math.ceil(len(points) / columns)
    return [points[start : start + size] for start in range(0, len(points), size)]


def _marks(groups: Sequence[Sequence[Point]], stages: Sequence[Stage], cell: int, bar: str) -> str:
    line = ""
    for stage in stages:
        column = next((i for i, group in enumerate(groups) if group[-1].start >= stage.began_at), None)
        if column is None or column * cell < len(line):
            continue
        name = stage.name if stage.name in ("shadow", "watch") else f"{stage.weight_percent} %"
        line = f"{line:<{column * cell}}{bar}{name} "
    return line.rstrip()


def _e(log10: float) -> str:
    return f"{10**log10:,.0f}" if log10 >= 0 else f"{10**log10:.3g}"
