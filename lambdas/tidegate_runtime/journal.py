"""One rollout's record and its decisions in the ledger."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.errors import RollbackRequested, Transient
from tidegate_runtime.orders import Hold, Orders
from tidegate_runtime.ports import Clock, Ledger, Run
from tidegate_runtime.state import ENDED, ROLLBACK_PHASES

RUNNING: Final = "RUNNING"
QUEUED: Final = "QUEUED"
_TRIES: Final = 5


class Journal:
    """Writes what one rollout does.

    Attributes:
        rollout_id: The rollout.

    Example:
        Journal(ledger=ledger, clock=clock, rollout_id="v2").record("SHIFTED", step=0, weight_percent=5)

    """

    def __init__(self, *, ledger: Ledger, clock: Clock, rollout_id: str) -> None:
        self._ledger = ledger
        self._clock = clock
        self.rollout_id = rollout_id

    def record(self, kind: str, /, **fields: Any) -> None:
        """Add a decision; a ledger that does not answer is no reason to stop.

        A handler that was stopped after this call writes the same decision once more when it runs again.
        """
        at = self._clock.now()
        body = {"at": at, "kind": kind, **fields}
        best_effort(
            f"log {kind}",
            lambda: self._ledger.log(self.rollout_id, at=at, kind=kind, body=body),
            otherwise=None,
        )

    def open(self, **fields: Any) -> Run:
        """Return the record, made with `fields` if there is none; what was queued runs from now on."""
        body = {"phase": "STARTED", "started_at": self._clock.now(), **fields}
        fresh = Run(rollout_id=self.rollout_id, status=RUNNING, body=body)
        known = self._ledger.run(self.rollout_id) or self._saved(fresh)
        if known.status != QUEUED:
            return known

        def change(run: Run | None) -> Run:
            before = run or known
            return replace(before, status=RUNNING, body=body) if before.status == QUEUED else before

        return self.change(change)

    def queue(self, **fields: Any) -> Run:
        """Return the record, made with `fields` as one that waits if there is none."""
        body = {"phase": QUEUED, "started_at": self._clock.now(), **fields}
        waiting = Run(rollout_id=self.rollout_id, status=QUEUED, body=body)
        return self._ledger.run(self.rollout_id) or self._saved(waiting)

    def drop(self, *, reason: str) -> Run:
        """End a rollout that waits as SUPERSEDED; return the record, whatever it says by now."""
        fields = {"ended_at": self._clock.now(), "reason": reason, "notified": False}

        def change(run: Run | None) -> Run:
            known = run or Run(rollout_id=self.rollout_id, status=QUEUED, body={})
            if known.status != QUEUED:
                return known
            return replace(known, status="SUPERSEDED", body={**known.body, **fields})

        return self.change(change)

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return self._clock.now()

    def orders(self) -> Orders:
        """Return what the record says about holds, gates and waivers.

        Raises:
            Transient: the ledger does not answer.

        """
        return Orders.of(body_of(self._ledger.run(self.rollout_id)))

    def require_running(self) -> Run:
        """Return the record of a rollout that may act.

        Raises:
            RollbackRequested: it is being rolled back, or has ended.

        """
        return require_running(self._ledger.run(self.rollout_id))

    def require_holding(self) -> Run:
        """Return the record of a rollout that may act, and holds the endpoint.

        A record that could not be written at the end still says RUNNING; the lease is gone by then.

        Raises:
            RollbackRequested: it is being rolled back, has ended, or has given the lease back.

        """
        run = self.require_running()
        lease = self._ledger.lease()
        if lease is None or lease.rollout_id != self.rollout_id:
            holder = "nobody" if lease is None else lease.rollout_id
            raise RollbackRequested(f"the rollout may not act any more: {holder} holds the endpoint")
        return run

    def advance(self, phase: str, **fields: Any) -> None:
        """Store a new phase, unless the rollout is being rolled back or has ended.

        Raises:
            RollbackRequested: it is.
            Transient: others kept changing the record.

        """

        def change(run: Run | None) -> Run:
            known = require_running(run)
            return replace(known, body={**known.body, "phase": phase, **fields})

        self.change(change)

    def rise(self, **fields: Any) -> Hold | None:
        """Store `fields`, which say that the rollout goes forward, unless it is held; then return the hold.

        One swap decides: a hold that is on record has kept back whatever has not begun before it.

        Raises:
            RollbackRequested: the rollout is being rolled back, or has ended.
            Transient: others kept changing the record.

        """
        found: list[Hold | None] = []

        def change(run: Run | None) -> Run:
            known = require_running(run)
            hold = Orders.of(known.body).hold(self._clock.now())
            found[:] = [hold]
            return replace(known, body={**known.body, **({"raising": None} if hold else fields)})

        self.change(change)
        return found[0]

    def mark(self, phase: str, **fields: Any) -> Run | None:
        """Store a new phase whatever the record says, as a rollback does; return the record as it was."""
        before: list[Run | None] = []

        def change(run: Run | None) -> Run:
            before.append(run)
            known = run or Run(rollout_id=self.rollout_id, status=RUNNING, body={})
            return replace(known, body={**known.body, "phase": phase, **fields})

        self.change(change)
        return before[-1]

    def note(self, status: str, /, **fields: Any) -> None:
        """Add fields to the record if there is one, and as long as it has this status."""
        known = self._ledger.run(self.rollout_id)
        if known is None:
            return

        def change(run: Run | None) -> Run:
            found = run or known
            return replace(found, body={**found.body, **fields}) if found.status == status else found

        self.change(change)

    def finish(self, outcome: str, *, reason: str, rolling_back: bool) -> Run:
        """Store the outcome unless the rollout has ended before; return the record as it is then.

        Raises:
            RollbackRequested: the rollout itself wants to end while it is being rolled back.

        """
        fields = {"ended_at": self._clock.now(), "reason": reason, "notified": False}

        def change(run: Run | None) -> Run:
            known = run or Run(rollout_id=self.rollout_id, status=RUNNING, body={})
            if known.status in ENDED or known.status == outcome:
                return known
            if not rolling_back and known.body.get("phase") in ROLLBACK_PHASES:
                raise RollbackRequested(f"{self.rollout_id} is being rolled back")
            return replace(known, status=outcome, body={**known.body, **fields})

        return self.change(change)

    def announce(self, run: Run, notice: Callable[[], None]) -> None:
        """Log the end and give notice of it, unless that was done before."""
        if run.body.get("notified"):
            return
        self.record("ENDED", outcome=run.status, reason=run.body.get("reason", ""))
        best_effort("give notice", notice, otherwise=None)

        def change(known: Run | None) -> Run:
            return replace(known or run, body={**(known or run).body, "notified": True})

        best_effort("record the notice", lambda: self.change(change), otherwise=run)

    def change(self, change: Callable[[Run | None], Run]) -> Run:
        """Store what `change` makes of the record, as often as others get there first; return the record.

        Raises:
            Transient: others kept changing the record.

        """
        for _ in range(_TRIES):
            before = self._ledger.run(self.rollout_id)
            after = change(before)
            if after == before or self._ledger.save(after):
                return after
        raise Transient(f"the record of {self.rollout_id} keeps changing")

    def _saved(self, run: Run) -> Run:
        self._ledger.save(run)
        return self._ledger.run(self.rollout_id) or run


def require_running(run: Run | None) -> Run:
    """Return the record if the rollout may act.

    Raises:
        RollbackRequested: it is being rolled back, has ended, or was never heard of.

    """
    if run is None or run.status != RUNNING or run.body.get("phase") in ROLLBACK_PHASES:
        found = "unknown" if run is None else f"{run.status}, {run.body.get('phase')}"
        raise RollbackRequested(f"the rollout may not act any more: it is {found}")
    return run


def is_open(run: Run | None) -> bool:
    """Tell whether a rollout runs and is not being rolled back."""
    return run is not None and run.status == RUNNING and run.body.get("phase") not in ROLLBACK_PHASES


def body_of(run: Run | None) -> Mapping[str, Any]:
    """Return the record's document, empty without one."""
    return {} if run is None else run.body
