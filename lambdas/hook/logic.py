"""Calls a user's function, and goes by its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tidegate_runtime.errors import FunctionFailed
from tidegate_runtime.gate_ports import Functions
from tidegate_runtime.hooks import BEFORE, Hook, pending_hook, told_to_functions
from tidegate_runtime.journal import Journal
from tidegate_runtime.plan import Plan
from tidegate_runtime.plan_gates import HOOK_SECONDS
from tidegate_runtime.ports import Clock
from tidegate_runtime.state import BEFORE_TRAFFIC, RunState

_SHORTEST_WAIT: Final = 60
_LONGEST_WAIT: Final = 900
_USUAL_WAIT: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Calls the hook that stands between the rollout and its next share.

    A function is called at least once: again when it asks for it, when its answer was lost, and when the
    rollout comes to the same place again.
    """

    plan: Plan
    endpoint_name: str
    functions: Functions
    clock: Clock
    journal: Journal

    def __call__(self, state: RunState) -> RunState:
        """Call one hook.

        Returns:
            Before the first traffic: WAIT, or SHIFT when there is nothing left to call. Later: CONTINUE to
            ask again, with the judge looking in between, or DONE for one more look of the judge. FAIL when
            the function failed, said so, or asked to be called again for too long.

        Raises:
            RollbackRequested: the rollout may not act any more.
            Transient: the function could not be called for the moment.

        """
        self.journal.require_holding()
        hook = pending_hook(self.plan, state)
        if hook is None:
            return state.done(_following(state))
        try:
            answer = self.functions.ask(hook.function, self._document(state, hook))
        except FunctionFailed as error:
            return self._failed(state, hook, str(error))
        return self._answered(state, hook, answer)

    def _document(self, state: RunState, hook: Hook) -> Mapping[str, Any]:
        return told_to_functions(
            self.plan,
            state,
            endpoint=self.endpoint_name,
            when=hook.when,
            step=hook.step,
            proof="" if hook.when == BEFORE and hook.step == 0 else state.reason,
        )

    def _answered(self, state: RunState, hook: Hook, answer: Any) -> RunState:
        said: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
        reason = str(said.get("reason") or "no reason given")[:1_000]
        now = self.clock.now()
        since = state.hook_since or now
        if said.get("status") == "DONE":
            self.journal.record("HOOK_DONE", when=hook.when, step=hook.step, seconds=now - since)
            done = replace(
                state,
                hooks_done=(*state.hooks_done, hook.name),
                hook_since=0.0,
                hook_seconds=state.hook_seconds + now - since,
            )
            return done.done(_following(state))
        if said.get("status") == "FAIL":
            return self._failed(state, hook, reason)
        if said.get("status") != "WAIT":
            return self._failed(state, hook, f"must answer a status of DONE, WAIT or FAIL, got {answer!r}")
        if now - since >= HOOK_SECONDS:
            return self._failed(state, hook, f"is not done after {HOOK_SECONDS} s: {reason}")
        return _waiting(replace(state, hook_since=since), said)

    def _failed(self, state: RunState, hook: Hook, message: str) -> RunState:
        reason = f"the hook {hook.when} step {hook.step + 1} failed: {message}"
        self.journal.record("HOOK_FAILED", when=hook.when, step=hook.step, reason=reason)
        return replace(state, reason=reason).done("FAIL")


def _following(state: RunState) -> str:
    return "SHIFT" if state.phase in BEFORE_TRAFFIC else "DONE"


def _waiting(state: RunState, said: Mapping[str, Any]) -> RunState:
    wanted = said.get("wait_seconds", _USUAL_WAIT)
    seconds = wanted if isinstance(wanted, int | float) else _USUAL_WAIT
    waits = state.wait(int(min(max(_SHORTEST_WAIT, seconds), _LONGEST_WAIT)))
    return waits if state.phase in BEFORE_TRAFFIC else waits.done("CONTINUE")
