"""Table and page tell each part, what was found, and what people were asked."""

import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from tests.cli.rehearsal_pipeline.told import action, execution
from tidegate_cli.rehearsal.result import Check, Span
from tidegate_cli.rehearsal_pipeline.report.page import render, write_report
from tidegate_cli.rehearsal_pipeline.result import Decision, Part, PipelineRehearsal
from tidegate_cli.rehearsal_pipeline.summary import print_summary

GOOD = Check(what="its gate stopped it", ok=True, found="accuracy 0.38 against 0.96")
BAD = Check(what="nothing of it was deployed", ok=False, found="it came as far as <dev>")
FOUND = PipelineRehearsal(
    parts=(Part(title="a bad model is stopped by its gate", seconds=20.0, checks=(GOOD,)),),
    executions=(
        execution(action("Source", "Source"), action("staging", "staging-validate", "Failed", "too bad")),
    ),
    decisions=(Decision(where="rehearsed, Approve-production", text="Deploy v2 to prod?"),),
    spans=(Span(what="stop the traffic", began=0.0, ended=1.0),),
    requests={"digits-dev": 1200},
    failed_requests=0,
    scale=60.0,
    epoch0=0.0,
    began=1_790_000_000.0,
    ended=1_790_000_200.0,
    command="tidegate rehearse-pipeline",
    versions={"Python": "3.11"},
)
FAILED = replace(FOUND, parts=(*FOUND.parts, Part(title="a bad commit", seconds=1.0, checks=(BAD, GOOD))))


def summary(found: PipelineRehearsal) -> str:
    target = io.StringIO()
    print_summary(found, Path("out/r.html"), Console(file=target, width=160))
    return target.getvalue()


def test_the_table_says_what_was_found_and_where_the_report_is() -> None:
    told = summary(FOUND)
    assert "as it should be" in told
    assert "accuracy 0.38 against 0.96" in told
    assert "The rehearsal passed" in told
    assert "report: out/r.html" in told


def test_a_failure_says_clearly_which_part_failed() -> None:
    told = summary(FAILED)
    assert not FAILED.ok
    assert "WRONG" in told
    assert "NOT AS IT SHOULD BE: a bad commit: nothing of it was deployed: it came as far as <dev>" in told
    assert "The rehearsal failed: a bad commit." in told


def test_the_page_shows_executions_and_approvals_and_escapes_what_it_shows() -> None:
    page = render(FAILED)
    assert "staging-validate: too bad" in page
    assert "Deploy v2 to prod?" in page
    assert "it came as far as &lt;dev&gt;" in page
    assert "1,200 requests" in page


def test_the_page_appears_complete_or_not_at_all(tmp_path: Path) -> None:
    write_report(FOUND, tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
