"""What the command `plan` prints: tables for people, YAML for a service file."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tidegate_cli.plan_contest import contest_lines
from tidegate_cli.plan_words import at_most, duration, percent

if TYPE_CHECKING:
    from tidegate import Bake, RolloutPlan
    from tidegate.contest_forecast import ContestForecast
    from tidegate.rollout_fleet import RolloutFleet
    from tidegate.rollout_forecast import RolloutForecast, StepForecast

_HOOK_SECONDS = 3_600
_COLUMNS = (
    "share",
    "at least",
    "lasts",
    "at most",
    "requests",
    "seen by its end",
    "bad answers",
    "if never seen",
    "by itself half seen after",
)
_MINUTE = 60


def forecast_view(
    expected: "RolloutForecast",
    plan: "RolloutPlan",
    fleets: Sequence["RolloutFleet"],
    contest: "ContestForecast | None" = None,
) -> RenderableType:
    """Return the forecast for a terminal."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for step in expected.steps:
        table.add_row(*_cells(step), style=None if step.reachable else "red")
    title = Text(_title(expected, plan), style="bold")
    told = (
        *_copies(expected, plan),
        *_outlook(expected),
        *_waiting(plan),
        *contest_lines(plan, contest),
    )
    return Group(title, Text(), table, Text(), *told, *_capacity(expected, fleets))


def rollout_yaml(plan: "RolloutPlan") -> str:
    """Return steps and watch as they stand in the section `rollout` of a service file."""
    steps = [f"    - {{weight_percent: {step.weight_percent}, {_bake_yaml(step)}}}" for step in plan.steps]
    return "\n".join(["rollout:", "  steps:", *steps, f"  watch: {{{_bake_yaml(plan.watch)}}}"])


def _title(expected: "RolloutForecast", plan: "RolloutPlan") -> str:
    traffic, count = expected.traffic, len(plan.signals)
    among = "" if count == 1 else f", alone among {count} signals"
    return (
        f"A candidate with {traffic.ratio:g} times live's error rate of {100 * expected.base_error_rate:g} % "
        f"({expected.signal}{among}), at {traffic.requests_per_second:g} requests a second"
    )


def _cells(step: "StepForecast") -> Iterator[str]:
    yield f"{step.weight_percent} %"
    yield from map(duration, (step.min_seconds, step.planned_seconds, step.max_seconds))
    yield f"{step.requests:,} of {step.requests_needed:,}"
    yield percent(step.seen)
    yield f"{step.bad_answers:,.0f}"
    yield f"{step.bad_answers_unseen:,.0f}"
    if step.alone_seconds is None or step.alone_requests is None:
        yield f"not in {duration(step.max_seconds)}"
    else:
        yield f"{step.alone_requests:,} requests, {duration(step.alone_seconds)}"


def copies_suffice(expected: "RolloutForecast", plan: "RolloutPlan") -> bool:
    """Tell whether a shadow phase gets its requests at this traffic; a plan without one needs none."""
    shadow = plan.shadow
    if shadow is None:
        return True
    pace = expected.traffic.requests_per_second * shadow.traffic_percent / 100
    return pace * shadow.max_bake_seconds >= shadow.min_requests


def _copies(expected: "RolloutForecast", plan: "RolloutPlan") -> Iterator[Text]:
    """Tell of the shadow phase, which serves no bad answers and is in none of the other figures."""
    shadow = plan.shadow
    if shadow is None:
        return
    pace = expected.traffic.requests_per_second * shadow.traffic_percent / 100
    least = max(shadow.min_bake_seconds, shadow.min_requests / pace) + plan.settle_seconds
    yield Text(
        f"Before these steps: copies of {shadow.traffic_percent} % of the requests, for {duration(least)} "
        f"to {duration(shadow.max_bake_seconds + plan.settle_seconds)}; they are answered to nobody, so no "
        "bad answer is served. Neither their time nor what they find is in the figures here."
    )
    if not copies_suffice(expected, plan):
        yield Text(
            f"The shadow cannot pass: it gets {pace * shadow.max_bake_seconds:,.0f} copies in its longest "
            f"bake and needs {shadow.min_requests:,}.",
            style="bold red",
        )


def _outlook(expected: "RolloutForecast") -> Iterator[Text]:
    half = expected.median_seconds_until_seen
    soon = "half of them never" if half is None else f"half of them within {duration(half)}"
    yield Text(f"Such candidates: {percent(expected.seen)} fail before the promotion, {soon}.")
    yield Text(
        f"  {expected.bad_answers:,.0f} bad answers to expect until one fails or is promoted; "
        f"at most {at_most(expected.promoted_at_most)} are promoted."
    )
    shortest, median, longest = expected.healthy_seconds
    middle = "" if median is None else f", {duration(median)} in the median"
    yield Text(
        f"Candidates as good as live: {percent(expected.healthy_promoted)} are promoted by their proof."
    )
    yield Text(
        f"  The whole rollout takes {duration(shortest)} to {duration(longest)}{middle}; "
        f"at most {at_most(expected.false_rollback_at_most)} are rolled back by mistake."
    )
    for step in expected.steps:
        if not step.reachable:
            yield Text(
                f"The step at {step.weight_percent} % cannot pass: at this traffic it gets {step.requests:,} "
                f"candidate requests in its longest bake and needs {step.requests_needed:,}.",
                style="bold red",
            )
    if not expected.watch_reachable:
        yield Text("The watch cannot pass: at this traffic it does not get its requests.", style="bold red")


def _waiting(plan: "RolloutPlan") -> Iterator[Text]:
    """Say what comes on top for gates and hooks: nobody can forecast when people decide."""
    gates = [step.gate.max_wait_seconds for step in plan.steps if step.gate is not None]
    if gates:
        said = f"{len(gates)} gate{'s' if len(gates) > 1 else ''}: up to {duration(sum(gates))} more"
        yield Text(f"  {said}, with the instances of both fleets, until somebody decides.")
    hooks = sum(arn is not None for step in plan.steps for arn in (step.before, step.after))
    if hooks:
        said = f"{hooks} hook{'s' if hooks > 1 else ''}: up to {duration(hooks * _HOOK_SECONDS)} more"
        yield Text(f"  {said}, when they ask to be called again for as long as they may.")


def _capacity(expected: "RolloutForecast", fleets: Sequence["RolloutFleet"]) -> Iterator[Text]:
    for fleet in fleets:
        least, planned, most = fleet.added_hours(expected)
        cost = fleet.added_cost(expected)
        yield Text(
            f"Instances: {fleet.peak} at the peak, with {fleet.live_instances} of live and "
            f"{fleet.candidate_instances} of the candidate (UpdateEndpoint deploys to a new fleet)."
        )
        price = "" if cost is None else f", cost {cost[1]:,.2f} ({cost[0]:,.2f} to {cost[2]:,.2f})"
        yield Text(f"  {planned:.3g} instance-hours more ({least:.3g} to {most:.3g}){price}")
        if fleet.fits is None:
            yield Text(f"  quota {fleet.quota_name!r}: at least {fleet.peak}")
        else:
            word = "is enough" if fleet.fits else f"is too small: {fleet.peak} are needed"
            style = "" if fleet.fits else "bold red"
            yield Text(f"  quota {fleet.quota_name!r}: {fleet.quota} {word}", style=style)


def _bake_yaml(bake: "Bake") -> str:
    least, most = bake.min_bake_seconds / _MINUTE, bake.max_bake_seconds / _MINUTE
    return f"min_bake_minutes: {least:.10g}, max_bake_minutes: {most:.10g}, min_requests: {bake.min_requests}"
