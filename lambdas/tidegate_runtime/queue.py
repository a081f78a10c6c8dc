"""Approvals that wait for the end of the rollout in flight."""

from collections.abc import Callable
from dataclasses import dataclass

from tidegate_runtime.announcer import Announcer
from tidegate_runtime.approval import approved_at
from tidegate_runtime.journal import RUNNING, Journal
from tidegate_runtime.ports import Clock, Executions, Lease, Ledger, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Keeps approvals in the ledger, and starts the newest when nothing is in flight.

    Who starts takes the lease first, in the name of the rollout that is started: so two of them never start
    two, and one that died in between is carried on by the next.

    Attributes:
        machine_arn: The rollout state machine.
        lease_seconds: How long a rollout may hold the endpoint.

    """

    ledger: Ledger
    executions: Executions
    clock: Clock
    announcer: Announcer
    machine_arn: str
    lease_seconds: int

    def add(self, rollout_id: str, *, package_arn: str, **more: str) -> Run:
        """Return the record of an approval, which waits from now on if it is new; `more` is put on record."""
        return self._journal(rollout_id).queue(package_arn=package_arn, **more)

    def start_next(self, *, ready: Callable[[], bool] = lambda: True) -> str:
        """Start the newest approval, end the older ones as SUPERSEDED; return the id of what was started.

        Args:
            ready: Asked last, and only if there is something to start.

        """
        waiting = sorted(self.ledger.queued_runs(), key=approved_at)
        if not waiting:
            return ""
        lease, open_runs = self.ledger.lease(), self.ledger.open_runs()
        claimed = [run for run in waiting if lease is not None and lease.rollout_id == run.rollout_id]
        newest = max([*waiting, *open_runs], key=approved_at)
        for run in waiting:
            if run not in claimed and approved_at(run) < approved_at(newest):
                self.drop(run, reason=f"{newest.rollout_id} was approved later")
        chosen = (claimed or [newest])[0]
        if not claimed and (open_runs or not ready() or not self._claim(chosen, lease)):
            return ""
        document = {"rollout_id": chosen.rollout_id, "model_package_arn": chosen.body.get("package_arn", "")}
        if chosen.body.get("instead_of"):
            document["instead_of"] = chosen.body["instead_of"]
        self.executions.start(self.machine_arn, name=chosen.rollout_id, document=document)
        return chosen.rollout_id

    def drop(self, run: Run, *, reason: str) -> None:
        """End an approval that waits, unless it has been started meanwhile."""
        journal = self._journal(run.rollout_id)
        ended = journal.drop(reason=reason)
        if ended.status == "SUPERSEDED":
            journal.announce(ended, lambda: self.announcer(ended))

    def _claim(self, run: Run, lease: Lease | None) -> bool:
        now = self.clock.now()
        replaceable = None
        if lease is not None and lease.expires_at < now:
            holder = self.ledger.run(lease.rollout_id)
            replaceable = None if holder is not None and holder.status == RUNNING else lease
        expires = int(now) + self.lease_seconds
        mine = Lease(rollout_id=run.rollout_id, expires_at=expires)
        return self.ledger.acquire(mine, replacing=replaceable)

    def _journal(self, rollout_id: str) -> Journal:
        return Journal(ledger=self.ledger, clock=self.clock, rollout_id=rollout_id)
