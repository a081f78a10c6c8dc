"""The report: one file, with everything in it and nothing from outside."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tidegate_cli.rehearsal.report.page import render, write_report
from tidegate_cli.rehearsal.report.series import evidence, marks, planned_share, threshold
from tidegate_cli.rehearsal.result import Check, Rehearsal


@pytest.fixture(scope="module")
def html(rehearsal: Rehearsal) -> str:
    return render(rehearsal)


def test_the_report_names_each_rollout_with_its_verdict(html: str) -> None:
    for version, verdict in (("v1", "FIRST VERSION"), ("v2", "PROMOTED"), ("v3", "ROLLED BACK")):
        assert re.search(rf'<td class="v">{version}</td><td class="v \w+">{verdict}</td>', html)


def test_the_report_loads_nothing_from_anywhere(html: str) -> None:
    assert not re.search(r"<(script|link|iframe|img)\b", html)
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", html)
    assert "@import" not in html


def test_the_report_draws_each_rollout_and_the_timeline(html: str) -> None:
    assert html.count("<svg") == 3
    assert html.count("shift to 25 %") >= 1
    assert "weight 0" in html


def test_ids_of_different_pictures_do_not_collide(html: str) -> None:
    pictures = html.split("<svg")[1:]
    clips = [set(re.findall(r'<clipPath id="([^"]+)"', picture)) for picture in pictures]
    assert all(clips)
    assert not clips[0] & clips[1]
    assert not clips[1] & clips[2]


def test_text_from_outside_is_escaped(rehearsal: Rehearsal) -> None:
    evil = replace(rehearsal, command="<script>alert(1)</script>")
    assert "<script>" not in render(evil)
    assert "&lt;script&gt;" in render(evil)


def test_a_failed_rehearsal_says_so_in_its_headline(rehearsal: Rehearsal) -> None:
    failed = replace(rehearsal, checks=(Check(what="v2 is promoted", ok=False, found="ROLLED_BACK"),))
    page = render(failed)
    assert "The rehearsal failed: 1 of 1 checks did not hold." in page
    assert "✗ no" in page


def test_the_report_is_written_whole_and_leaves_no_partial_file(rehearsal: Rehearsal, tmp_path: Path) -> None:
    write_report(rehearsal, tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text().rstrip().endswith("</html>")


def test_the_share_falls_to_zero_when_the_judge_fails_the_candidate(rehearsal: Rehearsal) -> None:
    assert planned_share(rehearsal.rollouts[2]).y[-1] == 0
    assert planned_share(rehearsal.rollouts[1]).y[-1] == 100


def test_the_evidence_crosses_its_threshold_only_for_the_broken_version(rehearsal: Rehearsal) -> None:
    for rollout, crosses in ((rehearsal.rollouts[1], False), (rehearsal.rollouts[2], True)):
        limit = threshold(rollout)
        assert limit is not None
        assert (max(y for y in evidence(rollout).y if y == y) >= limit) is crosses


def test_the_decisions_are_marked_in_order(rehearsal: Rehearsal) -> None:
    texts = [mark.text for mark in marks(rehearsal.rollouts[2])]
    assert texts[0] == "shift to 5 %"
    assert texts[-2:] == ["FAIL", "weight 0"]
