"""The first call of a rollback: whose endpoint it is, the record of the intent, the end of the rollout."""

from dataclasses import dataclass, replace
from typing import Final

from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.chain import known_link, possible_names
from tidegate_runtime.journal import QUEUED, RUNNING, Journal, body_of
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import Clock, Executions, Lease, Ledger, Run
from tidegate_runtime.rollback_state import RollbackState
from tidegate_runtime.state import EARLY_PHASES, ENDED, Candidate, RunState, baseline_from_dict

_NEEDS_HUMAN: Final = "NEEDS_HUMAN"
_UNKNOWN: Final = Lease(rollout_id="?", expires_at=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Decides what a rollback may touch, and stops the rollout.

    Nothing here is essential: without a ledger the state that the rollback was started with decides, and
    without any state the endpoint goes back to its stack's configuration. Whether a promotion has to be
    undone as well then shows when the ledger answers again.
    """

    plan: Plan
    rollout_machine: str
    ledger: Ledger
    executions: Executions
    clock: Clock
    journal: Journal

    def open(self, rollback: RollbackState) -> RollbackState:
        """Return the rollback with everything known about the rollout; DONE when nothing was touched.

        May be asked again as long as the answer is not `known`.
        """
        rollback = replace(rollback, requested_at=rollback.requested_at or self.clock.now())
        unknown = Run(rollout_id="?", status=RUNNING, body={})
        run, after = best_effort("read the run", lambda: self._read(rollback), otherwise=(unknown, None))
        lease = best_effort("read the lease", self.ledger.lease, otherwise=_UNKNOWN)
        if run is not unknown:
            rollback = _completed(rollback, run)
        rollback = replace(rollback, known=rollback.state is not None)
        if after is not None:
            return _behind(rollback, after)
        untouched = self._untouched(rollback, None if run is unknown else run, lease)
        if untouched is not None:
            return untouched
        # A rollout touches nothing before its check is on record; without any trace, reality decides.
        if (run is not unknown or rollback.state is not None) and _is_early(rollback, run):
            acted = self._acted_meanwhile(rollback) if run not in (None, unknown) else None
            if acted is None:
                return replace(rollback, owned=False).done()
            rollback, run = _completed(replace(rollback, state=None), acted), acted
        if lease is None:
            self._take_lease(rollback)
        best_effort("record the intent", lambda: self._mark(rollback), otherwise=None)
        self.journal.record("ROLLBACK_REQUESTED", source=rollback.source, reason=rollback.reason)
        best_effort("stop the rollout", lambda: self._stop(rollback, run), otherwise=None)
        return rollback

    def _untouched(
        self, rollback: RollbackState, run: Run | None, lease: Lease | None
    ) -> RollbackState | None:
        """Return the end of a rollback whose rollout has ended, or does not hold the endpoint, or None."""
        if run is not None and run.status in ENDED:
            return replace(rollback, owned=False).done(outcome=run.status, reason=f"{run.status} already")
        if lease is not None and lease is not _UNKNOWN and lease.rollout_id != rollback.rollout_id:
            outcome = "SUPERSEDED" if run is None or run.status in (QUEUED, RUNNING) else run.status
            return replace(rollback, owned=False).done(outcome=outcome)
        return None

    def _acted_meanwhile(self, rollback: RollbackState) -> Run | None:
        """Record the intent; return the record as it was then if the rollout has been checked by then."""
        before = best_effort("record the intent", lambda: self._mark(rollback), otherwise=None)
        return None if before is None or _phase(before) in EARLY_PHASES else before

    def _read(self, rollback: RollbackState) -> tuple[Run | None, Run | None]:
        """Return the record, and a later rollout that a waiting one must not reach behind, if there is one.

        That is one that was promoted since: it found the endpoint on the stack's configuration, and may have
        brought back the same version. Or one that has this version for its baseline, and waits too.
        """
        run = self.ledger.run(rollback.rollout_id)
        if run is None or run.status != _NEEDS_HUMAN:
            return run, None
        since, package_arn = run.body.get("ended_at", 0), run.body.get("package_arn")
        runs = [one for one in self.ledger.promoted_runs() if one.body.get("baseline")]
        runs += [one for one in self.ledger.waiting_runs() if _baseline_of(one) == package_arn]
        later = [one for one in runs if one.body.get("ended_at", 0) > since]
        return run, max(later, key=lambda one: (one.status == "PROMOTED", one.body["ended_at"]), default=None)

    def _take_lease(self, rollback: RollbackState) -> None:
        """Keep others out while a rollout that needed a human, and so gave its lease back, is rolled back."""
        expires = int(self.clock.now()) + self.plan.longest_seconds
        lease = Lease(rollout_id=rollback.rollout_id, expires_at=expires)
        best_effort("take the lease", lambda: self.ledger.acquire(lease, replacing=None), otherwise=False)

    def _mark(self, rollback: RollbackState) -> Run | None:
        return self.journal.mark("ROLLING_BACK", source=rollback.source, reason=rollback.reason)

    def _stop(self, rollback: RollbackState, run: Run | None) -> None:
        told = rollback.state.link if rollback.state else 1
        for name in possible_names(rollback.rollout_id, known=max(told, known_link(body_of(run)))):
            self.executions.stop(self.rollout_machine, name=name, reason=rollback.reason)


def _behind(rollback: RollbackState, after: Run) -> RollbackState:
    """Return the end of a rollback that would take back more than its own rollout."""
    rollback = replace(rollback, owned=False)
    if after.status == _NEEDS_HUMAN:
        reason = f"{rollback.reason}; {after.rollout_id} waits on top of it: roll that one back first"
        return rollback.done(outcome=_NEEDS_HUMAN, reason=reason)
    reason = f"{rollback.reason}; {after.rollout_id} was promoted since, and nothing of this rollout is left"
    return rollback.done(outcome="SUPERSEDED", reason=reason)


def _phase(run: Run | None) -> str:
    return str(body_of(run).get("phase", ""))


def _is_early(rollback: RollbackState, run: Run | None) -> bool:
    return {_phase(run), rollback.state.phase if rollback.state else ""} <= set(EARLY_PHASES)


def _baseline_of(run: Run) -> str | None:
    baseline = run.body.get("baseline") or {}
    return baseline.get("package_arn")


def _completed(rollback: RollbackState, run: Run | None) -> RollbackState:
    """Fill in from the record what the rollback was not started with."""
    body = body_of(run)
    state = rollback.state or RunState(
        rollout_id=rollback.rollout_id,
        model_package_arn=str(body.get("package_arn", "")),
        phase=str(body.get("phase", "")),
    )
    if body.get("direct"):
        state = replace(state, direct=True)
    if state.baseline is None and body.get("baseline"):
        state = replace(state, baseline=baseline_from_dict(body["baseline"]))
    if state.candidate is None and body.get("candidate"):
        state = replace(state, candidate=Candidate(**body["candidate"]))
    return replace(rollback, state=state)
