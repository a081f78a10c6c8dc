"""Progress is plain lines in a log, and a live display on a terminal."""

import io
from dataclasses import replace

from rich.console import Console

from tidegate_cli.operator.status import RolloutStatus, rollout_status
from tidegate_cli.rehearsal.progress import Progress, View, details, plain_line
from tidegate_cli.rehearsal.result import Rehearsal
from tidegate_cli.rehearsal.summary import print_summary


def _status(rehearsal: Rehearsal, entries: int) -> RolloutStatus:
    run = rehearsal.rollouts[2].run
    part = type(run)(
        rollout_id=run.rollout_id, status="RUNNING", body={"phase": "STEPPING"}, log=run.log[:entries]
    )
    return rollout_status(part, rehearsal.plan, now=part.log[-1].at)


def _view(rehearsal: Rehearsal, entries: int = 4) -> View:
    return View(version="v3", rollout=_status(rehearsal, entries), share=0.05, endpoint_status="InService")


def _console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    output = io.StringIO()
    return Console(file=output, force_terminal=terminal, width=120, color_system=None), output


def test_a_plain_line_says_step_share_evidence_and_what_is_next(rehearsal: Rehearsal) -> None:
    line = plain_line(_view(rehearsal))
    assert line.startswith("v3: STEPPING, step 1/4, 5 % to the candidate, endpoint InService; ")
    assert " of 100 to fail; " in line
    assert line.endswith("next: more evidence at this share")


def test_a_log_gets_a_line_for_each_step_and_not_for_each_look(rehearsal: Rehearsal) -> None:
    console, output = _console(terminal=False)
    now = [100.0]
    with Progress(console, steps=2, clock=lambda: now[0]) as progress:
        progress.step("one")
        for _ in range(10):
            now[0] += 0.5
            progress.watch(_view(rehearsal))
        progress.step("two")
        progress.finish()
    lines = output.getvalue().splitlines()
    assert lines[0] == "[   0 s] step 1/2: one"
    assert lines[-1] == "[   5 s] step 2/2: two"
    assert len(lines) == 3
    assert "\x1b" not in output.getvalue()


def test_the_steps_and_their_times_are_remembered() -> None:
    console, _ = _console(terminal=False)
    now = [100.0]
    with Progress(console, steps=1, clock=lambda: now[0]) as progress:
        progress.step("one")
        now[0] = 107.0
        progress.finish()
    (span,) = progress.spans
    assert (span.what, span.began, span.ended) == ("one", 100.0, 107.0)


def test_the_live_display_leaves_the_finished_steps_on_the_screen(rehearsal: Rehearsal) -> None:
    console, output = _console(terminal=True)
    with Progress(console, steps=1) as progress:
        progress.step("approve v3")
        progress.watch(_view(rehearsal))
        progress.note("v3: said")
        progress.finish()
    assert "✓ approve v3" in output.getvalue()
    assert "v3: said" in output.getvalue()


def test_the_details_show_a_bar_and_the_time_left(rehearsal: Rehearsal) -> None:
    console, output = _console(terminal=False)
    console.print(details(_view(rehearsal)))
    text = output.getvalue()
    assert "5 % to the candidate" in text
    assert "of cloud time in this step" in text


def test_the_summary_names_each_rollout_and_the_report(rehearsal: Rehearsal, tmp_path: object) -> None:
    from pathlib import Path

    console, output = _console(terminal=False)
    print_summary(rehearsal, Path("/somewhere/report.html"), console)
    text = output.getvalue()
    for expected in (
        "FIRST VERSION",
        "PROMOTED",
        "ROLLED BACK",
        "weight 0 was seen ",
        "The rehearsal passed",
        "/somewhere/report.html",
    ):
        assert expected in text


def test_a_rollout_that_has_ended_gets_no_line_about_what_it_does(rehearsal: Rehearsal) -> None:
    console, output = _console(terminal=False)
    ended = replace(_status(rehearsal, 4), status="PROMOTED")
    with Progress(console, steps=2) as progress:
        progress.watch(replace(_view(rehearsal), rollout=ended))
    assert output.getvalue() == ""
