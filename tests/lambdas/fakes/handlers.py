"""The handlers' logic, put together with the fakes as the entry points do with the adapters."""

from typing import Any

from check.logic import Check
from end.logic import End, Ending
from first_version.logic import first_version
from gate.logic import Gate
from hook.logic import Hooks
from judge.logic import Judge
from operate.logic import Operate
from operate.request import Answer, Request
from prepare.logic import Prepare
from promote.logic import Promote
from roll_back.intent import Intent
from roll_back.logic import RollBack
from roll_back.preflight import Preflight, is_preflight
from roll_back.restore import Restore
from shift.logic import Shift
from tests.lambdas.fakes.parts import OUT, Parts
from tests.lambdas.fakes.world import GROUP
from tidegate_runtime.journal import Journal
from tidegate_runtime.plan import GUARDRAILS
from tidegate_runtime.rollback_state import RollbackState
from tidegate_runtime.state import RunState
from try_samples.logic import TrySamples


class Handlers(Parts):
    """What the state machines call."""

    def call(self, function: str, raw: dict[str, Any]) -> dict[str, Any]:
        interrupted, self.world.faults.acting = self.world.faults.acting, function
        try:
            return self._answer(function, raw)
        finally:
            self.world.faults.acting = interrupted

    def _answer(self, function: str, raw: dict[str, Any]) -> dict[str, Any]:
        if function == "end":
            return {**raw, "status": "DONE", "outcome": self._end(Ending.from_event(raw))}
        if function == "roll_back" and is_preflight(raw):
            state = RunState.from_dict(raw)
            journal = Journal(ledger=self.ledger, clock=self.world, rollout_id=state.rollout_id)
            return Preflight(authority=self.authority, journal=journal)(state).to_dict()
        if function == "roll_back":
            return self._roll_back(RollbackState.from_dict(raw)).to_dict()
        if function == "gate":
            return {"decision": self._gate(RunState.from_dict(raw["state"]), token=raw["token"])}
        return self._forward(function, RunState.from_dict(raw)).to_dict()

    def _forward(self, function: str, state: RunState) -> RunState:
        journal = Journal(ledger=self.ledger, clock=self.world, rollout_id=state.rollout_id)
        common: dict[str, Any] = {"plan": self.plan, "endpoint": self.endpoint, "clock": self.world}
        if function == "first_version":
            return first_version(
                state, pointer=self.pointer, registry=self.registry, journal=journal, group=GROUP
            )
        if function == "check":
            return self._check(state)
        if function == "prepare":
            return Prepare(
                **common,
                endpoint_name="digits",
                role_arn="arn:aws:iam::000000000000:role/execution",
                registry=self.registry,
                scaling=self.scaling,
                journal=journal,
            )(state)
        if function == "try_samples":
            return TrySamples(
                samples=self.samples,
                endpoint=self.endpoint,
                invoker=self.invoker,
                clock=self.world,
                journal=journal,
            )(state)
        if function == "hook":
            return Hooks(
                plan=self.plan,
                endpoint_name="digits-rehearsal",
                functions=self.functions,
                clock=self.world,
                journal=journal,
            )(state)
        if function == "shift":
            return Shift(**common, journal=journal)(state)
        if function == "promote":
            return Promote(**common, stack=self.stack, pointer=self.pointer, journal=journal)(state)
        return Judge(**common, metrics=self.metrics, alarms=self.alarms, journal=journal)(state)

    def _check(self, state: RunState) -> RunState:
        return Check(
            plan=self.plan,
            group=GROUP,
            endpoint=self.endpoint,
            registry=self.registry,
            stack=self.stack,
            pointer=self.pointer,
            scaling=self.scaling,
            alarms=self.alarms,
            ledger=self.ledger,
            clock=self.world,
            journal=lambda rollout_id: Journal(ledger=self.ledger, clock=self.world, rollout_id=rollout_id),
        )(state)

    def _roll_back(self, rollback: RollbackState) -> RollbackState:
        journal = Journal(ledger=self.ledger, clock=self.world, rollout_id=rollback.rollout_id)
        intent = Intent(
            plan=self.plan,
            rollout_machine=OUT,
            ledger=self.ledger,
            executions=self.executions,
            clock=self.world,
            journal=journal,
        )
        restore = Restore(
            endpoint=self.endpoint,
            stack=self.stack,
            pointer=self.pointer,
            clock=self.world,
            journal=journal,
            guarded=self.plan.backend == GUARDRAILS,
        )
        return RollBack(
            plan=self.plan,
            endpoint=self.endpoint,
            scaling=self.scaling,
            clock=self.world,
            journal=journal,
            intent=intent,
            restore=restore,
        )(rollback)

    def _gate(self, state: RunState, *, token: str) -> str:
        return Gate(
            plan=self.plan,
            endpoint_name="digits-rehearsal",
            journal=Journal(ledger=self.ledger, clock=self.world, rollout_id=state.rollout_id),
            tasks=self.tasks,
            functions=self.functions,
            topic=self.topic,
        )(state, token=token)

    def operate(self, verb: str, **fields: Any) -> Answer:
        """Ask for something as the operator ada."""
        request = {"verb": verb, "by": "ada", "reason": "it has to be", **fields}
        operate = Operate(plan=self.plan, ledger=self.ledger, tasks=self.tasks, clock=self.world)
        return operate(Request.from_event(request))

    def _end(self, ending: Ending) -> str:
        journal = Journal(ledger=self.ledger, clock=self.world, rollout_id=ending.rollout_id)
        return End(
            scaling=self.scaling,
            ledger=self.ledger,
            journal=journal,
            announcer=self.announcer,
            queue=self.queue,
        )(ending)
