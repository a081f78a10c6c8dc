"""Rollouts that wait for a human: reminded of, rolled back at their deadline, or seen to be settled."""

from dataclasses import dataclass
from typing import Any

from tidegate_runtime.announcer import Announcer
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.endpoint_status import IN_SERVICE, same_config
from tidegate_runtime.errors import EndpointMissing
from tidegate_runtime.journal import Journal
from tidegate_runtime.notice_waiting import waited_seconds
from tidegate_runtime.plan_needs_human import NeedsHuman
from tidegate_runtime.ports import CANDIDATE, Clock, Endpoint, Ledger, Run, Stack
from tidegate_runtime.state import ROLLBACK_PHASES, WATCHING
from watchdog.rollbacks import Rollbacks


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Looks at each rollout that is NEEDS_HUMAN and not settled.

    What is done is written down before it is told: a function that dies in between costs one reminder, and a
    ledger that takes nothing brings no storm of them.
    """

    policy: NeedsHuman
    ledger: Ledger
    stack: Stack
    endpoint: Endpoint
    clock: Clock
    announcer: Announcer
    rollbacks: Rollbacks

    def look(self) -> dict[str, str]:
        """Return what was done, by rollout; nothing of those for which it is not the time."""
        runs = [run for run in self.ledger.waiting_runs() if not run.body.get("resolved_at")]
        # Whoever holds the endpoint now found it at rest, or is about to be told that it is not.
        if not runs or self.ledger.lease() is not None or self.ledger.open_runs():
            return {}
        done = {run.rollout_id: self._look(run) for run in runs}
        return {rollout_id: what for rollout_id, what in done.items() if what}

    def _look(self, run: Run) -> str:
        now = self.clock.now()
        if self._is_settled(run):
            journal = self._note(run, resolved_at=now)
            journal.record("RESOLVED", reason="the endpoint is on its stack's configuration again")
            return "settled"
        last = float(run.body.get("reminded_at") or run.body.get("ended_at") or 0)
        waited, since_last = waited_seconds(run, now=now), now - last
        tried = bool(run.body.get("deadline_at"))
        if self.policy.goes_back and waited >= self.policy.deadline_seconds:
            # Once at the deadline; what did not manage to go back is tried again with each reminder.
            if tried and since_last < self.policy.remind_seconds:
                return ""
            return self._go_back(run, now, tried=tried)
        if since_last < self.policy.remind_seconds:
            return ""
        return self._remind(run, now)

    def _go_back(self, run: Run, now: float, *, tried: bool) -> str:
        reason = f"nobody decided within {self.policy.deadline_hours} h: {run.body.get('reason', '')}"
        self._note(run, reminded_at=now, deadline_at=run.body.get("deadline_at") or now)
        done = self.rollbacks.start(run.rollout_id, source="deadline", reason=reason)
        if tried:
            best_effort("remind", lambda: self.announcer.remind(run, now=now), otherwise=None)
        return done

    def _remind(self, run: Run, now: float) -> str:
        self._note(run, reminded_at=now)
        best_effort("remind", lambda: self.announcer.remind(run, now=now), otherwise=None)
        return "reminded"

    def _note(self, run: Run, **fields: Any) -> Journal:
        journal = Journal(ledger=self.ledger, clock=self.clock, rollout_id=run.rollout_id)
        journal.note("NEEDS_HUMAN", **fields)
        return journal

    def _is_settled(self, run: Run) -> bool:
        """Tell whether an abort or a deploy has taken the decision: nothing of the rollout is left open."""
        stack = self.stack.describe()
        if stack is None:
            return True
        try:
            view = self.endpoint.describe()
        except EndpointMissing:
            return True
        at_rest = (
            stack.status.endswith("_COMPLETE")
            and view.status == IN_SERVICE
            and same_config(view.config_name, stack.config_name)
            and view.variant(CANDIDATE) is None
        )
        phase, ours = run.body.get("phase"), run.body.get("package_arn")
        if phase == WATCHING:
            # It rests from the start; a decision shows in another version, or another configuration.
            promoted = str(run.body.get("promoted_config") or view.config_name)
            return at_rest and (stack.package_arn != ours or not same_config(view.config_name, promoted))
        if phase in ROLLBACK_PHASES:
            return at_rest and stack.package_arn != ours
        return at_rest
