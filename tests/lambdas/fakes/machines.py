"""A tiny interpreter of the two state machines, and the service around them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from check.logic import Check
from end.logic import End, Ending
from first_version.logic import first_version
from judge.logic import Judge
from prepare.logic import Prepare
from promote.logic import Promote
from roll_back.intent import Intent
from roll_back.logic import RollBack
from roll_back.restore import Restore
from shift.logic import Shift
from start_on_approval.logic import start_on_approval
from tests.lambdas.fakes.cloud import (
    FakeEvents,
    FakeExecutions,
    FakeMetrics,
    FakePointer,
    FakeRegistry,
    FakeScaling,
)
from tests.lambdas.fakes.ledger import FakeLedger
from tests.lambdas.fakes.plans import PLAN
from tests.lambdas.fakes.sagemaker import FakeEndpoint
from tests.lambdas.fakes.stack import FakeStack
from tests.lambdas.fakes.world import GROUP, Crash, World, package
from tidegate_runtime.errors import Transient
from tidegate_runtime.journal import Journal
from tidegate_runtime.ports import Execution
from tidegate_runtime.rollback_state import RollbackState
from tidegate_runtime.state import RunState
from watchdog.logic import EXECUTION, Watchdog

OUT = "arn:aws:states:us-east-1:000000000000:stateMachine:digits-rollout"
BACK = "arn:aws:states:us-east-1:000000000000:stateMachine:digits-rollback"
RETRIES = 8

ROUTES: dict[str, dict[str, str]] = {
    "first_version": {"FIRST": "PROMOTED", "NEXT": "check"},
    "check": {"DONE": "prepare"},
    "prepare": {"DONE": "shift"},
    "shift": {"DONE": "judge"},
    "judge": {"PASS": "promote", "NEXT_STEP": "shift", "NEEDS_HUMAN": "NEEDS_HUMAN"},
    "promote": {"DONE": "watch"},
    "watch": {"PASS": "PROMOTED", "NEEDS_HUMAN": "NEEDS_HUMAN"},
}


@dataclass
class Running:
    """An execution: where it is, with what state, and when it goes on."""

    machine: str
    name: str
    at: str
    state: dict[str, Any]
    wake_at: float
    tries: int = 0


@dataclass
class Service:
    """Everything of one endpoint: fakes, handlers, machines, rules."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        world = self.world
        self.plan = PLAN
        self.endpoint = FakeEndpoint(world)
        self.metrics = FakeMetrics(world, self.endpoint)
        self.pointer = FakePointer(world)
        self.registry = FakeRegistry(world)
        self.scaling = FakeScaling(world)
        self.events = FakeEvents(world)
        self.executions = FakeExecutions(world)
        self.ledger = FakeLedger(world)
        self.stack = FakeStack(world, endpoint=self.endpoint, pointer=self.pointer, ledger=self.ledger)
        self.watchdog = Watchdog(
            rollout_machine=OUT,
            rollback_machine=BACK,
            ledger=self.ledger,
            executions=self.executions,
            clock=world,
        )
        self.running: dict[tuple[str, str], Running] = {}
        self.events_are_lost = False
        self.highest_share = 0.0
        self.run_hook: Callable[[], bool] = lambda: False

    def deployed(self, *, version: int = 1) -> "Service":
        """Return this service with a version live."""
        self.pointer.value = self.stack.package = package(version)
        self.stack.config = "stack-config-0"
        self.endpoint.deploy(version=version, name="stack-config-0")
        return self

    # --- events from outside --------------------------------------------------------------------------------
    def approve(self, version: int, *, time: str = "2026-11-21T05:01:02Z") -> dict[str, Any]:
        """Send the approval event of a version."""
        detail = {
            "ModelPackageGroupName": GROUP,
            "ModelPackageVersion": version,
            "ModelPackageArn": package(version),
            "ModelApprovalStatus": "Approved",
        }
        event = {"detail-type": "SageMaker Model Package State Change", "time": time, "detail": detail}
        return start_on_approval(
            event,
            group=GROUP,
            machine_arn=OUT,
            executions=self.executions,
            ledger=self.ledger,
            clock=self.world,
        )

    def abort(self, rollout_id: str) -> None:
        """Ask for a rollback as an operator."""
        document = {"rollout_id": rollout_id, "source": "operator", "reason": "asked to"}
        self.executions.begin(BACK, name=f"rb-{rollout_id}", document=document)

    def alarm(self) -> dict[str, Any]:
        """Send the event of a candidate alarm."""
        state = {"value": "ALARM", "reason": "errors"}
        detail = {"alarmName": "digits-candidate-5xx", "state": state}
        return self.watchdog({"detail-type": "CloudWatch Alarm State Change", "detail": detail})

    # --- time -----------------------------------------------------------------------------------------------
    def run(self, *, seconds: float = 40_000, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass until nothing runs any more, `until` holds, or the seconds are over."""
        deadline = self.world.time + seconds
        while not until():
            self._take_up()
            following = min(self.running.values(), key=lambda running: running.wake_at, default=None)
            if following is None or following.wake_at > deadline:
                self.world.time = self.world.time if following is None else deadline
                return
            self.world.time = max(self.world.time, following.wake_at)
            self._step(following)
            self.highest_share = max(self.highest_share, self._share())

    def tick(self) -> None:
        """Run the scheduled watchdog."""
        self.watchdog({"detail-type": "Scheduled Event"})

    def _share(self) -> float:
        return self.endpoint.share() if self.endpoint.cloud.view else 0.0

    # --- the machines ---------------------------------------------------------------------------------------
    def _take_up(self) -> None:
        for key, document in self.executions.inputs.items():
            if self.executions.views[key].status != "RUNNING":
                self.running.pop(key, None)
            elif key not in self.running:
                at = "first_version" if key[0] == OUT else "roll_back"
                state = json.loads(json.dumps(document))
                self.running[key] = Running(*key, at, state, self.world.time)

    def _step(self, running: Running) -> None:
        first, state = len(self.world.faults.log), json.dumps(running.state)
        self.world.situation = lambda: (
            f"{running.at} {len(self.world.faults.log) - first} {state} {self.endpoint.cloud.view}"
        )
        try:
            answer = json.loads(json.dumps(self._call(running.at, running.state), allow_nan=False))
        except (Exception, Crash) as error:  # noqa: BLE001  (States.ALL)
            self._on_error(running, error)
            return
        running.state, running.tries = answer, 0
        if self.executions.views[running.machine, running.name].status != "RUNNING":
            return
        if answer["status"] in ("WAIT", "CONTINUE"):
            running.wake_at = self.world.time + answer["wait_seconds"]
        elif running.at == "end":
            self._close(running, "SUCCEEDED")
        elif running.at == "roll_back":
            running.at = "end"
            running.state["outcome"] = answer["outcome"] or "ROLLED_BACK"
        else:
            self._route(running, ROUTES[running.at].get(answer["status"], ""))

    def _route(self, running: Running, following: str) -> None:
        if not following:
            self._start_rollback(running, source="verdict", reason=running.state["reason"])
        elif following in ("PROMOTED", "NEEDS_HUMAN"):
            running.at, running.state["outcome"] = "end", following
        else:
            running.at = following

    def _on_error(self, running: Running, error: BaseException) -> None:
        running.tries += 1
        endless = running.machine == BACK or running.at == "end"
        if endless or (isinstance(error, Transient | Crash) and running.tries <= RETRIES):
            running.wake_at = self.world.time + min(30, 2**running.tries)
            return
        running.state["error"] = {"Error": type(error).__name__, "Cause": str(error)}
        self._start_rollback(running, source="execution", reason=f"{type(error).__name__}: {error}")

    def _start_rollback(self, running: Running, *, source: str, reason: str) -> None:
        document = {
            "rollout_id": running.name,
            "source": source,
            "reason": reason,
            "state": running.state,
        }
        self.executions.begin(BACK, name=f"rb-{running.name}", document=document)
        self._close(running, "FAILED")

    def _close(self, running: Running, status: str) -> None:
        key = (running.machine, running.name)
        output = running.state if status == "SUCCEEDED" else {}
        self.executions.views[key] = Execution(status=status, output=output)
        self.running.pop(key, None)
        if status != "SUCCEEDED" and running.machine == OUT and not self.events_are_lost:
            detail = {"stateMachineArn": OUT, "name": running.name, "status": status}
            self._deliver({"detail-type": EXECUTION, "detail": detail})

    def _deliver(self, event: dict[str, Any]) -> None:
        try:
            self.watchdog(event)
        except Crash:
            self.watchdog(event)

    # --- the handlers ---------------------------------------------------------------------------------------
    def _call(self, function: str, raw: dict[str, Any]) -> dict[str, Any]:
        if function == "end":
            return {**raw, "status": "DONE", "outcome": self._end(Ending.from_event(raw))}
        if function == "roll_back":
            return self._roll_back(RollbackState.from_dict(raw)).to_dict()
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
                role_arn="role",
                registry=self.registry,
                scaling=self.scaling,
                journal=journal,
            )(state)
        if function == "shift":
            return Shift(**common, journal=journal)(state)
        if function == "promote":
            return Promote(**common, stack=self.stack, pointer=self.pointer, journal=journal)(state)
        return Judge(**common, metrics=self.metrics, journal=journal)(state)

    def _check(self, state: RunState) -> RunState:
        return Check(
            plan=self.plan,
            group=GROUP,
            endpoint=self.endpoint,
            registry=self.registry,
            stack=self.stack,
            pointer=self.pointer,
            scaling=self.scaling,
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
            endpoint=self.endpoint, stack=self.stack, pointer=self.pointer, clock=self.world, journal=journal
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

    def _end(self, ending: Ending) -> str:
        journal = Journal(ledger=self.ledger, clock=self.world, rollout_id=ending.rollout_id)
        return End(
            endpoint_name="digits",
            scaling=self.scaling,
            ledger=self.ledger,
            journal=journal,
            events=self.events,
        )(ending)
