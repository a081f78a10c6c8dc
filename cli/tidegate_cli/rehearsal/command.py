"""`tidegate rehearse`: set the stage, play the story, tell how it ended, leave nothing behind."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tidegate_cli.rehearsal.cdk import Cdk
from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.clients import LocalAws
from tidegate_cli.rehearsal.cloud import open_cloud
from tidegate_cli.rehearsal.document import document_of
from tidegate_cli.rehearsal.environment import RehearsalEnvironment, replace_own
from tidegate_cli.rehearsal.processes import Processes
from tidegate_cli.rehearsal.progress import Progress
from tidegate_cli.rehearsal.result import Rehearsal
from tidegate_cli.rehearsal.running import run
from tidegate_cli.rehearsal.services import copy_service
from tidegate_cli.rehearsal.stage import Stage
from tidegate_cli.rehearsal.story import STEPS, Story
from tidegate_cli.rehearsal.summary import print_summary
from tidegate_cli.rehearsal.versions import versions_of
from tidegate_cli.rehearsal.work_folder import WorkFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user asked for.

    Attributes:
        keep: Folder to work in and to keep; a temporary one that is removed when None.
        port: Port of the local cloud; 0 picks a free one.
        service_file: The service to rehearse.
        report: Where the report goes.
        json_file: Where the result for programs goes, if anywhere.
        rate: Requests a second.
        time_scale: Cloud seconds in a real second.

    """

    keep: Path | None
    port: int
    service_file: Path
    report: Path
    json_file: Path | None
    rate: float
    time_scale: float


def run_rehearsal(options: Options, *, console: Console) -> int:
    """Run a rehearsal; return the exit status: 0 only when everything ended as it should."""
    return run(
        lambda checkout, work: _rehearse(options, checkout, work, console),
        keep=options.keep,
        port=options.port,
        outputs={"--report": options.report, "--json": options.json_file},
        console=console,
    )


def _rehearse(options: Options, checkout: Checkout, work: WorkFolder, console: Console) -> int:
    from tidegate_cli.rehearsal.report.page import write_report

    report = options.report.resolve()
    found = _play(options, checkout, work.path, console)
    work.passed = found.ok
    write_report(found, report)
    if options.json_file is not None:
        options.json_file.write_text(json.dumps(document_of(found), indent=2) + "\n")
    print_summary(found, report, console)
    return 0 if found.ok else 1


def _play(options: Options, checkout: Checkout, work: Path, console: Console) -> Rehearsal:
    began = time.time()
    service = copy_service(options.service_file, work / "services")
    outer = RehearsalEnvironment(work=work, python_path=checkout.python_path)
    replace_own(outer.build(os.environ))
    with (
        Processes(environment=os.environ, cwd=checkout.root) as processes,
        Progress(console, steps=STEPS) as progress,
    ):
        cloud = open_cloud(
            processes,
            work=work,
            python_path=checkout.python_path,
            port=options.port,
            time_scale=options.time_scale,
        )
        stage = Stage(
            work=work,
            processes=processes,
            cloud=cloud,
            cdk=Cdk(checkout=checkout, processes=processes, work=work),
            aws=LocalAws(endpoint_url=cloud.endpoint_url),
            service=service,
            progress=progress,
        )
        story = Story(stage=stage, rate=options.rate)
        return story.play(began=began, command=_command(options), versions=versions_of(checkout))


def _command(options: Options) -> str:
    return (
        f"tidegate rehearse --service {options.service_file} --rate {options.rate:g} "
        f"--time-scale {options.time_scale:g}"
    )
