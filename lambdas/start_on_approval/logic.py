"""Decides what an approval starts, and what a rejection stops."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tidegate_runtime.announcer import Announcer
from tidegate_runtime.journal import QUEUED, Journal, is_open
from tidegate_runtime.ports import Clock, Executions, Ledger, Run
from tidegate_runtime.queue import Queue, approved_at

DETAIL_TYPE: Final = "SageMaker Model Package State Change"
_LATE_PHASES: Final = ("PROMOTING", "WATCHING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """Starts the rollout of an approved version once, by the policy when another is in flight.

    Attributes:
        group: Model package group whose approvals count.
        on_new_approval: `reject`, `queue` or `supersede`.
        rollout_machine: ARN of the machine that is started.
        rollback_machine: ARN of the machine that stops the rollout of a rejected or superseded version.
        ledger: Knows the rollout in flight and what waits, and gets the rejection.

    """

    group: str
    on_new_approval: str
    rollout_machine: str
    rollback_machine: str
    executions: Executions
    ledger: Ledger
    clock: Clock
    announcer: Announcer
    queue: Queue

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Handle one event of the registry.

        Returns:
            `started` (bool), `rollout_id` where there is one, and `reason`.

        """
        ignored = _ignored(event, group=self.group)
        if ignored:
            return {"started": False, "reason": ignored}
        rollout_id, package_arn = rollout_id_of(event), str(event["detail"]["ModelPackageArn"])
        if event["detail"]["ModelApprovalStatus"] == "Rejected":
            return self._withdraw(rollout_id, package_arn)
        if self.on_new_approval == "reject":
            return self._start_or_reject(rollout_id, package_arn)
        return self._enqueue(rollout_id, package_arn)

    def _start_or_reject(self, rollout_id: str, package_arn: str) -> dict[str, Any]:
        others = [run.rollout_id for run in self.ledger.open_runs() if run.rollout_id != rollout_id]
        # A rollout that is on record has been decided about: this is a duplicate of its event.
        if others and self.ledger.run(rollout_id) is None:
            reason = f"rollout {others[0]} is in flight"
            self._reject(rollout_id, package_arn=package_arn, reason=reason)
            return {"started": False, "rollout_id": rollout_id, "reason": reason}
        document = {"rollout_id": rollout_id, "model_package_arn": package_arn}
        new = self.executions.start(self.rollout_machine, name=rollout_id, document=document)
        reason = "approved" if new else "this approval has started its rollout before"
        return {"started": new, "rollout_id": rollout_id, "reason": reason}

    def _enqueue(self, rollout_id: str, package_arn: str) -> dict[str, Any]:
        waiting = self.queue.add(rollout_id, package_arn=package_arn)
        if waiting.status == QUEUED and self.on_new_approval == "supersede":
            self._supersede(waiting)
        started = self.queue.start_next() == rollout_id
        known = self.ledger.run(rollout_id) or waiting
        reason = "approved" if started else f"this approval is {known.status}"
        return {"started": started, "rollout_id": rollout_id, "reason": reason}

    def _supersede(self, waiting: Run) -> None:
        """Ask for the rollback of what is in flight, unless it is being promoted, or was approved later."""
        for run in self.ledger.open_runs():
            late = run.body.get("phase") in _LATE_PHASES
            if is_open(run) and not late and approved_at(run) < approved_at(waiting):
                reason = f"{waiting.rollout_id} was approved"
                self._roll_back(run, source="superseded", reason=reason)

    def _withdraw(self, event_id: str, package_arn: str) -> dict[str, Any]:
        """Stop whatever an earlier approval of a version that is rejected now has started, or will start."""
        rejected_at = event_id.partition("-")[2]
        reason, stopped = "the version was rejected in the registry", []
        lease = self.ledger.lease()
        for run in (*self.ledger.queued_runs(), *self.ledger.open_runs()):
            if run.body.get("package_arn") != package_arn or approved_at(run)[0] > rejected_at:
                continue
            claimed = lease is not None and lease.rollout_id == run.rollout_id
            if run.status == QUEUED and not claimed:
                self.queue.drop(run, reason=reason)
            elif run.status == QUEUED or is_open(run):
                self._roll_back(run, source="rejected", reason=reason)
            stopped.append(run.rollout_id)
        found = f"stops {', '.join(stopped)}" if stopped else "nothing of this version is in flight"
        return {"started": False, "reason": f"status is Rejected: {found}"}

    def _roll_back(self, run: Run, *, source: str, reason: str) -> None:
        document = {"rollout_id": run.rollout_id, "source": source, "reason": reason}
        self.executions.start(self.rollback_machine, name=f"rb-{run.rollout_id}", document=document)

    def _reject(self, rollout_id: str, *, package_arn: str, reason: str) -> None:
        journal = Journal(ledger=self.ledger, clock=self.clock, rollout_id=rollout_id)
        journal.open(package_arn=package_arn)
        run = journal.finish("SUPERSEDED", reason=reason, rolling_back=False)
        journal.announce(run, lambda: self.announcer(run))


def rollout_id_of(event: Mapping[str, Any]) -> str:
    """Return the id that this very approval always gets, for example `v2-20261121T050102Z`."""
    version = event["detail"].get("ModelPackageVersion") or event["detail"]["ModelPackageArn"].split("/")[-1]
    time = "".join(character for character in str(event["time"]) if character.isalnum())
    return f"v{version}-{time}"[:70]


def _ignored(event: Mapping[str, Any], *, group: str) -> str:
    detail = event.get("detail", {})
    if event.get("detail-type") != DETAIL_TYPE:
        return f"not a registry event: {event.get('detail-type')}"
    if detail.get("ModelPackageGroupName") != group:
        return f"group {detail.get('ModelPackageGroupName')} is not {group}"
    if detail.get("ModelApprovalStatus") not in ("Approved", "Rejected"):
        return f"status is {detail.get('ModelApprovalStatus')}"
    return ""
