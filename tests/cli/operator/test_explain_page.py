"""The page of an explanation: one file, nothing from outside, readable in light and dark."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.operator import recorded
from tidegate_cli.failures import CliError
from tidegate_cli.operator.explain import Explanation
from tidegate_cli.operator.explain_page import render, write_page


@pytest.fixture(scope="module")
def found() -> Explanation:
    return recorded.explained(recorded.run_of(recorded.promoted()))


def _picture(page: str) -> ElementTree.Element:
    (svg,) = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    return ElementTree.fromstring(svg)


def test_the_page_says_what_decided_with_the_numbers(found: Explanation) -> None:
    page = render(found)
    for expected in (
        "v2 was promoted: every signal was proven to be within its tolerance",
        "12 of 6,000: 0.2 % (",
        "all exactly as recorded",
        "<td>step 2</td><td>100 %</td>",
    ):
        assert expected in page


def test_the_page_loads_nothing_from_anywhere(found: Explanation) -> None:
    page = render(found)
    assert not re.search(r"<(script|link|iframe|img)\b", page)
    assert not re.search(r"(src|href)\s*=|@import|url\(", page)
    assert not re.search(r"https?://", page)


def test_every_colour_has_a_light_and_a_dark_value(found: Explanation) -> None:
    page = render(found)
    light, dark = re.findall(r":root \{(.*?)\}", page, flags=re.DOTALL)
    names = [re.findall(r"(--\w+):", block) for block in (light, dark)]
    assert names[0] == names[1] != []
    rules = page.partition("* { box-sizing")[2]
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", rules)


def test_the_picture_has_a_dot_a_bucket_the_threshold_and_each_step(found: Explanation) -> None:
    picture = _picture(render(found))
    assert len(picture.findall("circle")) == len(found.points) == 3
    texts = [text.text for text in picture.findall("text")]
    assert {"FAIL at 100", "10 %", "100 %", "watch"} <= set(texts)


def test_evidence_that_starts_anew_is_not_joined_to_what_was_before(found: Explanation) -> None:
    lines = _picture(render(found)).findall("polyline")
    assert len(lines) == len({point.kind for point in found.points}) == 3


def test_everything_is_drawn_within_the_picture(found: Explanation) -> None:
    values = (-99.0, 0.0, 299.0)
    points = tuple(replace(p, log10_e=v) for p, v in zip(found.points, values, strict=True))
    wild = replace(found, points=points)
    for circle in _picture(render(wild)).findall("circle"):
        assert 0 <= float(circle.attrib["cx"]) <= 960
        assert 0 <= float(circle.attrib["cy"]) <= 340


def test_text_from_outside_is_escaped(found: Explanation) -> None:
    page = render(replace(found, detail="<script>alert(1)</script>", differences=("<b>",)))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<li>&lt;b&gt;</li>" in page


def test_a_replay_that_differs_is_in_the_colour_of_alarm(found: Explanation) -> None:
    assert 'class="note good">Judged again' in render(found)
    page = render(replace(found, differences=("step 1: recorded PASS, replayed FAIL",)))
    assert 'class="note bad">THE REPLAY DIFFERS' in page


def test_the_page_is_written_whole_and_leaves_no_partial_file(found: Explanation, tmp_path: Path) -> None:
    write_page(found, tmp_path / "why.html")
    assert [path.name for path in tmp_path.iterdir()] == ["why.html"]
    assert (tmp_path / "why.html").read_text().rstrip().endswith("</html>")


def test_rejects_a_folder_that_is_not_there_in_one_line(found: Explanation, tmp_path: Path) -> None:
    with pytest.raises(CliError, match=r"why\.html cannot be written: No such file or directory"):
        write_page(found, tmp_path / "nowhere" / "why.html")
