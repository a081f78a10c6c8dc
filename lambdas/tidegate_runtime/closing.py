"""A rollout comes to a gate: since when, and how long, goes on record once."""

from dataclasses import replace

from tidegate_runtime.journal import Journal, require_running
from tidegate_runtime.orders import GateRecord, Orders
from tidegate_runtime.plan_gates import StepGate
from tidegate_runtime.ports import Run
from tidegate_runtime.state import RunState


def close_gate(journal: Journal, state: RunState, gate: StepGate) -> bool:
    """Put the gate behind the state's step on record, unless it is there; return True.

    Raises:
        RollbackRequested: the rollout is being rolled back, or has ended.
        Transient: the ledger does not answer.

    """
    now = journal.now()
    fresh = GateRecord(
        step=state.step, since=now, until=now + gate.max_wait_seconds, function=gate.function_arn
    )
    new: list[bool] = []

    def change(run: Run | None) -> Run:
        known = require_running(run)
        orders = Orders.of(known.body)
        new[:] = [orders.gate_at(state.step) is None]
        if not new[0]:
            return known
        return replace(known, body={**known.body, **replace(orders, gate=fresh).to_body()})

    journal.change(change)
    if new[0]:
        journal.record("GATE_CLOSED", step=state.step, until=fresh.until, function=fresh.function)
    return True
