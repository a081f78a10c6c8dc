"""What a rollout that waits for a human costs, and how long it will wait, in words for a person."""

from collections.abc import Mapping
from typing import Any, Final

from tidegate_runtime.plan_needs_human import NeedsHuman
from tidegate_runtime.ports import Run
from tidegate_runtime.state import WATCHING

_HOUR: Final = 3600


def waited_seconds(run: Run, *, now: float) -> float:
    """Return how long a rollout has waited; nothing without a record of its beginning."""
    return max(0.0, now - float(run.body.get("ended_at") or now))


def cost_of(run: Run, *, now: float) -> str:
    """Say what each hour costs, and what the waiting has cost so far."""
    if run.body.get("phase") == WATCHING:
        return "nothing more than before: the candidate's fleet is gone, the new version's is the only one."
    said, candidate = waiting_cost(run.body), run.body.get("candidate")
    if not candidate:
        return said
    so_far = candidate["instances"] * waited_seconds(run, now=now) / _HOUR
    return f"{said} {so_far:.0f} instance-hours so far."


def waiting_cost(body: Mapping[str, Any]) -> str:
    """Say what each hour costs in which a rollout waits, from its record."""
    candidate, before = body.get("candidate"), body.get("baseline")
    if not candidate or not before:
        return "no second fleet is on record."
    more, live = candidate["instances"], candidate["live_instances"]
    return (
        f"each hour of waiting {more} instance-hours of {before['instance_type']} for the candidate, "
        f"beside {live} for live, as long as both fleets run."
    )


def time_left(run: Run, policy: NeedsHuman, *, now: float) -> str:
    """Say what happens by itself, and when."""
    left = policy.deadline_seconds - waited_seconds(run, now=now)
    if not policy.goes_back:
        return f"no end: it stays as it is, and you are reminded every {policy.remind_hours} h."
    if left <= 0:
        return "none: it goes back by itself, and does not manage to."
    return f"{hours(left)}; then it is rolled back by itself."


def hours(seconds: float) -> str:
    """Return seconds as hours, or as minutes below one and a half."""
    return f"{seconds / _HOUR:.0f} h" if seconds >= 1.5 * _HOUR else f"{seconds / 60:.0f} min"
