"""Random faults at random moments: the invariants hold at every step, and every rollout ends."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.lambdas.fakes.machines import Service
from tests.lambdas.fakes.parts import OUT
from tests.lambdas.fakes.world import package
from tidegate_runtime.errors import EndpointBusy, Rejected, Transient
from tidegate_runtime.ports import CANDIDATE, LIVE, Execution
from tidegate_runtime.state import Suspended

CALLS = (
    "sagemaker.describe",
    "sagemaker.update",
    "sagemaker.set_weights",
    "sagemaker.set_instances",
    "sagemaker.create_config",
    "cloudformation.update",
    "cloudformation.describe",
    "ssm.write",
    "ssm.read",
    "dynamodb.save",
    "dynamodb.run",
    "dynamodb.log",
    "cloudwatch.sums",
    "scaling.suspend",
    "events.publish",
    "states.stop",
)
ENDS = ("PROMOTED", "ROLLED_BACK", "NEEDS_HUMAN", "SUPERSEDED")


class Rollouts(RuleBasedStateMachine):
    """One endpoint, several approvals, and whatever goes wrong."""

    @initialize(bad=st.sets(st.integers(2, 4)), broken=st.sets(st.integers(2, 4), max_size=1))
    def start(self, bad: set[int], broken: set[int]) -> None:
        self.service = Service().deployed()
        self.service.metrics.rates = {package(version): 0.05 for version in bad}
        self.service.endpoint.broken = {package(version) for version in broken}
        self.bad = {package(version) for version in bad | broken}
        self.approvals = 0
        self.share = 0.0
        self.passes = 0

    @rule(version=st.integers(2, 4))
    def approve(self, version: int) -> None:
        self.approvals += 1
        time = f"2026-11-21T05:01:{self.approvals:02d}Z"
        self.guarded(lambda: self.service.approve(version, time=time))

    @rule(seconds=st.integers(1, 900))
    def wait(self, seconds: int) -> None:
        end = self.service.world.time + seconds
        self.service.run(seconds=seconds)
        self.service.world.time = max(self.service.world.time, end)

    @rule(call=st.sampled_from(CALLS), applied=st.booleans(), times=st.integers(1, 3))
    def throttle_or_lose_an_answer(self, call: str, applied: bool, times: int) -> None:
        faults = self.service.world.faults
        (faults.after if applied else faults.before)[call] = [Transient(call) for _ in range(times)]

    @rule(calls=st.integers(1, 40))
    def crash_soon(self, calls: int) -> None:
        faults = self.service.world.faults
        faults.crash_at = faults.calls + calls

    @rule()
    def alarm(self) -> None:
        self.guarded(self.service.alarm)

    @rule()
    def abort_as_operator(self) -> None:
        for run in list(self.service.ledger.runs.values()):
            if run.status == "RUNNING":
                self.service.abort(run.rollout_id)

    @rule(events_are_lost=st.booleans())
    def break_the_execution(self, events_are_lost: bool) -> None:
        self.service.events_are_lost = events_are_lost
        for key, view in self.service.executions.views.items():
            if key[0] == OUT and view.status == "RUNNING":
                self.service.executions.views[key] = Execution(status="ABORTED")

    @rule(count=st.integers(2, 6))
    def scale(self, count: int) -> None:
        self.guarded(lambda: self.service.endpoint.change_count(LIVE, count))

    @rule()
    def deploy(self) -> None:
        self.guarded(lambda: self.service.stack.deploy(template_changes=True))

    @rule(fails=st.integers(1, 2))
    def let_the_stack_fail(self, fails: int) -> None:
        self.service.stack.fails = fails

    @rule()
    def wake_the_watchdog(self) -> None:
        self.guarded(self.service.tick)

    @invariant()
    def the_last_good_configuration_is_never_lost(self) -> None:
        """I1."""
        cloud = self.service.endpoint.cloud
        assert self.service.stack.config in cloud.configs
        models = [raw["ModelName"] for raw in cloud.configs[self.service.stack.config]["ProductionVariants"]]
        assert set(models) <= set(cloud.models)

    @invariant()
    def traffic_rises_only_after_an_explicit_pass(self) -> None:
        """I2: each rise beyond the first step has its own PASS on record or in a state, whatever failed."""
        share = self.service.endpoint.share()
        served = self.service.endpoint.served_by(CANDIDATE) if share else ""
        if share > 0.1 and not self.service.world.faults.down:
            assert served not in self.bad, f"{served} is bad and has {share:.0%}"
        self.share = share

    @invariant()
    def one_rollout_holds_the_endpoint(self) -> None:
        """I5."""
        phases = ("PREPARING", "PREPARED", "STEPPING", "PROMOTING", "WATCHING")
        runs = self.service.ledger.runs.values()
        acting = [run for run in runs if run.status == "RUNNING" and run.body.get("phase") in phases]
        assert len(acting) <= 1
        held = self.service.ledger.held
        assert not acting or (held is not None and held.rollout_id == acting[0].rollout_id)

    def teardown(self) -> None:
        """I3, I6: without further faults everything ends, in bounded time, and the report is the truth."""
        if not hasattr(self, "service"):
            return
        service = self.service
        faults = service.world.faults
        faults.before.clear()
        faults.after.clear()
        faults.crash_at, service.stack.fails, service.events_are_lost = 0, 0, False
        for _ in range(20):
            service.run(seconds=3_000)
            service.world.time += 300
            service.tick()
            service.stack.describe()
        statuses = {run.rollout_id: run.status for run in service.ledger.runs.values()}
        assert set(statuses.values()) <= set(ENDS), statuses
        assert not service.running
        if "NEEDS_HUMAN" in statuses.values():
            return
        view = service.endpoint.view()
        assert (view.status, view.config_name) == ("InService", service.stack.config)
        assert view.variant(CANDIDATE) is None
        assert service.pointer.value == service.stack.package == service.endpoint.served_by(LIVE)
        assert service.pointer.value not in self.bad
        assert service.scaling.state == Suspended()
        assert service.ledger.held is None
        promoted = [run for run in service.ledger.runs.values() if run.status == "PROMOTED"]
        assert service.pointer.value in {package(1), *(run.body["package_arn"] for run in promoted)}

    def guarded(self, action: Any) -> None:
        """Let an event's handler fail as it may: EventBridge or the user tries again."""
        try:
            action()
        except (Transient, EndpointBusy, Rejected):
            return
        except BaseException as error:
            if type(error).__name__ not in ("Crash", "NothingToUpdate"):
                raise


TestRollouts = Rollouts.TestCase
TestRollouts.settings = settings(
    max_examples=150,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
