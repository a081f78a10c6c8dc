"""The evidence as characters: each bucket, the threshold and the steps are in the picture."""

import pytest

from tidegate_cli.operator.evidence_plot import evidence_plot
from tidegate_cli.operator.looks import Point
from tidegate_cli.operator.served import Served
from tidegate_cli.operator.stages import Stage


def _points(*values: float) -> list[Point]:
    return [
        Point(start=1000 + 60 * i, seconds=60, log10_e=value, kind="relative")
        for i, value in enumerate(values)
    ]


def _stage(percent: int, began_at: float, name: str = "step 1") -> Stage:
    return Stage(
        name=name,
        weight_percent=percent,
        last_percent=percent,
        began_at=began_at,
        seconds=None,
        looks=1,
        served=Served(requests=0, bad={}),
        verdict="",
        reason="",
    )


def _heights(lines: list[str]) -> list[int]:
    rows = [line.partition("│")[2] for line in lines[:-1]]
    width = max(map(len, rows))
    return [sum(row[i : i + 1] not in ("", " ", "╌") for row in rows) for i in range(width)]


def test_more_evidence_makes_a_higher_column() -> None:
    heights = _heights(evidence_plot(_points(*[i / 10 for i in range(30)]), [], threshold=100))
    assert heights == [*sorted(heights[:-2]), 0, 0]
    assert heights[0] < heights[-3]


def test_the_threshold_has_a_line_of_its_own_with_its_value() -> None:
    lines = evidence_plot(_points(0.0, 0.5), [], threshold=100)
    (limit,) = [line for line in lines if "FAIL at 100" in line]
    assert limit.endswith("╌")
    above = lines[: lines.index(limit)]
    assert not any("█" in line for line in above)


def test_evidence_beyond_the_threshold_rises_above_its_line() -> None:
    lines = evidence_plot(_points(3.0), [], threshold=100)
    (limit,) = [line for line in lines if "FAIL at 100" in line]
    assert "█" in lines[lines.index(limit) - 1]


def test_the_begin_of_each_step_is_marked_below_its_first_bucket() -> None:
    stages = [_stage(5, 990), _stage(25, 1290), _stage(100, 1600, "watch")]
    lines = evidence_plot(_points(*[0.0] * 15), stages, threshold=100)
    origin = lines[0].index("│") + 1
    column = len(lines[0].partition("│")[2] or lines[-2].partition("│")[2]) // 15
    marks = lines[-1][origin:]
    assert [marks.index(text) // column for text in ("│5 %", "│25 %", "│watch")] == [0, 5, 10]


def test_a_large_threshold_keeps_the_axis_straight() -> None:
    lines = evidence_plot(_points(0.0, 5.0), [], threshold=1_000_000)
    assert len({line.index("│") for line in lines[:-1]}) == 1


@pytest.mark.parametrize("count", [1, 7, 84, 85, 1440, 100_000])
def test_a_picture_of_any_length_fits_the_line_and_leaves_no_bucket_out(count: int) -> None:
    points = _points(*[-1.0] * (count - 1), 2.5)
    lines = evidence_plot(points, [_stage(5, 990)], threshold=100, width=100)
    assert max(map(len, lines)) <= 100
    assert max(_heights(lines)) > 6


def test_evidence_off_the_scale_is_drawn_at_its_end() -> None:
    lines = evidence_plot(_points(-50.0, 299.0), [], threshold=100)
    assert "over 100,000" in lines[0]
    assert len(lines) == 11


def test_a_terminal_without_unicode_gets_ascii_only() -> None:
    lines = evidence_plot(_points(-1.0, 0.3, 2.4), [_stage(5, 990)], threshold=100, plain=True)
    assert all(line.isascii() for line in lines)
    assert any("#" in line for line in lines)
