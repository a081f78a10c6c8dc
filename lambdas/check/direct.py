"""What a rollout without a candidate rests on: SageMaker's own guardrails, or an earlier promotion."""

from tidegate_runtime.errors import NotProven
from tidegate_runtime.plan import GUARDRAILS, Plan
from tidegate_runtime.ports import Ledger, Registry
from tidegate_runtime.state import Baseline, RunState

APPROVED = "Approved"


def grounds(
    state: RunState, baseline: Baseline, *, plan: Plan, ledger: Ledger, registry: Registry
) -> str | None:
    """Return why a version may go live without a candidate; None when it has to be a candidate first.

    Raises:
        NotProven: the rollout goes back to a version that was never promoted, or in place of one that is not
            live, or not rejected, any more.

    """
    if state.instead_of:
        return _going_back(state, baseline, ledger, registry)
    return "SageMaker moved the traffic under its own alarms" if plan.backend == GUARDRAILS else None


def _going_back(state: RunState, baseline: Baseline, ledger: Ledger, registry: Registry) -> str:
    if baseline.package_arn != state.instead_of:
        raise NotProven(f"{state.instead_of} was rejected, but {baseline.package_arn} is live by now")
    if registry.package(state.instead_of).approval == APPROVED:
        raise NotProven(f"{state.instead_of} was rejected, but is approved again")
    promoted = [
        run for run in ledger.promoted_runs() if run.body.get("package_arn") == state.model_package_arn
    ]
    if not promoted:
        raise NotProven(f"{state.model_package_arn} was never promoted here: it has to be a candidate first")
    rejected, good = (arn.rpartition("/")[2] for arn in (state.instead_of, state.model_package_arn))
    return f"the live version {rejected} was rejected in the registry, and version {good} was promoted before"
