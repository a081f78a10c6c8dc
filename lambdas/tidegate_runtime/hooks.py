"""The functions that a plan calls around its steps."""

from dataclasses import dataclass
from typing import Any

from tidegate_runtime.plan import Plan
from tidegate_runtime.state import BEFORE_TRAFFIC, RunState

BEFORE = "before"
AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A function to call: `before` the share of `step` is raised, or `after` that step has passed."""

    when: str
    step: int
    function: str

    @property
    def name(self) -> str:
        """Name in the rollout's state, for example `after-0`."""
        return f"{self.when}-{self.step}"


def pending_hook(plan: Plan, state: RunState) -> Hook | None:
    """Return what has to be called before the rollout goes on from here, or None."""
    if state.phase in BEFORE_TRAFFIC:
        return before_step(plan, state, 0)
    return after_step(plan, state) or before_step(plan, state, state.step + 1)


def after_step(plan: Plan, state: RunState) -> Hook | None:
    """Return the hook after the step that the rollout is in, unless it is done."""
    hook = Hook(when=AFTER, step=state.step, function=plan.steps[state.step].after)
    return _unless_done(hook, state)


def before_step(plan: Plan, state: RunState, step: int) -> Hook | None:
    """Return the hook before a step, unless there is none, or it is done."""
    if step >= len(plan.steps):
        return None
    return _unless_done(Hook(when=BEFORE, step=step, function=plan.steps[step].before), state)


def told_to_functions(
    plan: Plan, state: RunState, *, endpoint: str, when: str, step: int, proof: str = ""
) -> dict[str, Any]:
    """Return what a user's function is told about the rollout.

    Args:
        plan: The plan.
        state: The rollout.
        endpoint: Name of the endpoint.
        when: `before` the share of the step is raised, `after` it has passed, or at its `gate`.
        step: Index of the step; told counted from 1.
        proof: Why the step has passed.

    """
    return {
        "rollout_id": state.rollout_id,
        "endpoint": endpoint,
        "when": when,
        "step": step + 1,
        "steps": len(plan.steps),
        "weight_percent": plan.steps[step].weight_percent,
        "model_package_arn": state.model_package_arn,
        "baseline_package_arn": state.baseline.package_arn if state.baseline else "",
        "reason": proof,
    }


def _unless_done(hook: Hook, state: RunState) -> Hook | None:
    return hook if hook.function and hook.name not in state.hooks_done else None
