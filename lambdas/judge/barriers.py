"""What a PASS has to wait for: the hook after the step, its gate, the hook before the next share."""

from typing import Final

from judge.holds import Answer
from tidegate_runtime.hooks import after_step, before_step
from tidegate_runtime.orders import APPROVED, REJECTED, Orders
from tidegate_runtime.plan import Plan
from tidegate_runtime.plan_gates import StepGate
from tidegate_runtime.state import RunState

GATED: Final = "GATED"
HOOK: Final = "HOOK"
GATE_REJECTED: Final = "GATE_REJECTED"
GATE_TIMED_OUT: Final = "GATE_TIMED_OUT"


def barrier(plan: Plan, state: RunState, orders: Orders, *, now: float) -> Answer | str:
    """Return `HOOK` or `GATED` while a step that has passed waits, an answer when its gate ends it, or "".

    Args:
        plan: The plan.
        state: The rollout, in a step that has passed.
        orders: What the record says.
        now: Seconds since 1970.

    """
    if after_step(plan, state):
        return HOOK
    gate = plan.steps[state.step].gate
    found = "" if gate is None else _at_the_gate(gate, state, orders, now)
    if found:
        return found
    return HOOK if before_step(plan, state, state.step + 1) else ""


def _at_the_gate(gate: StepGate, state: RunState, orders: Orders, now: float) -> Answer | str:
    known, where = orders.gate_at(state.step), f"the gate after step {state.step + 1}"
    if known is None:
        return GATED
    if known.decision == APPROVED:
        return ""
    if known.decision == REJECTED:
        return Answer(verdict=GATE_REJECTED, reason=f"{known.by} rejected at {where}: {known.reason}")
    if now >= orders.deadline(known, now):
        reason = f"nobody opened {where} in {gate.max_wait_seconds} s"
        return Answer(verdict=GATE_TIMED_OUT, reason=reason)
    return GATED
