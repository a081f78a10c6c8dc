"""The job `approve`: the environment's registry gets the approval, whose event starts the rollout there."""

from collections.abc import Sequence
from typing import Final

from deliver.outcome import Done, Failed, Outcome
from deliver.request import Request
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.delivery_ports import Approvals, Decision, Live, Rollouts, Versions
from tidegate_runtime.ports import Run
from tidegate_runtime.state import ENDED
from tidegate_runtime.versions import (
    APPROVED,
    APPROVED_BY_JOB,
    APPROVED_IN,
    NO_ROLLOUT,
    PENDING,
    REJECTED,
    ROLLOUT_BEFORE,
    Version,
)

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
_LONGEST_NOTE: Final = 1024


def approve(
    request: Request, *, versions: Versions, rollouts: Rollouts, pointer: Live, approvals: Approvals
) -> Outcome:
    """Approve `package`, unless it is approved and its rollout is still to come, under way, or live.

    An approved version is approved again only when its last rollout has come to nothing, or another version
    was promoted since: the event of an approval starts a rollout, so a needless one would start a second.

    Raises:
        NotApproved: there is no such version.

    """
    version, group = versions.describe(request.package), request.place.name
    if version.group != group:
        return Failed(message=f"{version.name} is no version of {group}: its approval starts nothing there")
    if version.approval == REJECTED:
        by = f" by {version.changed_by}" if version.changed_by else ""
        return Failed(message=f"{version.name} was rejected{by}: a pipeline approves no rejected version")
    known = rollouts.of(version.number)
    if version.approval == APPROVED:
        if why := _stands(version, request, known, live=pointer.read()):
            return _done(version, why)
        versions.decide(version.arn, approval=PENDING, note="to be approved again", metadata={})
    note = _note(request, approvals)
    metadata = {
        APPROVED_IN: request.execution,
        APPROVED_BY_JOB: request.job_id,
        ROLLOUT_BEFORE: known[-1].rollout_id if known else NO_ROLLOUT,
    }
    versions.decide(version.arn, approval=APPROVED, note=note, metadata=metadata)
    return _done(version, note)


def rollout_of(version: Version, known: Sequence[Run]) -> Run | None:
    """Return the rollout that a version's last approval has started; None as long as it has not.

    Args:
        version: The version; its metadata tells which rollout was its newest when a pipeline approved it.
        known: All rollouts of the version, in the order of its approvals.

    """
    before = version.metadata.get(ROLLOUT_BEFORE, NO_ROLLOUT)
    ids = [run.rollout_id for run in known]
    later = known[ids.index(before) + 1 :] if before in ids else known
    return later[-1] if later else None


def _stands(version: Version, request: Request, known: Sequence[Run], *, live: str | None) -> str:
    """Return why the approval that there is needs no other one, or nothing."""
    if version.metadata.get(APPROVED_BY_JOB) == request.job_id:
        return version.approval_note
    if live == version.arn:
        return "approved before, and live already"
    run = rollout_of(version, known)
    if run is None:
        return "approved before, and not yet rolled out"
    return "" if run.status in ENDED else f"approved before, and {run.rollout_id} is under way"


def _note(request: Request, approvals: Approvals) -> str:
    pipeline, stage, execution = request.optional("pipeline"), request.optional("asked"), request.execution
    where = (
        f"pipeline {pipeline}, execution {execution}" if pipeline else f"the pipeline execution {execution}"
    )
    if not stage:
        return f"Approved by {where}, which has asked no person"
    person = best_effort(
        "ask who approved", lambda: approvals.newest(pipeline, execution, stage=stage), otherwise=None
    )
    return _one_line(person, where)


def _one_line(person: Decision | None, where: str) -> str:
    if person is None:
        return f"Approved by {where}, by a person whom CodePipeline has not told"
    comment = f": {person.comment}" if person.comment else ""
    whole = f"Approved by {person.by} in stage {person.stage} of {where}{comment}"
    return " ".join(whole.split())[:_LONGEST_NOTE]


def _done(version: Version, how: str) -> Done:
    return Done(summary=f"{version.name}: {how}", variables={"PackageArn": version.arn})
