"""A service that notes what its functions should not have done."""

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.world import Crash
from tidegate_runtime.errors import Fault
from tidegate_runtime.orders import APPROVED, Orders
from tidegate_runtime.ports import CANDIDATE, LIVE, Lease, Run
from tidegate_runtime.state import ENDED

CHANGING: Final = ("prepare", "shift", "promote")
"""Functions that change the endpoint for a rollout."""

FORWARD: Final = ("sagemaker.set_weights", "ssm.write", "cloudformation.update")
"""Calls by which a rollout gets on."""


class Noticing(Service):
    """Looks at each call of a function, and at its answer, and notes every broken promise."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.passed: set[str] = set()
        self.shadowed: set[str] = set()
        self.sampled: set[str] = set()
        self.broken_promises: list[str] = []
        self.meddled = self.runs_twice = False
        self.held_back = ""
        self.past: deque[tuple[float, str, dict[str, Any]]] = deque(maxlen=21)
        self.world.admit = self._noticed

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
            self._looked_at(function, raw, answer, before=before, held=held)
        except (Fault, Crash):
            raise
        except Exception as error:
            # Also of what looks: the machines would take it for one more failure of the function.
            self.broken_promises.append(f"{function} fails without a name: {type(error).__name__}: {error}")
            raise
        finally:
            self.held_back = outer
        return answer

    def _looked_at(
        self,
        function: str,
        raw: Mapping[str, Any],
        answer: dict[str, Any],
        *,
        before: Run | None,
        held: Lease | None,
    ) -> None:
        if function in CHANGING and (held is None or held.rollout_id != raw["rollout_id"]):
            self.broken_promises.append(f"I5: {function} of {raw['rollout_id']} acts while {held} is held")
        if function == "judge" and answer["status"] in ("PASS", "NEXT_STEP", "SHADOWED", "REWEIGH"):
            self._judged(answer)
            if answer["status"] != "SHADOWED":
                self._let_through(answer, before)
        if function == "try_samples" and answer["status"] == "DONE":
            self.sampled.add(answer["model_package_arn"])
        # A gate answers nothing but its decision.
        if answer.get("status") == "DIRECT":
            self._direct(answer)
        if function == "end" and (before is None or before.status not in ENDED):
            self._reported(answer["rollout_id"], answer["outcome"])

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
