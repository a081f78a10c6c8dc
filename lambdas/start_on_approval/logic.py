"""Decides what an approval starts, and what a rejection stops."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from start_on_approval.live import LiveVersion, Rejection
from tidegate_runtime import live_notice
from tidegate_runtime.announcer import Announcer
from tidegate_runtime.approval import DETAIL_TYPE, approved_at, rollout_id_of
from tidegate_runtime.journal import QUEUED, Journal, is_open
from tidegate_runtime.live_notice import LiveRejected
from tidegate_runtime.ports import Clock, Executions, Ledger, Run
from tidegate_runtime.queue import Queue

_LATE_PHASES: Final = ("PROMOTING", "WATCHING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """Starts the rollout of an approved version once, by the policy when another is in flight.

    Attributes:
        group: Model package group whose approvals count.
        on_new_approval: `reject`, `queue` or `supersede`.
        on_live_rejected: `notify`, or `go_back` to the last good version.
        rollout_machine: ARN of the machine that is started.
        rollback_machine: ARN of the machine that stops the rollout of a rejected or superseded version.
        ledger: Knows the rollout in flight and what waits, and gets the rejection.

    """

    group: str
    on_new_approval: str
    on_live_rejected: str
    rollout_machine: str
    rollback_machine: str
    executions: Executions
    ledger: Ledger
    clock: Clock
    announcer: Announcer
    queue: Queue
    live: LiveVersion

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
            return self._rejected(rollout_id, package_arn)
        return self._start(rollout_id, package_arn)

    def _start(self, rollout_id: str, package_arn: str, **more: str) -> dict[str, Any]:
        """Start a rollout by the policy; `more` goes into its record and its execution."""
        if self.on_new_approval == "reject":
            return self._start_or_reject(rollout_id, package_arn, **more)
        return self._enqueue(rollout_id, package_arn, **more)

    def _start_or_reject(self, rollout_id: str, package_arn: str, **more: str) -> dict[str, Any]:
        others = [run.rollout_id for run in self.ledger.open_runs() if run.rollout_id != rollout_id]
        # A rollout that is on record has been decided about: this is a duplicate of its event.
        if others and self.ledger.run(rollout_id) is None:
            reason = f"rollout {others[0]} is in flight"
            self._reject(rollout_id, package_arn=package_arn, reason=reason)
            return {"started": False, "rollout_id": rollout_id, "reason": reason}
        document = {"rollout_id": rollout_id, "model_package_arn": package_arn, **more}
        new = self.executions.start(self.rollout_machine, name=rollout_id, document=document)
        reason = "approved" if new else "this approval has started its rollout before"
        return {"started": new, "rollout_id": rollout_id, "reason": reason}

    def _enqueue(self, rollout_id: str, package_arn: str, **more: str) -> dict[str, Any]:
        waiting = self.queue.add(rollout_id, package_arn=package_arn, **more)
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
                back = waiting.body.get("instead_of")
                why = "takes a rejected live version back" if back else "was approved"
                reason = f"{waiting.rollout_id} {why}"
                self._roll_back(run, source="superseded", reason=reason)

    def _rejected(self, event_id: str, package_arn: str) -> dict[str, Any]:
        stopped = self._withdraw(event_id, package_arn)
        if stopped:
            return {"started": False, "reason": f"status is Rejected: stops {', '.join(stopped)}"}
        rejection = self.live.rejection(event_id, package_arn)
        if rejection is None:
            return {"started": False, "reason": "status is Rejected: nothing of this version is in flight"}
        return self._live_rejected(rejection)

    def _live_rejected(self, rejection: Rejection) -> dict[str, Any]:
        """Go back to the last good version, where the plan says so and there is one, and tell."""
        good = "" if rejection.last_good is None else str(rejection.last_good.body["package_arn"])
        answer: dict[str, Any] = {"started": False, "reason": "the live version was rejected"}
        action = live_notice.STAYS
        if good and self.on_live_rejected == "go_back":
            answer = self._start(rejection.rollout_id, good, instead_of=rejection.package_arn)
            action = self._action(rejection.rollout_id)
        told = LiveRejected(
            package_arn=rejection.package_arn,
            by=rejection.by,
            last_good=good,
            action=action,
            rollout_id=str(answer.get("rollout_id", "")),
            reason=str(answer["reason"]) if action == live_notice.REFUSED else "",
        )
        self._tell_once(rejection, told)
        return answer

    def _action(self, rollout_id: str) -> str:
        run = self.ledger.run(rollout_id)
        actions = {QUEUED: live_notice.WAITS, "SUPERSEDED": live_notice.REFUSED}
        return live_notice.GOES_BACK if run is None else actions.get(run.status, live_notice.GOES_BACK)

    def _tell_once(self, rejection: Rejection, told: LiveRejected) -> None:
        known = rejection.promotion
        if known is not None and known.body.get("rejection") == rejection.rollout_id:
            return
        rollout_id = rejection.rollout_id if known is None else known.rollout_id
        journal = Journal(ledger=self.ledger, clock=self.clock, rollout_id=rollout_id)
        journal.record("LIVE_REJECTED", by=told.by, last_good=told.last_good, action=told.action)
        self.announcer.live_rejected(told)
        if known is not None:
            journal.note(known.status, rejection=rejection.rollout_id)

    def _withdraw(self, event_id: str, package_arn: str) -> list[str]:
        """Stop whatever an earlier approval of a version that is rejected now has started, or will start.

        Returns:
            The ids of what was stopped.

        """
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
        return stopped

    def _roll_back(self, run: Run, *, source: str, reason: str) -> None:
        document = {"rollout_id": run.rollout_id, "source": source, "reason": reason}
        self.executions.start(self.rollback_machine, name=f"rb-{run.rollout_id}", document=document)

    def _reject(self, rollout_id: str, *, package_arn: str, reason: str) -> None:
        journal = Journal(ledger=self.ledger, clock=self.clock, rollout_id=rollout_id)
        journal.open(package_arn=package_arn)
        run = journal.finish("SUPERSEDED", reason=reason, rolling_back=False)
        journal.announce(run, lambda: self.announcer(run))


def _ignored(event: Mapping[str, Any], *, group: str) -> str:
    detail = event.get("detail", {})
    if event.get("detail-type") != DETAIL_TYPE:
        return f"not a registry event: {event.get('detail-type')}"
    if detail.get("ModelPackageGroupName") != group:
        return f"group {detail.get('ModelPackageGroupName')} is not {group}"
    if detail.get("ModelApprovalStatus") not in ("Approved", "Rejected"):
        return f"status is {detail.get('ModelApprovalStatus')}"
    return ""
