"""Takes the traffic back first, then puts everything back, and does not give up."""

from dataclasses import dataclass, replace
from typing import Final

from roll_back.intent import Intent
from roll_back.restore import Restore
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.endpoint_status import GRACE_SECONDS, IN_SERVICE, MOVING
from tidegate_runtime.errors import EndpointBusy, EndpointMissing
from tidegate_runtime.journal import Journal
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import CANDIDATE, LIVE, Clock, Endpoint, EndpointView, Scaling, Variant
from tidegate_runtime.rollback_state import RollbackState
from tidegate_runtime.scaling_protection import restore_scaling

_EAGER_SECONDS: Final = 600
"""How long the endpoint is asked every 2 s; later every 10 s, so that six hours fit into one execution.

Every 10 s as well once it is on its way back: the candidate has no traffic then, and each look costs money.
"""

_UNKNOWN_SECONDS: Final = 30
"""How often the ledger is asked, once the endpoint is back on its stack's configuration."""

_UPDATE_ROLLBACK_FAILED: Final = "UpdateRollbackFailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack:
    """Weight 0, held; then pointer and stack; then the endpoint's configuration; then scaling.

    Only SageMaker, CloudFormation and SSM are essential. Ledger, events, scaling and Step Functions may be
    down.

    Example:
        RollBack(plan=plan, endpoint=endpoint, ...)(RollbackState(rollout_id="v2", reason="errors"))

    """

    plan: Plan
    endpoint: Endpoint
    scaling: Scaling
    clock: Clock
    journal: Journal
    intent: Intent
    restore: Restore

    def __call__(self, rollback: RollbackState) -> RollbackState:
        """Make progress; WAIT until everything is back, then DONE.

        `outcome` is set when the rollback ends otherwise than ROLLED_BACK: `NEEDS_HUMAN`, or `SUPERSEDED` for
        a rollout that never held the endpoint.
        """
        rollback = replace(rollback, status="")
        if not rollback.requested_at:
            rollback = self.intent.open(rollback)
            if rollback.status == "DONE":
                return rollback
        try:
            view = self.endpoint.describe()
        except EndpointMissing:
            return rollback.done(reason=f"{rollback.reason}; there is no endpoint")
        answer = self._ready(rollback, view)
        if answer is not None:
            return answer
        answer = self._without_traffic(rollback, view)
        if answer.status == "WAIT":
            return answer
        answer = self.restore(answer, view)
        if answer.status:
            return answer
        return self._finished(answer) if answer.known else self._asked_again(answer)

    def _asked_again(self, rollback: RollbackState) -> RollbackState:
        """Wait for the ledger where only it knows whether pointer and stack have to go back."""
        again = self.intent.open(rollback)
        return again if again.status else again.wait(1 if again.known else _UNKNOWN_SECONDS)

    def _ready(self, rollback: RollbackState, view: EndpointView) -> RollbackState | None:
        """Return None when the endpoint takes changes."""
        if view.status == IN_SERVICE:
            return None
        if view.status in MOVING:
            return self._refused(rollback)
        if view.status == _UPDATE_ROLLBACK_FAILED and self.restore.may_reapply(rollback):
            return self.restore.reapply(rollback)
        reason = f"the endpoint is {view.status}: {view.failure_reason or 'no reason given'}"
        return rollback.done(outcome="NEEDS_HUMAN", reason=f"{rollback.reason}; {reason}")

    def _refused(self, rollback: RollbackState) -> RollbackState:
        now = self.clock.now()
        returning = rollback.update_requested_at or rollback.stack_requested_at
        eager = not returning and now - rollback.requested_at < _EAGER_SECONDS
        refused_since = rollback.refused_since or (0.0 if rollback.accepted_at else now)
        return replace(rollback, refused_since=refused_since).wait(2 if eager else 10)

    def _without_traffic(self, rollback: RollbackState, view: EndpointView) -> RollbackState:
        """Set weight 0, and look again until it has held: a shift in flight may land late."""
        now = self.clock.now()
        candidate = view.variant(CANDIDATE)
        direct = rollback.state is not None and rollback.state.direct
        if candidate is not None and (candidate.weight > 0 or candidate.desired_weight > 0):
            return self._zero(replace(rollback, zero_since=0.0))
        if not rollback.zero_since:
            rollback = replace(rollback, zero_since=now)
            if not direct:
                self._record_zero(rollback)
        hold = self._hold_seconds(rollback, candidate)
        # Without a candidate what may land late is a promotion, begun before the intent was on record.
        left = (rollback.requested_at if direct else rollback.zero_since) + hold - now
        return rollback.wait(min(left, 10)) if left > 0 else replace(rollback, status="")

    def _hold_seconds(self, rollback: RollbackState, candidate: Variant | None) -> int:
        """Return how long to look on: whatever a function of the rollout still asks for must have shown."""
        hold, phase = self.plan.rollback_hold_seconds, rollback.state.phase if rollback.state else ""
        if candidate is not None or phase == "PROMOTING":
            return hold
        # After the promotion there is no candidate and no call in flight, and no time to lose.
        # Before there is one nothing is asked for that a late update would refuse: it has to be seen.
        return 0 if phase == "WATCHING" else hold + GRACE_SECONDS

    def _zero(self, rollback: RollbackState) -> RollbackState:
        try:
            self.endpoint.set_weights({LIVE: 100.0, CANDIDATE: 0.0})
        except EndpointBusy:
            return self._refused(rollback)
        now = self.clock.now()
        refused = now - rollback.refused_since if rollback.refused_since else 0.0
        return replace(
            rollback,
            accepted_at=rollback.accepted_at or now,
            seconds_refused=rollback.seconds_refused or refused,
            refused_since=0.0,
        ).wait(2)

    def _record_zero(self, rollback: RollbackState) -> None:
        since_accepted = rollback.zero_since - rollback.accepted_at if rollback.accepted_at else 0.0
        self.journal.record(
            "WEIGHT_ZERO",
            seconds_since_request=rollback.zero_since - rollback.requested_at,
            seconds_refused=rollback.seconds_refused,
            seconds_since_accepted=since_accepted,
        )

    def _finished(self, rollback: RollbackState) -> RollbackState:
        before = rollback.state.baseline if rollback.state else None
        best_effort("restore scaling", lambda: restore_scaling(self.scaling, before), otherwise=None)
        self.journal.record("CLEANED_UP")
        return rollback.done()
