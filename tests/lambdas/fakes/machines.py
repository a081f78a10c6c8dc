"""A tiny interpreter of the two state machines, and the service around them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from start_on_approval.logic import Approvals
from tests.lambdas.fakes.handlers import Handlers
from tests.lambdas.fakes.parts import BACK, OUT
from tests.lambdas.fakes.world import GROUP, Crash, package
from tidegate._states import PATIENCE, SHORT_PATIENCE
from tidegate_runtime.errors import Transient
from tidegate_runtime.ports import Execution
from watchdog.logic import EXECUTION

CRASHES = 2
"""How often a task is retried whose process died."""

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
    crashes: int = 0


@dataclass
class Service(Handlers):
    """Everything of one endpoint: fakes, handlers, machines, rules."""

    def __post_init__(self) -> None:
        super().__post_init__()
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
        return self.change_approval(version, "Approved", time=time)

    def change_approval(self, version: int, status: str, *, time: str) -> dict[str, Any]:
        """Send the event of a version whose approval status has changed."""
        detail = {
            "ModelPackageGroupName": GROUP,
            "ModelPackageVersion": version,
            "ModelPackageArn": package(version),
            "ModelApprovalStatus": status,
        }
        event = {"detail-type": "SageMaker Model Package State Change", "time": time, "detail": detail}
        return self.registry_event()(event)

    def registry_event(self) -> Approvals:
        """Return what handles the registry's events, by the plan of now."""
        return Approvals(
            group=GROUP,
            on_new_approval=self.plan.on_new_approval,
            rollout_machine=OUT,
            rollback_machine=BACK,
            executions=self.executions,
            ledger=self.ledger,
            clock=self.world,
            announcer=self.announcer,
            queue=self.queue,
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
            answer = json.loads(json.dumps(self.call(running.at, running.state), allow_nan=False))
        except (Exception, Crash) as error:  # noqa: BLE001  (States.ALL)
            self._on_error(running, error)
            return
        running.state, running.tries, running.crashes = answer, 0, 0
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
        running.tries += isinstance(error, Transient)
        running.crashes += isinstance(error, Crash)
        endless = running.machine == BACK or running.at == "end"
        patience = SHORT_PATIENCE if running.at in ("judge", "watch") else PATIENCE
        retried = running.tries <= patience and running.crashes <= CRASHES
        if endless or (isinstance(error, Transient | Crash) and retried):
            running.wake_at = self.world.time + min(30, 2 ** (running.tries + running.crashes))
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
        # EventBridge delivers again; what never gets through is found by the watchdog's schedule.
        for _ in range(2):
            try:
                self.watchdog(event)
            except (Transient, Crash):
                continue
            return
