"""What the command `plan` says about a contest."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from tidegate_cli.plan_words import duration

if TYPE_CHECKING:
    from tidegate import RolloutPlan
    from tidegate.contest_forecast import ContestForecast
    from tidegate.rollout_step import RolloutStep


def contest_lines(plan: "RolloutPlan", found: "ContestForecast | None") -> Iterator[Text]:
    """Yield what is known about a plan's contest; nothing without one.

    Args:
        plan: The plan.
        found: How long it needs; None when nobody said what it should see.

    """
    step = next((step for step in plan.steps if step.contest is not None), None)
    if step is None or step.contest is None:
        return
    kind = "a bandit" if step.contest.is_bandit else "an A/B test"
    yield Text(f"The step at {step.weight_percent} % is {kind} for {step.contest.metric}.", style="bold")
    yield Text(
        "  The figures of errors are those of a candidate that has won as soon as the step has its planned "
        f"evidence; it may take up to {duration(step.max_bake_seconds)}."
    )
    if found is None:
        yield Text("  How long it takes is not told: give --reward-rate, the rewards of live for a request.")
    else:
        yield from _told(found, step)


def _told(found: "ContestForecast", step: "RolloutStep") -> Iterator[Text]:
    rewards, longest = found.rewards, duration(step.max_bake_seconds)
    yield Text(
        f"  A candidate with {rewards.ratio:g} times live's {rewards.rate:g} rewards a request is told apart "
        f"in half of such contests after {found.requests_needed:,} requests of both, with "
        f"{found.rewards_needed:,} rewards: {duration(found.seconds)}."
    )
    if found.moves:
        yield Text("  That holds while the split stays: a bandit that has moved it needs longer.")
    if not found.fits:
        yield Text(f"  The step is too short for that: it ends after {longest}.", style="bold red")
