"""`tidegate rehearse-pipeline`: set the stage, play the story, tell how it ended, leave nothing behind."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tidegate_cli.failures import CliError, Interrupted
from tidegate_cli.operator.session import one_line_errors
from tidegate_cli.rehearsal.checkout import Checkout, check_disk, check_port
from tidegate_cli.rehearsal.processes import signals_interrupt
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
    try:
        with signals_interrupt(), one_line_errors():
            checkout = Checkout.find()
            _check_tools(checkout)
            check_port(options.port)
            with WorkFolder(keep=options.keep, console=console) as work:
                return _rehearse(options, checkout, work, console)
    except CliError as error:
        sys.stderr.write(f"tidegate: {error}\n")
        return int(error.code)
    except Interrupted as error:
        sys.stderr.write("tidegate: interrupted; every process that the rehearsal started has ended\n")
        return 128 + error.signal_number


def _check_tools(checkout: Checkout) -> None:
    """Refuse to start without the tool that publishes assets in a build.

    Raises:
        CliError: it is missing.

    """
    if not (checkout.root / "node_modules" / "cdk-assets").is_dir():
        raise CliError("node_modules/cdk-assets is missing: run `make setup`")


def _rehearse(options: Options, checkout: Checkout, work: WorkFolder, console: Console) -> int:
    from tidegate_cli.rehearsal_pipeline.report.page import write_report

    check_disk(work.path)
    report = options.report.resolve()
    report.parent.mkdir(parents=True, exist_ok=True)
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
