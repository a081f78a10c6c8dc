"""A closed gate: keeps the token, tells people once, asks the function that decides."""

from dataclasses import dataclass, replace
from typing import Any, Final

from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.gate_notice import gate_notice
from tidegate_runtime.gate_ports import Functions, Tasks
from tidegate_runtime.hooks import told_to_functions
from tidegate_runtime.journal import Journal, require_running
from tidegate_runtime.notice_ports import Topic
from tidegate_runtime.orders import APPROVED, REJECTED, GateRecord, Orders
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import Run
from tidegate_runtime.state import RunState

GATE: Final = "gate"
_ANSWERS: Final = (APPROVED, REJECTED, "WAIT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One look at a closed gate.

    Nothing here is essential. The decision is on record, and the task that waits is over after a while in any
    case: then the judge looks at the evidence again, and at the record.

    Attributes:
        plan: The plan.
        endpoint_name: Name of the endpoint.
        journal: The rollout's record.
        tasks: Ends the wait.
        functions: Asks the function that decides.
        topic: Where people read; None when nobody asked for it.

    """

    plan: Plan
    endpoint_name: str
    journal: Journal
    tasks: Tasks
    functions: Functions
    topic: Topic | None

    def __call__(self, state: RunState, *, token: str) -> str:
        """Return the decision, empty while there is none."""
        run = best_effort("keep the token", lambda: self._changed(state, token=token), otherwise=None)
        gate = Orders.of(run.body).gate_at(state.step) if run else None
        if run is None or gate is None:
            return ""
        if not gate.decision and not gate.told:
            self._tell(run, gate, state)
        decision, function = gate.decision, gate.function
        if not decision and function:
            decision = best_effort(
                "ask the gate's function", lambda: self._asked(state, function), otherwise=""
            )
        if decision:
            best_effort("end the wait", lambda: self.tasks.answer(token), otherwise=False)
        return decision

    def _tell(self, run: Run, gate: GateRecord, state: RunState) -> None:
        told = best_effort("tell people", lambda: self._published(run, gate, state), otherwise=False)
        if told:
            best_effort("record the notice", lambda: self._changed(state, told=True), otherwise=None)

    def _published(self, run: Run, gate: GateRecord, state: RunState) -> bool:
        if self.topic is not None:
            notice = gate_notice(
                run, gate, endpoint_name=self.endpoint_name, proof=state.reason, now=self.journal.now()
            )
            self.topic.publish(subject=notice.subject, text=notice.text)
        return True

    def _asked(self, state: RunState, function: str) -> str:
        """Ask the function; return the decision on record, empty when it has none yet."""
        document = told_to_functions(
            self.plan, state, endpoint=self.endpoint_name, when=GATE, step=state.step, proof=state.reason
        )
        answer = self.functions.ask(function, document)
        status = answer.get("status") if isinstance(answer, dict) else None
        if status not in _ANSWERS:
            raise ValueError(f"a gate's function must answer a status of {_ANSWERS}, got {answer!r}")
        if status == "WAIT":
            return ""
        reason = str(answer.get("reason") or "no reason given")[:1_000]
        now = self.journal.now()
        run = self._changed(state, decision=status, by=function, reason=reason, decided_at=now)
        known = Orders.of(run.body).gate_at(state.step)
        if known is not None and (known.by, known.decided_at) == (function, now):
            kind = "GATE_OPENED" if status == APPROVED else "GATE_REJECTED"
            self.journal.record(kind, step=state.step, by=function, reason=reason)
        return known.decision if known else ""

    def _changed(self, state: RunState, **fields: Any) -> Run:
        """Store fields of the gate, unless it has been decided about."""

        def change(run: Run | None) -> Run:
            known = require_running(run)
            orders = Orders.of(known.body)
            gate = orders.gate_at(state.step)
            if gate is None or gate.decision:
                return known
            return replace(
                known, body={**known.body, **replace(orders, gate=replace(gate, **fields)).to_body()}
            )

        return self.journal.change(change)
