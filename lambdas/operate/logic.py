"""Puts an operator's order on record, where every function of the rollout looks before it goes on."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from operate.phases import why_no_evidence, why_not_held, why_not_open
from operate.request import LONGEST_HOLD_SECONDS, Answer, Request
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.clock import utc
from tidegate_runtime.gate_ports import Tasks
from tidegate_runtime.journal import Journal
from tidegate_runtime.orders import APPROVED, GateRecord, Hold, Orders, Waiver
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import Clock, Lease, Ledger, Run

_MOST_HOLDS = 5


class Refused(Exception):
    """An order that makes no sense now; the text says why, and what does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operate:
    """Answers operators.

    Every order is one swap of the rollout's record, made on what the record says at that moment: a rollback
    that gets there first wins, and so does a promotion that has begun.
    """

    plan: Plan
    ledger: Ledger
    tasks: Tasks
    clock: Clock

    def __call__(self, request: Request) -> Answer:
        """Do what is asked, or say why it makes no sense.

        Raises:
            Transient: the ledger does not answer, or others kept changing the record.

        """
        run = self._which(request)
        if run is None:
            named = request.rollout_id
            message = f"there is no rollout {named}" if named else "no rollout is in flight"
            return Answer(status="REFUSED", message=message)
        do = {"hold": self._hold, "resume": self._resume, "promote": self._promote}[request.verb]
        try:
            said = do(request, self._journal(run))
        except Refused as refusal:
            return Answer(status="REFUSED", message=str(refusal), rollout_id=run.rollout_id)
        return Answer(status="DONE", message=said, rollout_id=run.rollout_id)

    def _which(self, request: Request) -> Run | None:
        """Return the rollout that is meant: the one that holds the endpoint, if none is named."""
        if request.rollout_id:
            return self.ledger.run(request.rollout_id)
        runs, lease = self.ledger.open_runs(), self.ledger.lease()
        holding = [run for run in runs if lease is not None and run.rollout_id == lease.rollout_id]
        return next(iter([*holding, *runs]), None)

    def _hold(self, request: Request, journal: Journal) -> str:
        now = self.clock.now()
        hold = Hold(by=request.by, reason=request.reason, since=now, until=now + request.seconds)
        self._ordered(journal, lambda run: _held(run, hold), check_only=True)
        self._keep_the_lease(journal.rollout_id, hold)
        run = self._ordered(journal, lambda run: _held(run, hold))
        journal.record("HELD", by=hold.by, reason=hold.reason, until=hold.until, phase=run.body.get("phase"))
        asked = run.body.get("raising")
        under_way = (
            f"; the change to step {asked + 1} was asked for before, and goes through"
            if asked is not None
            else ""
        )
        return f"held until {utc(hold.until)}{under_way}"

    def _keep_the_lease(self, rollout_id: str, hold: Hold) -> None:
        """Move the time at which the rollout counts as stuck, before the record says that it is held."""
        lease = self.ledger.lease()
        if lease is None or lease.rollout_id != rollout_id:
            raise Refused(f"{rollout_id} does not hold the endpoint")
        expires = max(lease.expires_at, int(hold.until) + self.plan.longest_seconds)
        if not self.ledger.acquire(Lease(rollout_id=rollout_id, expires_at=expires), replacing=None):
            raise Refused(f"{rollout_id} does not hold the endpoint any more")

    def _resume(self, request: Request, journal: Journal) -> str:
        now = self.clock.now()
        self._ordered(journal, lambda run: _resumed(run, now))
        journal.record("RESUMED", by=request.by, reason=request.reason)
        return "goes on, once the evidence of now says so"

    def _promote(self, request: Request, journal: Journal) -> str:
        now = self.clock.now()
        run = self._ordered(journal, lambda run: _promoted(run, request, now))
        orders, step = Orders.of(run.body), int(run.body["step"])
        gate = orders.gate_at(step)
        if gate is None or gate.decision != APPROVED:
            every = " and of all later steps" if request.every else ""
            journal.record("WAIVED", step=step, every=request.every, by=request.by, reason=request.reason)
            return f"the rest of the evidence of step {step + 1}{every} is waived; a FAIL still rolls back"
        journal.record("GATE_OPENED", step=step, by=gate.by, reason=gate.reason)
        if gate.token:
            best_effort("end the wait", lambda: self.tasks.answer(gate.token), otherwise=False)
        held = orders.hold(now)
        then = f"but the rollout is held until {utc(held.until)}" if held else "the judge looks once more"
        return f"the gate after step {step + 1} is open; {then}"

    def _ordered(self, journal: Journal, order: Callable[[Run], Run], *, check_only: bool = False) -> Run:
        def change(run: Run | None) -> Run:
            why = why_not_open(run)
            if run is None or why:
                raise Refused(why)
            changed = order(run)
            return run if check_only else changed

        return journal.change(change)

    def _journal(self, run: Run) -> Journal:
        return Journal(ledger=self.ledger, clock=self.clock, rollout_id=run.rollout_id)


def _held(run: Run, hold: Hold) -> Run:
    why, orders = why_not_held(run), Orders.of(run.body)
    if why:
        raise Refused(why)
    before = _until(orders.holds, hold.since)
    spent = sum(one.until - one.since for one in before)
    if len(before) >= _MOST_HOLDS or spent + hold.until - hold.since > LONGEST_HOLD_SECONDS:
        raise Refused(
            f"{run.rollout_id} was held {len(before)} times for {spent / 3600:.1f} h: at most "
            f"{_MOST_HOLDS} holds of {LONGEST_HOLD_SECONDS // 3600} h together; abort it, or let it go on"
        )
    return _with(run, replace(orders, holds=(*before, hold)))


def _resumed(run: Run, now: float) -> Run:
    orders = Orders.of(run.body)
    if orders.hold(now) is None:
        raise Refused(f"{run.rollout_id} is not held")
    return _with(run, replace(orders, holds=_until(orders.holds, now)))


def _promoted(run: Run, request: Request, now: float) -> Run:
    why, orders = why_no_evidence(run), Orders.of(run.body)
    if why:
        raise Refused(why)
    step = int(run.body["step"])
    gate = orders.gate_at(step)
    if gate is not None and gate.decision != APPROVED:
        return _with(run, replace(orders, gate=_opened(run, gate, request, now)))
    if gate is not None:
        raise Refused(f"the gate after step {step + 1} was opened by {gate.by}; the judge looks once more")
    waiver = Waiver(step=step, every=request.every, by=request.by, reason=request.reason, at=now)
    return _with(run, replace(orders, waiver=waiver))


def _opened(run: Run, gate: GateRecord, request: Request, now: float) -> GateRecord:
    if gate.decision:
        raise Refused(f"{run.rollout_id} was rejected at its gate by {gate.by}: it is rolled back")
    return replace(gate, decision=APPROVED, by=request.by, reason=request.reason, decided_at=now)


def _until(holds: tuple[Hold, ...], now: float) -> tuple[Hold, ...]:
    """Return the holds, none of them longer than until now."""
    return tuple(replace(hold, until=min(hold.until, now)) for hold in holds)


def _with(run: Run, orders: Orders) -> Run:
    return replace(run, body={**run.body, **orders.to_body()})
