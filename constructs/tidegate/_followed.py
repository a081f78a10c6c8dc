"""How long a rollout can last, where an action of a pipeline follows it to its end."""

from collections.abc import Iterator

from tidegate._job import LONGEST_JOB_HOURS
from tidegate._plan_waits import PlanWaits
from tidegate.needs_human import NeedsHuman
from tidegate.rollout_plan import RolloutPlan

_HOUR = 3600
_LIMITS = "https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"


def follow_faults(plan: RolloutPlan) -> Iterator[str]:
    """Yield why a plan can outlast the action that follows it.

    Every wait counts with its longest time: bakes, gates, hooks, and one wait for a human where the plan asks
    for one. What an operator holds by hand cannot be known.
    """
    parts = {
        "bakes": plan.max_seconds,
        "gates and hooks": PlanWaits.of(plan.steps).seconds,
        "a human's deadline": _human_seconds(plan),
    }
    hours = sum(parts.values()) / _HOUR
    if hours > LONGEST_JOB_HOURS:
        told = ", ".join(f"{name} {value / _HOUR:g} h" for name, value in parts.items() if value)
        yield (
            f"a rollout can last {hours:g} h ({told}), and a pipeline follows it for at most "
            f"{LONGEST_JOB_HOURS} h ({_LIMITS}); shorten the longest of them"
        )


def _human_seconds(plan: RolloutPlan) -> int:
    gates = [step.gate.on_timeout for step in plan.steps if step.gate is not None]
    asked = (plan.on_inconclusive, plan.on_no_data, plan.on_both_bad, *gates)
    if "needs_human" not in asked:
        return 0
    policy = plan.needs_human if plan.needs_human is not None else NeedsHuman()
    return policy.deadline_hours * _HOUR
