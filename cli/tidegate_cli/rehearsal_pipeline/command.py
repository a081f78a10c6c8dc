"""`tidegate rehearse-pipeline`: set the stage, play the story, tell how it ended, leave nothing behind."""

import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tidegate_cli.failures import CliError
from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.running import run
from tidegate_cli.rehearsal.versions import versions_of
from tidegate_cli.rehearsal.work_folder import WorkFolder
from tidegate_cli.rehearsal_pipeline.opening import open_stage
from tidegate_cli.rehearsal_pipeline.result import PipelineRehearsal
from tidegate_cli.rehearsal_pipeline.story import STEPS, PipelineStory
from tidegate_cli.rehearsal_pipeline.summary import print_summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user asked for.

    Attributes:
        keep: Folder to work in and to keep; a temporary one that is removed when None.
        port: Port of the local cloud; 0 picks a free one.
        report: Where the report goes.
        time_scale: Cloud seconds in a real second.

    """

    keep: Path | None
    port: int
    report: Path
    time_scale: float


def run_pipeline_rehearsal(options: Options, *, console: Console) -> int:
    """Run a rehearsal; return the exit status: 0 only when every part went as it should."""
    return run(
        lambda checkout, work: _rehearse(options, checkout, work, console),
        keep=options.keep,
        port=options.port,
        outputs={"--report": options.report},
        console=console,
    )


def _check_tools(checkout: Checkout) -> None:
    """Refuse to start without the tool that publishes assets in a build.

    Raises:
        CliError: it is missing.

    """
    if not (checkout.root / "node_modules" / "cdk-assets").is_dir():
        raise CliError("node_modules/cdk-assets is missing: run `make setup`")


def _rehearse(options: Options, checkout: Checkout, work: WorkFolder, console: Console) -> int:
    from tidegate_cli.rehearsal_pipeline.report.page import write_report

    _check_tools(checkout)
    report = options.report.resolve()
    found = _play(options, checkout, work.path, console)
    work.passed = found.ok
    write_report(found, report)
    print_summary(found, report, console)
    return 0 if found.ok else 1


def _play(options: Options, checkout: Checkout, work: Path, console: Console) -> PipelineRehearsal:
    began, scale = time.time(), options.time_scale
    with open_stage(
        work, checkout, console=console, steps=STEPS, port=options.port, time_scale=scale
    ) as stage:
        story = PipelineStory(stage=stage, checkout=checkout)
        command = f"tidegate rehearse-pipeline --time-scale {scale:g}"
        return story.play(began=began, command=command, versions=versions_of(checkout))
