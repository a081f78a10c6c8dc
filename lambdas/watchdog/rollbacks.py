"""Starts rollbacks under the names that all ways to one share, and says when there are no more to try."""

from dataclasses import dataclass
from typing import Final

from tidegate_runtime.announcer import Announcer
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.journal import Journal
from tidegate_runtime.ports import Clock, Executions, Ledger, Run, Scaling
from tidegate_runtime.scaling_protection import restore_scaling
from tidegate_runtime.state import baseline_from_dict

MAX_ROLLBACKS: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollbacks:
    """The rollbacks of one endpoint.

    Each has a name made of the rollout's id, so that all ways to it lead to one execution; only when that one
    is over, and the rollout still open, is another started. One that succeeded but is not on record is no
    exception: a redriven rollout may have acted since.
    """

    machine: str
    executions: Executions
    ledger: Ledger
    scaling: Scaling
    clock: Clock
    announcer: Announcer

    def start(self, rollout_id: str, *, source: str, reason: str) -> str:
        """Start the next rollback unless one runs; return what was done."""
        document = {"rollout_id": rollout_id, "source": source, "reason": reason}
        for number in range(1, MAX_ROLLBACKS + 1):
            name = f"rb-{rollout_id}" if number == 1 else f"rb-{rollout_id}-{number}"
            if self.executions.start(self.machine, name=name, document=document):
                return f"started {name}"
            execution = self.executions.describe(self.machine, name=name)
            if execution is None or execution.status == "RUNNING":
                return f"{name} runs already"
        self._give_up(rollout_id, reason)
        return f"{MAX_ROLLBACKS} rollbacks have not ended it: needs a human"

    def _give_up(self, rollout_id: str, reason: str) -> None:
        """Record and tell once that nothing more is tried, and let a human act: the lease is given back."""
        journal = Journal(ledger=self.ledger, clock=self.clock, rollout_id=rollout_id)
        why = f"{MAX_ROLLBACKS} rollbacks have not ended it: {reason or 'no reason is on record'}"
        run = journal.finish("NEEDS_HUMAN", reason=why, rolling_back=True)
        if run.status != "NEEDS_HUMAN":
            return
        best_effort("restore scaling", lambda: self._restore_scaling(run), otherwise=None)
        journal.announce(run, lambda: self.announcer(run))
        self.ledger.release(rollout_id)

    def _restore_scaling(self, run: Run) -> None:
        if run.body.get("baseline"):
            restore_scaling(self.scaling, baseline_from_dict(run.body["baseline"]))
