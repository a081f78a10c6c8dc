"""The job `follow`: the end of a version's rollout is the end of the action, with the numbers behind it."""

from dataclasses import dataclass
from typing import Final

from deliver.approve import rollout_of
from deliver.evidence import told
from deliver.outcome import Done, Failed, Outcome, Wait
from deliver.ports import Outputs
from deliver.request import At, Request
from tidegate_runtime.delivery_ports import Live, Rollouts, Served, Versions
from tidegate_runtime.notice import notice_of
from tidegate_runtime.ports import Clock, Run
from tidegate_runtime.versions import REJECTED, Version, named

START_SECONDS: Final = 30 * 60
"""How long after an approval its rollout may take to be on record: events are delivered within minutes."""

ANY_ROLLOUT: Final = "any"
"""Value of the parameter `rollout` for a version that was approved by hand, whoever started its rollout."""

STEPPING: Final = "STEPPING"
IN_SERVICE: Final = "InService"

PACKAGE_OUTPUT: Final = "ModelPackage"
"""Output of the hosting stack: the version that it has deployed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Waits for the end of a rollout."""

    versions: Versions
    rollouts: Rollouts
    pointer: Live
    outputs: Outputs
    endpoints: Served
    clock: Clock

    def __call__(self, request: Request) -> Outcome:
        """Return how the rollout of `package` ended, or what it waits for.

        The rollout is the one named by `rollout`; else the version's newest one after the approval by a
        pipeline that its metadata tells of.

        Raises:
            NotApproved: there is no such version.

        """
        version, at = self.versions.describe(request.package), request.place
        run = self._run(version, request.optional("rollout"))
        if run is None:
            return self._not_started(version, request)
        if run.status in ("QUEUED", "RUNNING", "NEEDS_HUMAN"):
            return Wait(summary=_under_way(run, version, at))
        if run.status == "PROMOTED":
            return self._promoted(run, version, at)
        return Failed(message=verdict(run, at))

    def _run(self, version: Version, wanted: str) -> Run | None:
        known = self.rollouts.of(version.number)
        if wanted and wanted != ANY_ROLLOUT:
            return next((run for run in known if run.rollout_id == wanted), None)
        return rollout_of(version, known)

    def _not_started(self, version: Version, request: Request) -> Outcome:
        at = request.place
        if version.approval == REJECTED:
            return Failed(message=f"{version.name} was rejected before its rollout has started")
        now = self.clock.now()
        since = request.token.get("since", now)
        if now - since < START_SECONDS:
            summary = f"{version.name} is {version.approval}; its rollout on {at.name} has not started yet"
            return Wait(summary=summary, token={"since": since})
        return Failed(
            message=f"no rollout of {version.name} has started within {START_SECONDS // 60} minutes: look at "
            f"the alarm {at.name}-lost-events, and at the log of StartOnApproval in stack {at.controller}"
        )

    def _promoted(self, run: Run, version: Version, at: At) -> Outcome:
        live = self.pointer.read()
        if live != version.arn:
            other = named(live) if live else "nothing"
            return Failed(
                message=f"{version.name} was promoted by {run.rollout_id}, but {other} is live by now"
            )
        # Before hosting is first deployed there is neither stack nor endpoint.
        deployed = self.outputs.of(at.hosting).get(PACKAGE_OUTPUT, "")
        if deployed and deployed != version.arn:
            return Wait(summary=f"the stack {at.hosting} still runs {named(deployed)}")
        hosted = self.endpoints.describe(at.name) if deployed else None
        if deployed and hosted is None:
            return Failed(message=f"the stack {at.hosting} is deployed, and there is no endpoint {at.name}")
        if hosted is not None and hosted.status != IN_SERVICE:
            return Wait(summary=f"the endpoint {at.name} is {hosted.status}")
        evidence = told(run, self.rollouts.judged(run.rollout_id))
        return Done(summary=f"{version.name} is live: {evidence}", variables={"PackageArn": version.arn})


def verdict(run: Run, at: At) -> str:
    """Return how a rollout ended that did not end well, why, and what to do, as one text."""
    text = notice_of(run, endpoint_name=at.name).text
    said = [
        line for line in text.splitlines() if line and not line.startswith(("Rollout:", "Model package:"))
    ]
    return f"{run.status}: {' '.join(said)} (rollout {run.rollout_id})"


def _under_way(run: Run, version: Version, at: At) -> str:
    if run.status == "QUEUED":
        return f"{version.name} waits for the rollout in flight on {at.name}"
    if run.status == "NEEDS_HUMAN":
        return f"{version.name} needs a person: {run.body.get('reason', 'no reason is on record')}"
    phase, step = run.body.get("phase", "RUNNING"), ""
    if phase == STEPPING:
        steps, share = len(run.body["plan"]["steps"]), run.body.get("weight_percent", 0)
        step = f", step {run.body.get('step', 0) + 1} of {steps} at {share} %"
    return f"{version.name} is {phase} on {at.name}{step}"
