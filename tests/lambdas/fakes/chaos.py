"""A service to which anything happens, and which notes what it should not have done."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.parts import BACK, OUT
from tests.lambdas.fakes.plans import plan_with
from tests.lambdas.fakes.restless import DEAD
from tests.lambdas.fakes.running import Running
from tests.lambdas.fakes.world import Crash, package
from tidegate_runtime.errors import Fault
from tidegate_runtime.journal import ENDED
from tidegate_runtime.orders import APPROVED, Orders
from tidegate_runtime.plan import GUARDRAILS
from tidegate_runtime.ports import CANDIDATE, LIVE, Execution, Run

ENDS: Final = (*ENDED, "NEEDS_HUMAN")
ACTING: Final = ("PREPARING", "SHADOWING", "PREPARED", "SAMPLING", "STEPPING", "PROMOTING", "WATCHING")
BESIDE: Final = ("dynamodb", "events", "scaling", "states", "cloudwatch")
"""Services that no rollback may wait for."""

CHANGING: Final = ("prepare", "shift", "promote")
"""Functions that change the endpoint for a rollout."""

FORWARD: Final = ("sagemaker.set_weights", "ssm.write", "cloudformation.update")
"""Calls by which a rollout gets on."""

LONGEST_HANDLER_SECONDS: Final = 60


class Chaos(Service):
    """A service with versions 2 to 4 to roll out, some of them bad, that notes every broken promise."""

    def begin(self, *, bad: Iterable[int], broken: Iterable[int], features: Iterable[str]) -> "Chaos":
        """Deploy version 1; `bad` versions answer with errors, `broken` ones do not start.

        The plan is the short one with `features`.
        """
        self.deployed()
        self.world.faults.recording = False
        self.metrics.rates = {package(version): 0.05 for version in bad}
        self.endpoint.broken = {package(version) for version in broken}
        self.plan = plan_with(features)
        if self.plan.backend == GUARDRAILS:
            self.guarded()
        self.bad = {package(version) for version in {*bad, *broken}}
        self.passed: set[str] = set()
        self.shadowed: set[str] = set()
        self.shadow_from_the_start = self.plan.shadow is not None
        self.waived: set[str] = set()
        self.held_back = ""
        self.world.admit = self._noticed
        self.sampled: set[str] = set()
        self.samples_from_the_start = bool(self.samples)
        self.ended: dict[str, str] = {}
        self.broken_promises: list[str] = []
        self.meddled = self.runs_twice = False
        self.approvals = 0
        self.past: deque[tuple[float, str, dict[str, Any]]] = deque(maxlen=21)
        self.broken_off: dict[tuple[str, str], Running] = {}
        return self

    # --- what is looked at while the machines run -----------------------------------------------------------
    def call(self, function: str, raw: dict[str, Any]) -> dict[str, Any]:
        """Run a handler, twice if so ordered, and look at its answer."""
        failing = self.world.faults.before.get(f"lambda.{function}")
        if failing:
            raise failing.pop(0)
        self.past.append((self.world.time, function, raw))
        if self.runs_twice:
            self.runs_twice = False
            self._called(function, raw)
        return self._called(function, raw)

    def _called(self, function: str, raw: dict[str, Any]) -> dict[str, Any]:
        rollout_id = raw["rollout_id"] if "rollout_id" in raw else raw["state"]["rollout_id"]
        before, held = self.ledger.runs.get(rollout_id), self.ledger.held
        outer = self.held_back
        self.held_back = function if function in CHANGING and self._is_held(before) else ""
        try:
            answer = super().call(function, raw)
        except (Fault, Crash):
            raise
        except Exception as error:
            self.broken_promises.append(f"{function} fails without a name: {type(error).__name__}: {error}")
            raise
        finally:
            self.held_back = outer
        if function in CHANGING and (held is None or held.rollout_id != raw["rollout_id"]):
            self.broken_promises.append(f"I5: {function} of {raw['rollout_id']} acts while {held} is held")
        if function == "judge" and answer["status"] in ("PASS", "NEXT_STEP", "SHADOWED", "REWEIGH"):
            self._judged(answer)
            if answer["status"] != "SHADOWED":
                self._let_through(answer, before)
        if function == "try_samples" and answer["status"] == "DONE":
            self.sampled.add(answer["model_package_arn"])
        if answer["status"] == "DIRECT":
            self._direct(answer)
        if function == "end" and (before is None or before.status not in ENDED):
            self._reported(answer["rollout_id"], answer["outcome"])
        return answer

    def _judged(self, answer: dict[str, Any]) -> None:
        """I2: what was judged is younger than the traffic it was judged under."""
        held = self.ledger.held
        if held is None or held.rollout_id != answer["rollout_id"]:
            # A rollout that was started again after its end may judge, and nothing comes of it.
            return
        if answer["since"] < self.endpoint.reached_at and not self.meddled:
            self.broken_promises.append(f"I2: judged from {answer['since']} on {self.endpoint.reached_at}")
        passed = self.shadowed if answer["status"] == "SHADOWED" else self.passed
        passed.add(answer["model_package_arn"])

    def _is_held(self, run: Run | None) -> bool:
        return run is not None and Orders.of(run.body).hold(self.world.now()) is not None

    def _noticed(self, call: str) -> None:
        """I2: nothing moves forward while an operator holds the rollout."""
        if self.held_back in ("shift", "promote") and call in FORWARD:
            self.broken_promises.append(f"I2: {self.held_back} calls {call} while it is held")

    def _let_through(self, answer: dict[str, Any], run: Run | None) -> None:
        """I2: what leaves a step with a gate has an approval, and nobody holds it."""
        step = answer["passed_step"]
        if answer["phase"] == "WATCHING" or run is None:
            return
        gate = Orders.of(run.body).gate_at(step)
        # A bandit that moves within the first step has left none.
        if step >= 0 and self.plan.steps[step].gate and (gate is None or gate.decision != APPROVED):
            self.broken_promises.append(f"I2: {run.rollout_id} leaves step {step} through {gate}")
        if self._is_held(run):
            self.broken_promises.append(f"I2: {run.rollout_id} leaves step {step} while it is held")

    def _direct(self, answer: Mapping[str, Any]) -> None:
        """I2: without a candidate and without guardrails, only what was promoted before goes live."""
        runs = self.ledger.runs.values()
        promoted = {run.body["package_arn"] for run in runs if run.status == "PROMOTED"}
        if not self.stack.bakes_seconds and answer["model_package_arn"] not in promoted:
            self.broken_promises.append(f"I2: {answer['rollout_id']} has no candidate, and was not judged")

    def _reported(self, rollout_id: str, outcome: str) -> None:
        """I3: what is reported is what the endpoint says."""
        run, view = self.ledger.runs.get(rollout_id), self.endpoint.view()
        # What has no baseline on record has touched nothing.
        if run is None or run.status != outcome or not run.body.get("baseline"):
            return
        serves = self.endpoint.served_by(LIVE)
        wanted = run.body["package_arn"] if outcome == "PROMOTED" else self._baseline(run.body)
        if outcome in ("PROMOTED", "ROLLED_BACK") and serves != wanted:
            self.broken_promises.append(f"I3: {rollout_id} is {outcome}, but live serves {serves}")
        held = self.ledger.held
        alone = held is None or held.rollout_id == rollout_id
        if outcome == "ROLLED_BACK" and alone and view.variant(CANDIDATE) is not None:
            self.broken_promises.append(f"I3: {rollout_id} is {outcome}, and the candidate is there")

    def _baseline(self, body: Mapping[str, Any]) -> str:
        return str((body.get("baseline") or {}).get("package_arn") or self.endpoint.served_by(LIVE))

    def closed(self, running: Running, status: str) -> None:
        """Keep what can be redriven."""
        if status != "SUCCEEDED":
            failed = running.definition.states[running.at].kind == "Fail"
            at, state = running.asked if failed else (running.at, running.state)
            self.broken_off[running.machine, running.name] = replace(running, at=at, state=state)
        super().closed(running, status)

    def nested(self) -> list[tuple[object, str]]:
        """Return what each of two functions that alternate has for itself: objects and attributes."""
        return [(self.world.faults, "acting"), (self.world, "situation"), (self, "held_back")]

    # --- what happens ---------------------------------------------------------------------------------------
    def pass_time(self, seconds: float) -> None:
        """Let time pass, whether or not anything runs."""
        end = self.world.time + seconds
        self.run(seconds=seconds)
        self.world.time = max(self.world.time, end)

    def replay(self, index: int) -> None:
        """Run a handler once more with the state it had up to a minute ago; nobody waits for its answer."""
        young = [one for one in self.past if self.world.time - one[0] <= LONGEST_HANDLER_SECONDS]
        if not young:
            return
        _, function, raw = young[-1 - index % len(young)]
        try:
            self._called(function, raw)
        except (Fault, Crash):
            return

    def redrive(self) -> None:
        """Start broken executions of the rollout again at the state they failed in."""
        now = self.world.time
        for key, running in self.broken_off.items():
            if key[0] == OUT and self.executions.views[key].status in ("FAILED", "ABORTED", "TIMED_OUT"):
                self.executions.views[key] = Execution(status="RUNNING")
                again = replace(running, started_at=now, wake_at=now)
                self.running[key] = replace(again, tries=Counter(), token="", answer=None)

    def roll_back_as_operator(self, rollout_id: str) -> None:
        """Start a rollback under the first name that is free."""
        number = 1
        while (BACK, _name(rollout_id, number)) in self.executions.inputs:
            if self.executions.views[BACK, _name(rollout_id, number)].status == "RUNNING":
                return
            number += 1
        document = {"rollout_id": rollout_id, "source": "operator", "reason": "asked to"}
        self.executions.begin(BACK, name=_name(rollout_id, number), document=document)

    def promote_as_operator(self, *, every: bool) -> None:
        """Open the gate, or waive the evidence, of what is in flight."""
        answer = self.operate("promote", every=every)
        if answer.status == "DONE":
            self.waived.add(self.ledger.runs[answer.rollout_id].body["package_arn"])

    def calm(self) -> None:
        """End all faults; what they have done stays."""
        faults, endpoint = self.world.faults, self.endpoint
        faults.before.clear()
        faults.after.clear()
        faults.outages.clear()
        faults.down.clear()
        faults.denied_to_roll_back.clear()
        self.alarms.lit, self.alarms.lost = set(), set()
        faults.crash_at = faults.interrupt_at = self.stack.fails = endpoint.rollbacks_fail = 0
        self.invoker.warm_at = 0.0
        endpoint.lag_seconds = endpoint.late_by = self.metrics.delay_seconds = 0
        self.events_are_lost = self.runs_twice = False
        # SageMaker's guardrails let nobody go back to a version that sets off their alarms.
        self.metrics.rates.pop(package(1), None)
        self.metrics.incomplete = self.registry.lost_artifacts = False
        self.metrics.requests_per_second = 100.0

    def settle(self) -> None:
        """Let everything end that can: sixteen hours with the schedule of the watchdog."""
        for _ in range(20):
            self.run(seconds=3_000)
            self.world.time += 300
            self.tick()
            self.stack.describe()

    @property
    def dead(self) -> bool:
        """Whether the endpoint does not recover by itself."""
        return self.endpoint.view().status in DEAD


def _name(rollout_id: str, number: int) -> str:
    return f"rb-{rollout_id}" if number == 1 else f"rb-{rollout_id}-{number}"
