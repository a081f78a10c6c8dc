"""Finds rollouts that need a rollback and have none, or have ended and are not recorded so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tidegate_runtime.announcer import Announcer
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.chain import known_link, latest, rollout_of
from tidegate_runtime.health_ports import Alarms, burning
from tidegate_runtime.journal import RUNNING, Journal, is_open
from tidegate_runtime.ports import LIVE, Clock, Execution, Executions, Ledger, Run, Scaling
from tidegate_runtime.queue import Queue
from tidegate_runtime.scaling_protection import restore_scaling
from tidegate_runtime.state import EARLY_PHASES, ENDED, ROLLBACK_PHASES, baseline_from_dict
from watchdog.abandoned import Abandoned
from watchdog.collecting import Collecting
from watchdog.restoring import Restoring
from watchdog.rollbacks import Rollbacks
from watchdog.waiting import Waiting

ALARM: Final = "CloudWatch Alarm State Change"
EXECUTION: Final = "Step Functions Execution Status Change"

_OUTCOMES: Final = (*ENDED, "NEEDS_HUMAN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchdog:
    """Reacts to alarms of the candidate, to broken executions, and to the clock."""

    rollout_machine: str
    rollbacks: Rollbacks
    waiting: Waiting
    alarms: Alarms
    ledger: Ledger
    executions: Executions
    queue: Queue
    scaling: Scaling
    clock: Clock
    announcer: Announcer
    restoring: Restoring
    collecting: Collecting
    abandoned: Abandoned

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Handle one event from EventBridge; return what was done per rollout."""
        detail = event.get("detail", {})
        if event.get("detail-type") == ALARM:
            return {"rollouts": self._on_alarm(detail)}
        if event.get("detail-type") == EXECUTION:
            return {"rollouts": self._on_execution(detail)}
        answer = {run.rollout_id: self._inspect(run) for run in self.ledger.open_runs()}
        waiting = best_effort("look after what waits", self.waiting.look, otherwise={})
        best_effort("release a leftover lease", self._release_leftover, otherwise=None)
        best_effort("start what is queued", self._start_next, otherwise=None)
        restored = best_effort("restore the scaling", self._restore, otherwise=[])
        collected = best_effort("collect leftovers", self.collecting.collect, otherwise=[])
        abandoned = best_effort("collect what gates have left", self.abandoned.collect, otherwise=[])
        done: dict[str, Any] = {
            "waiting": waiting,
            "restored": restored,
            "collected": collected,
            "abandoned": abandoned,
        }
        return {"rollouts": answer, **{what: names for what, names in done.items() if names}}

    def _start_next(self) -> None:
        """Start what waits once the endpoint is as its stack says; what came to nothing is rolled back."""
        rollout_id = self.queue.start_next(ready=self.restoring.at_rest)
        execution = self.executions.describe(self.rollout_machine, name=rollout_id) if rollout_id else None
        if execution is not None and _is_broken(execution.status):
            reason = f"the rollout's execution is {execution.status}"
            self.rollbacks.start(rollout_id, source="execution", reason=reason)

    def _restore(self) -> list[str]:
        return self.restoring.restore(rolling_out=bool(self.ledger.open_runs()))

    def _on_alarm(self, detail: Mapping[str, Any]) -> dict[str, str]:
        state = detail.get("state", {})
        if state.get("value") != "ALARM":
            return {}
        reason = f"alarm {detail.get('alarmName')}: {state.get('reason', 'no reason given')}"
        ids = best_effort("read the open runs", self._touching, otherwise=None)
        if ids is None:
            # Without a ledger, what runs is what is open.
            names = self.executions.running(self.rollout_machine)
            ids = list(dict.fromkeys(rollout_of(name) for name in names))
        done = {one: self.rollbacks.start(one, source="alarm", reason=reason) for one in ids}
        # First the traffic; who is told at the end shall know what it went back to.
        best_effort("look at live", lambda: self._remark(ids), otherwise=None)
        return done

    def _remark(self, ids: Sequence[str]) -> None:
        lit = burning(self.alarms.states([LIVE])[LIVE]) if ids else []
        for rollout_id in ids if lit else ():
            trouble = f"alarm {', '.join(lit)} burns"
            journal = Journal(ledger=self.ledger, clock=self.clock, rollout_id=rollout_id)
            journal.record("LIVE_IN_TROUBLE", reason=trouble)
            journal.note(RUNNING, live_trouble=trouble)

    def _touching(self) -> list[str]:
        runs = [run for run in self.ledger.open_runs() if is_open(run)]
        return [run.rollout_id for run in runs if run.body.get("phase") not in EARLY_PHASES]

    def _on_execution(self, detail: Mapping[str, Any]) -> dict[str, str]:
        rollout_id, status = rollout_of(str(detail.get("name"))), str(detail.get("status"))
        if detail.get("stateMachineArn") != self.rollout_machine or not _is_broken(status):
            return {}
        run = best_effort("read the run", lambda: self.ledger.run(rollout_id), otherwise=None)
        if run is not None and not is_open(run):
            return {rollout_id: f"{run.status}, {run.body.get('phase')}"}
        reason = f"the rollout's execution is {status}: {detail.get('cause') or 'no cause given'}"
        return {rollout_id: self.rollbacks.start(rollout_id, source="execution", reason=reason)}

    def _inspect(self, run: Run) -> str:
        if run.body.get("phase") in ROLLBACK_PHASES:
            reason = str(run.body.get("reason", ""))
            return self.rollbacks.start(run.rollout_id, source="watchdog", reason=reason)
        link, machine = known_link(run.body), self.rollout_machine
        execution = latest(self.executions, machine, rollout_id=run.rollout_id, known=link)
        if execution is None or _is_broken(execution.status):
            found = execution.status if execution else "gone"
            reason = f"the rollout's execution is {found}"
            return self.rollbacks.start(run.rollout_id, source="execution", reason=reason)
        if execution.status == "SUCCEEDED":
            return self._settle(run.rollout_id, execution)
        lease = self.ledger.lease()
        if lease and lease.rollout_id == run.rollout_id and lease.expires_at < self.clock.now():
            return self.rollbacks.start(run.rollout_id, source="watchdog", reason="the lease has expired")
        return "runs"

    def _settle(self, rollout_id: str, execution: Execution) -> str:
        """Record an end that the ledger missed: what an execution has reported is what has happened."""
        outcome = str(execution.output.get("outcome", ""))
        if outcome not in _OUTCOMES:
            return f"an execution ended with outcome {outcome!r}"
        journal = Journal(ledger=self.ledger, clock=self.clock, rollout_id=rollout_id)
        reason = str(execution.output.get("reason", ""))
        run = journal.finish(outcome, reason=reason, rolling_back=True)
        journal.announce(run, lambda: self.announcer(run))
        self.ledger.release(rollout_id)
        return f"recorded as {outcome}"

    def _release_leftover(self) -> None:
        """Give back the lease of a rollout that has ended, and before it the scaling that it suspended."""
        lease = self.ledger.lease()
        run = self.ledger.run(lease.rollout_id) if lease else None
        if run is None or run.status not in ENDED:
            return
        if run.body.get("baseline"):
            restore_scaling(self.scaling, baseline_from_dict(run.body["baseline"]))
        self.ledger.release(run.rollout_id)


def _is_broken(status: str) -> bool:
    return status in ("FAILED", "TIMED_OUT", "ABORTED")
