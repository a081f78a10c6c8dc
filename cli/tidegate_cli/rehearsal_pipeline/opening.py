"""The stage of a rehearsal of a pipeline is set up: a local cloud of its own, the CDK CLI, clients."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from tidegate_cli.rehearsal.cdk import Cdk
from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.clients import LocalAws
from tidegate_cli.rehearsal.cloud import open_cloud
from tidegate_cli.rehearsal.environment import RehearsalEnvironment, replace_own
from tidegate_cli.rehearsal.processes import Processes
from tidegate_cli.rehearsal.progress import Progress
from tidegate_cli.rehearsal_pipeline.stage import PipelineStage


@contextmanager
def open_stage(
    work: Path, checkout: Checkout, *, console: Console, steps: int, port: int, time_scale: float
) -> Iterator[PipelineStage]:
    """Set up the stage, and end everything that was started on it.

    The environment of this process becomes the rehearsal's, and stays so.

    Args:
        work: Folder for everything that is written.
        checkout: Where the CLI and the app are.
        console: Where the progress is shown.
        steps: How many steps there will be.
        port: Port of the local cloud; 0 picks a free one.
        time_scale: Cloud seconds in a real second.

    Raises:
        CliError: the local cloud does not start.

    """
    replace_own(RehearsalEnvironment(work=work, python_path=checkout.python_path).build(os.environ))
    with (
        Processes(environment=os.environ, cwd=checkout.root) as processes,
        Progress(console, steps=steps) as progress,
    ):
        cloud = open_cloud(
            processes, work=work, python_path=checkout.python_path, port=port, time_scale=time_scale
        )
        yield PipelineStage(
            work=work,
            processes=processes,
            cloud=cloud,
            cdk=Cdk(checkout=checkout, processes=processes, work=work),
            aws=LocalAws(endpoint_url=cloud.endpoint_url),
            progress=progress,
        )
