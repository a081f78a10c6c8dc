"""The job `first`: an environment gets its first version, before its hosting is deployed.

Hosting reads the live pointer, and CloudFormation refuses it without one. The controller writes the pointer
when the first version is approved.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from deliver.approve import rollout_of
from deliver.follow import START_SECONDS, verdict
from deliver.logic import Job
from deliver.outcome import Done, Failed, Outcome, Wait
from deliver.request import Request
from tidegate_runtime.delivery_ports import Live, Rollouts, Versions
from tidegate_runtime.ports import Clock, Run
from tidegate_runtime.versions import named

_BAD: Final = ("ROLLED_BACK", "SUPERSEDED")


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """Waits for a live version, or makes one.

    Attributes:
        obtain: Registers or trains a version; None where a person approves one that a person has registered.
        approve: The job `approve`.

    """

    obtain: Callable[[Request], Outcome] | None
    approve: Job
    versions: Versions
    pointer: Live
    rollouts: Rollouts
    clock: Clock

    def __call__(self, request: Request) -> Outcome:
        """Return the live version, and bring it about if there is none."""
        live = self.pointer.read()
        if live is not None:
            return Done(summary=f"{named(live)} is live", variables={"PackageArn": live})
        if self.obtain is None:
            return self._for_a_person(request)
        if "package" in request.token:
            return self._written(request, str(request.token["package"]), since=request.token["since"])
        found = self.obtain(request)
        if not isinstance(found, Done):
            return found
        package = found.variables["PackageArn"]
        approved = self.approve(replace(request, parameters={**request.parameters, "package": package}))
        if not isinstance(approved, Done):
            return approved
        return self._written(request, package, since=self.clock.now())

    def _for_a_person(self, request: Request) -> Outcome:
        name = request.place.name
        runs = self.rollouts.every()
        bad = (
            f"; the last one came to nothing: {_reason(runs[-1])}" if runs and runs[-1].status in _BAD else ""
        )
        return Wait(
            summary=f"approve a version in the model package group {name}: none is live there yet{bad}"
        )

    def _written(self, request: Request, package: str, *, since: float) -> Outcome:
        """Wait until the controller has made the approved version the first one, or has said why not."""
        version, at = self.versions.describe(package), request.place
        run = rollout_of(version, self.rollouts.of(version.number))
        if run is not None and run.status in _BAD:
            return Failed(message=verdict(run, at))
        if self.clock.now() - since >= START_SECONDS:
            return Failed(
                message=f"{version.name} is approved, and not live after {START_SECONDS // 60} minutes: look "
                f"at the alarm {at.name}-lost-events, and at the state machine {at.name}-rollout"
            )
        summary = f"{version.name} is approved; the controller makes it the first version of {at.name}"
        return Wait(summary=summary, token={"package": package, "since": since})


def _reason(run: Run) -> str:
    return str(run.body.get("reason") or run.status)
