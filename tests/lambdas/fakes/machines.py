"""The service around the state machines: what reaches it from outside, and how time passes for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from start_on_approval.live import LiveVersion
from start_on_approval.logic import Approvals
from tests.lambdas.fakes.interpreter import Interpreter
from tests.lambdas.fakes.parts import BACK, OUT
from tests.lambdas.fakes.plans import BAKE_SECONDS, FEATURES
from tests.lambdas.fakes.running import Running
from tests.lambdas.fakes.world import GROUP, Crash, package
from tidegate_runtime.errors import Fault
from watchdog.logic import EXECUTION


@dataclass
class Service(Interpreter):
    """Everything of one endpoint: fakes, handlers, machines, rules."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.events_are_lost = False
        self.highest_share = 0.0
        self.run_hook: Callable[[], bool] = lambda: False

    def deployed(self, *, version: int = 1) -> "Service":
        """Return this service with a version live."""
        self.pointer.value = self.stack.package = package(version)
        self.stack.config = "stack-config-0"
        self.endpoint.deploy(version=version, name="stack-config-0")
        return self

    def guarded(self) -> "Service":
        """Return this service with SageMaker's guardrails as its backend."""
        self.plan = replace(self.plan, **FEATURES["guardrails"])
        self.stack.bakes_seconds = 2 * BAKE_SECONDS
        self.endpoint.alarming = self._alarming
        return self

    def _alarming(self, served: str) -> bool:
        """Tell whether an alarm of the guardrails is up: enough requests of a minute, and bad ones."""
        rate = self.metrics.rates.get(served, 0.0)
        return rate >= self.plan.signals[0].max_rate and self.metrics.requests_per_second * 60 >= 20

    # --- events from outside --------------------------------------------------------------------------------
    def approve(self, version: int, *, time: str = "2026-11-21T05:01:02Z") -> dict[str, Any]:
        """Send the approval event of a version."""
        return self.change_approval(version, "Approved", time=time)

    def change_approval(self, version: int, status: str, *, time: str) -> dict[str, Any]:
        """Send the event of a version whose approval status has changed."""
        return self.registry_event()(self.approval_event(version, status, time=time))

    def reject(self, version: int, *, time: str = "2026-11-21T09:01:02Z") -> dict[str, Any]:
        """Reject a version in the registry, which sends its event."""
        self.registry.change(version, "Rejected")
        return self.change_approval(version, "Rejected", time=time)

    def approval_event(self, version: int, status: str, *, time: str) -> dict[str, Any]:
        """Return the event of a version whose approval status has changed, or had changed."""
        detail = {
            "ModelPackageGroupName": GROUP,
            "ModelPackageVersion": version,
            "ModelPackageArn": package(version),
            "ModelApprovalStatus": status,
        }
        return {"detail-type": "SageMaker Model Package State Change", "time": time, "detail": detail}

    def registry_event(self) -> Approvals:
        """Return what handles the registry's events, by the plan of now."""
        return Approvals(
            group=GROUP,
            on_new_approval=self.plan.on_new_approval,
            on_live_rejected=self.plan.on_live_rejected,
            live=LiveVersion(pointer=self.pointer, registry=self.registry, ledger=self.ledger),
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
            following = min(self.running.values(), key=lambda running: running.due_at, default=None)
            if following is None or following.due_at > deadline:
                self.world.time = self.world.time if following is None else deadline
                return
            self.world.time = max(self.world.time, following.due_at)
            self._step(following)
            self.highest_share = max(self.highest_share, self._share())

    def tick(self) -> None:
        """Run the scheduled watchdog."""
        self.watchdog({"detail-type": "Scheduled Event"})

    def _share(self) -> float:
        return self.endpoint.share() if self.endpoint.cloud.view else 0.0

    def closed(self, running: Running, status: str) -> None:
        """Tell the watchdog of executions that broke, as EventBridge does."""
        if status != "SUCCEEDED" and running.machine == OUT and not self.events_are_lost:
            detail = {"stateMachineArn": OUT, "name": running.name, "status": status}
            self._deliver({"detail-type": EXECUTION, "detail": detail})

    def _deliver(self, event: dict[str, Any]) -> None:
        # EventBridge delivers again; what never gets through is found by the watchdog's schedule.
        for _ in range(2):
            try:
                self.watchdog(event)
            except (Fault, Crash):
                continue
            return
