"""In which phases of a rollout an order makes sense, and what is said in the others."""

from tidegate_runtime.journal import RUNNING
from tidegate_runtime.ports import Run
from tidegate_runtime.state import EARLY_PHASES, ROLLBACK_PHASES


def why_not_open(run: Run | None) -> str:
    """Say why a rollout takes no orders; empty when it does."""
    if run is None:
        return "there is no such rollout"
    if run.status != RUNNING:
        return f"{run.rollout_id} is {run.status}: there is nothing left to steer"
    if run.body.get("phase") in ROLLBACK_PHASES:
        return f"{run.rollout_id} is being rolled back, and nothing stops that"
    return ""


def why_not_held(run: Run) -> str:
    """Say why a rollout cannot be held; empty when it can."""
    phase = run.body.get("phase", "")
    if phase in EARLY_PHASES:
        return f"{run.rollout_id} has not begun to do anything: ask again in a moment"
    if phase == "PROMOTING":
        return f"{run.rollout_id} is being promoted already: abort it to go back"
    if phase == "WATCHING":
        return f"{run.rollout_id} is live already, under watch: abort it to go back"
    return ""


def why_no_evidence(run: Run) -> str:
    """Say why there is no gate to open and no evidence to waive; empty when there is."""
    phase, step, raising = (run.body.get(name) for name in ("phase", "step", "raising"))
    if phase == "PROMOTING":
        return f"{run.rollout_id} is being promoted already"
    if phase == "WATCHING":
        return f"{run.rollout_id} is live already, and nothing shortens its watch"
    if phase != "STEPPING" or step is None:
        return f"{run.rollout_id} has no traffic yet (it is {phase or 'about to start'}): nothing to decide"
    if raising is not None:
        return f"{run.rollout_id} is on its way to step {raising + 1}: ask again once it is there"
    return ""
