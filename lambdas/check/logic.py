"""What must be true before a rollout touches anything."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from check.alarms import check_alarms
from check.direct import grounds
from tidegate_runtime.endpoint_status import IN_SERVICE, MOVING, same_config
from tidegate_runtime.errors import (
    BaselineUnhealthy,
    EndpointMissing,
    Incompatible,
    LeaseHeld,
    NotApproved,
    RollbackRequested,
    Transient,
)
from tidegate_runtime.health_ports import Alarms
from tidegate_runtime.journal import RUNNING, Journal
from tidegate_runtime.origins import origins
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import (
    CANDIDATE,
    LIVE,
    Clock,
    Endpoint,
    EndpointView,
    Lease,
    Ledger,
    Package,
    Pointer,
    Registry,
    Scaling,
    Stack,
    StackView,
)
from tidegate_runtime.state import EARLY_PHASES, Baseline, RunState

CHECKED: Final = "CHECKED"
_STABLE: Final = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The checks, with what they read. Nothing but the lease and the record is written.

    Example:
        Check(plan=plan, endpoint=endpoint, ...)(state)

    """

    plan: Plan
    group: str
    endpoint: Endpoint
    registry: Registry
    stack: Stack
    pointer: Pointer
    scaling: Scaling
    alarms: Alarms
    ledger: Ledger
    clock: Clock
    journal: Callable[..., Journal]

    def __call__(self, state: RunState) -> RunState:
        """Take the lease, check, and return the state with the baseline.

        It says `direct` when the version goes live without a candidate.

        Raises:
            LeaseHeld: another rollout is in flight.
            NotApproved: the version is not approved any more.
            BaselineUnhealthy: the endpoint is not what the stack and the pointer say.
            Incompatible: the version cannot run beside the live one.
            ArtifactMissing: its artifact cannot be read.
            AlarmMissing: an alarm that guards the rollout is not there.
            RollbackRequested: the rollout may not act any more, or has gone on.
            NotProven: a version that the rollout goes back to was never promoted.
            Transient: the endpoint or the stack is moving; try again.

        """
        journal = self.journal(rollout_id=state.rollout_id)
        run = journal.open(package_arn=state.model_package_arn)
        journal.require_running()
        if run.body.get("phase") not in (*EARLY_PHASES, CHECKED):
            raise RollbackRequested(f"the rollout has gone on since its checks: {run.body.get('phase')}")
        self._take_lease(state.rollout_id)
        package = self.registry.package(state.model_package_arn)
        self._check_package(package)
        stack = self._stack_at_rest()
        baseline = self._baseline(stack)
        self._check_compatible(package, baseline)
        _check_instance_type(package, baseline)
        proof = grounds(state, baseline, plan=self.plan, ledger=self.ledger, registry=self.registry)
        check_alarms(self.alarms, fix_forward=package.fix_forward, guarding=self._guarding(state, proof))
        fields = _record(state, baseline, package, stack=stack, direct=proof is not None)
        # The plan may change while the ledger remains: without it no decision could be judged again.
        journal.advance(CHECKED, **fields, plan=asdict(self.plan))
        journal.record(CHECKED, **fields)
        steps = len(self.plan.steps)
        return replace(
            state,
            phase=CHECKED,
            steps_total=steps,
            baseline=baseline,
            fix_forward=package.fix_forward,
            direct=proof is not None,
            proof=proof or "",
        ).done()

    def _guarding(self, state: RunState, proof: str | None) -> Sequence[str]:
        """Return the variants whose alarms must be as they should: none on the way back from a bad live."""
        if state.instead_of:
            return ()
        return (CANDIDATE, LIVE) if proof is None else (LIVE,)

    def _take_lease(self, rollout_id: str) -> None:
        now = self.clock.now()
        holder = self.ledger.lease()
        replaceable = None
        if holder is not None and holder.rollout_id != rollout_id and holder.expires_at < now:
            run = self.ledger.run(holder.rollout_id)
            replaceable = None if run is not None and run.status == RUNNING else holder
        lease = Lease(rollout_id=rollout_id, expires_at=int(now) + self.plan.longest_seconds)
        if not self.ledger.acquire(lease, replacing=replaceable):
            raise LeaseHeld(f"the endpoint is held by rollout {holder.rollout_id if holder else 'unknown'}")

    def _check_package(self, package: Package) -> None:
        if package.approval != "Approved" or package.group != self.group:
            found = f"{package.approval or 'no status'} in {package.group or 'no group'}"
            raise NotApproved(f"{package.arn} must be Approved in {self.group}, got {found}")
        if len(package.containers) != 1:
            raise Incompatible(f"{package.arn} must have one container, got {len(package.containers)}")
        artifact = package.containers[0].artifact_uri
        if artifact:
            self.registry.require_artifact(artifact, version=package.artifact_version)

    def _stack_at_rest(self) -> StackView:
        stack = self.stack.describe()
        if stack is None:
            raise BaselineUnhealthy("the hosting stack does not exist: deploy it first")
        if stack.in_progress:
            raise Transient(f"the hosting stack is {stack.status}")
        if stack.status not in _STABLE:
            raise BaselineUnhealthy(f"the hosting stack is {stack.status}, must be one of {list(_STABLE)}")
        return stack

    def _baseline(self, stack: StackView) -> Baseline:
        live = self.pointer.read()
        if live is None or live != stack.package_arn:
            raise BaselineUnhealthy(f"the live pointer is {live}, but the stack runs {stack.package_arn}")
        view = self._endpoint_in_service()
        if not same_config(view.config_name, stack.config_name):
            raise BaselineUnhealthy(
                f"the endpoint has configuration {view.config_name}, but the stack's is {stack.config_name}"
            )
        return self._describe_baseline(view, package_arn=live)

    def _endpoint_in_service(self) -> EndpointView:
        try:
            view = self.endpoint.describe()
        except EndpointMissing as error:
            raise BaselineUnhealthy("the endpoint does not exist: deploy the hosting stack first") from error
        if view.status in MOVING:
            raise Transient(f"the endpoint is {view.status}")
        if view.status != IN_SERVICE:
            raise BaselineUnhealthy(f"the endpoint is {view.status}, must be {IN_SERVICE}")
        return view

    def _describe_baseline(self, view: EndpointView, *, package_arn: str) -> Baseline:
        config = self.endpoint.config(view.config_name)
        variants = config.get("ProductionVariants", [])
        names = [variant["VariantName"] for variant in variants]
        live = view.variant(LIVE)
        if names != [LIVE] or live is None or config.get("ShadowProductionVariants"):
            raise Incompatible(f"the endpoint must have the one variant {LIVE!r}, got {names}")
        if "InstanceType" not in variants[0]:
            raise Incompatible("the variant live must run on instances of one type")
        return Baseline(
            config_name=view.config_name,
            model_name=variants[0].get("ModelName", ""),
            package_arn=package_arn,
            instances=live.desired_instances,
            instance_type=variants[0]["InstanceType"],
            scaling=self.scaling.suspended(),
        )

    def _check_compatible(self, package: Package, baseline: Baseline) -> None:
        model = self.endpoint.model(baseline.model_name)
        containers = model.get("Containers") or [model.get("PrimaryContainer", {})]
        if len(containers) != 1:
            raise Incompatible(f"the live model must have one container, got {len(containers)}")
        if package.arn == baseline.package_arn:
            raise Incompatible(f"{package.arn} is live already")


def _record(
    state: RunState, baseline: Baseline, package: Package, *, stack: StackView, direct: bool
) -> dict[str, Any]:
    """Return what the ledger keeps of a check that was passed."""
    fields: dict[str, Any] = {"baseline": asdict(baseline), "package_arn": state.model_package_arn}
    fields |= origins(package, deployed_commit=stack.commit)
    if package.fix_forward:
        fields["fix_forward"] = True
    if direct:
        fields |= {"direct": True, "instead_of": state.instead_of}
    return fields


def _check_instance_type(package: Package, baseline: Baseline) -> None:
    if package.instance_types and baseline.instance_type not in package.instance_types:
        raise Incompatible(
            f"{package.arn} must serve on {baseline.instance_type}, allows {list(package.instance_types)}"
        )
