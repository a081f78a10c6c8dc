"""Follow a rollout from its approval to its end."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tidegate_cli.failures import CliError
from tidegate_cli.operator.controller import Controller
from tidegate_cli.operator.ledger import RUNNING, Run
from tidegate_cli.operator.status import read_pointer, rollout_status
from tidegate_cli.rehearsal.progress import View
from tidegate_cli.rehearsal.stage import POLL_SECONDS, Stage

_START_SECONDS: Final = 60.0
_LONGEST_CLOUD_SECONDS: Final = 6 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Follows rollouts in the ledger.

    Attributes:
        stage: Where.
        controller: Whose.
        plan: The rollout plan.

    """

    stage: Stage
    controller: Controller
    plan: Mapping[str, Any] | None

    def follow(self, version: str, package_arn: str) -> Run:
        """Show the rollout of a package until it has ended and the endpoint is at rest; return it.

        Raises:
            CliError: it did not start, or takes longer than six hours of cloud time.

        """
        self._wait_for_start(version, package_arn)
        deadline = time.monotonic() + _LONGEST_CLOUD_SECONDS / self.stage.cloud.scale
        while True:
            run, at_rest = self._look(version, package_arn)
            if run.status != RUNNING and at_rest:
                return run
            if time.monotonic() > deadline:
                raise CliError(
                    f"the rollout of {version} has not ended: {run.status}, {run.body.get('phase')}"
                )
            time.sleep(POLL_SECONDS)

    def pointer(self) -> str | None:
        """Return the live pointer."""
        return read_pointer(self.stage.aws, self.controller.pointer)

    def _wait_for_start(self, version: str, package_arn: str) -> None:
        self.stage.wait_for(
            f"the approval of {version} starts its rollout",
            lambda: self._run(package_arn) is not None,
            seconds=_START_SECONDS,
        )

    def _look(self, version: str, package_arn: str) -> tuple[Run, bool]:
        run = self._run(package_arn)
        if run is None:
            raise CliError(f"the ledger lost the rollout of {version}")
        self.stage.require_cloud()
        endpoint = self.stage.endpoint()
        status = rollout_status(run, self.plan, now=self.stage.cloud.now())
        self.stage.progress.watch(
            View(
                version=version,
                rollout=status,
                share=endpoint.candidate_share,
                endpoint_status=endpoint.status,
            )
        )
        return run, endpoint.status in {"InService", "absent"}

    def _run(self, package_arn: str) -> Run | None:
        return self.stage.ledger(self.controller.ledger).of_package(package_arn)
