"""The stage of a rehearsal: the local cloud, the clients, the CLI, and what they are called."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tidegate_cli.failures import CliError
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.endpoint import EndpointView
from tidegate_cli.operator.ledger import Ledger
from tidegate_cli.rehearsal.cdk import Cdk, Ran
from tidegate_cli.rehearsal.clients import LocalAws
from tidegate_cli.rehearsal.cloud import LocalCloud
from tidegate_cli.rehearsal.logs import last_lines
from tidegate_cli.rehearsal.processes import Processes
from tidegate_cli.rehearsal.progress import Progress
from tidegate_cli.rehearsal.services import ServiceCopy

POLL_SECONDS: Final = 0.5


@dataclass(slots=True, kw_only=True)
class Stage:
    """Everything that the steps of a rehearsal act on.

    Attributes:
        work: The rehearsal's folder.
        processes: Starts and ends children.
        cloud: The local cloud.
        cdk: The CDK CLI.
        aws: Clients of the local cloud.
        service: The service as it was last deployed.
        progress: The display.
        deploys: Runs of the CLI so far.

    """

    work: Path
    processes: Processes
    cloud: LocalCloud
    cdk: Cdk
    aws: LocalAws
    service: ServiceCopy
    progress: Progress
    deploys: list[Ran] = field(default_factory=list)

    def controller(self) -> Controller:
        """Return what the controller stack's outputs say."""
        service, _, environment = self.service.endpoint.rpartition("-")
        return Controller.find(self.aws, service=service, environment=environment)

    def endpoint(self) -> EndpointView:
        """Describe the endpoint."""
        return EndpointView.read(self.aws.sagemaker, self.service.endpoint)

    def ledger(self, table: str) -> Ledger:
        """Read the ledger."""
        return Ledger.read(self.aws.dynamodb, table=table, endpoint=self.service.endpoint)

    def wait_for(
        self, what: str, ready: Callable[[], bool], *, seconds: float, found: Callable[[], str] = str
    ) -> None:
        """Wait until something is so.

        Args:
            what: What, for the failure's message.
            ready: Whether it is so.
            seconds: Real seconds to wait at most.
            found: What there is instead, for the failure's message.

        Raises:
            CliError: it did not come to be, or the local cloud ended.

        """
        deadline = time.monotonic() + seconds
        while not ready():
            self.require_cloud()
            if time.monotonic() > deadline:
                instead = found()
                raise CliError(
                    f"{what}: not within {seconds:.0f} s" + (f", found {instead}" if instead else "")
                )
            time.sleep(POLL_SECONDS)

    def require_cloud(self) -> None:
        """Check that the local cloud still runs.

        Raises:
            CliError: it has ended, with the last lines of its log.

        """
        if self.cloud.process.poll() is not None:
            told = last_lines(self.work / "localcloud.log")
            raise CliError(f"the local cloud ended with status {self.cloud.process.returncode}: {told}")
