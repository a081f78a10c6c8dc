"""A service to which anything happens."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from tests.lambdas.fakes.noticing import Noticing
from tests.lambdas.fakes.parts import BACK, OUT
from tests.lambdas.fakes.plans import plan_with
from tests.lambdas.fakes.restless import DEAD
from tests.lambdas.fakes.running import Running
from tests.lambdas.fakes.world import Crash, package
from tidegate_runtime.errors import Fault
from tidegate_runtime.plan import GUARDRAILS
from tidegate_runtime.ports import Execution
from tidegate_runtime.state import ENDED

ENDS: Final = (*ENDED, "NEEDS_HUMAN")
ACTING: Final = ("PREPARING", "SHADOWING", "PREPARED", "SAMPLING", "STEPPING", "PROMOTING", "WATCHING")
BESIDE: Final = ("dynamodb", "events", "scaling", "states", "cloudwatch")
"""Services that no rollback may wait for."""

LONGEST_HANDLER_SECONDS: Final = 60


class Chaos(Noticing):
    """A service with versions 2 to 4 to roll out, some of them bad, to which anything happens."""

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
        self.shadow_from_the_start = self.plan.shadow is not None
        self.waived: set[str] = set()
        self.samples_from_the_start = bool(self.samples)
        self.ended: dict[str, str] = {}
        self.approvals = 0
        self.broken_off: dict[tuple[str, str], Running] = {}
        return self

    # --- executions -----------------------------------------------------------------------------------------
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
        for served in {package(1), *(self._baselines() if self.plan.backend == GUARDRAILS else ())}:
            self.metrics.rates.pop(served, None)
            self.bad.discard(served)
        self.metrics.incomplete = self.registry.lost_artifacts = False
        self.metrics.requests_per_second = 100.0

    def _baselines(self) -> set[str]:
        """Return what the rollouts began from: without traffic, also a bad version gets as far as that."""
        bodies = [run.body for run in self.ledger.runs.values()]
        return {body["baseline"]["package_arn"] for body in bodies if body.get("baseline")}

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
