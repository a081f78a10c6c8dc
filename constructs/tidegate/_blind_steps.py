"""Warnings about steps that cannot do at the declared traffic what they are there for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Annotations
from constructs import IConstruct

from tidegate._evidence_course import Rates, compared, paces
from tidegate.declared_traffic import DeclaredTraffic
from tidegate.rollout_forecast import different_signals, rates_of
from tidegate.rollout_plan import RolloutPlan

Curves = Sequence[Sequence[float]]

CANNOT_SEE: Final = "tidegate:step-cannot-see"
CANNOT_PASS: Final = "tidegate:step-cannot-pass"  # noqa: S105 - a warning, no password

#: A step should see the declared regression at least this often by its end.
WANTED: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blind:
    """A step that sees too little."""

    weight_percent: int
    seen: float
    requests: float


def warn_of_blind_steps(scope: IConstruct, plan: RolloutPlan, traffic: DeclaredTraffic) -> None:
    """Warn of steps that cannot see the declared regression, and of phases that cannot end in time.

    Args:
        scope: Construct that gets the warnings; they can be acknowledged there.
        plan: The plan.
        traffic: The declared traffic.

    """
    for rule, message in warnings_of(plan, traffic):
        Annotations.of(scope).add_warning_v2(rule, message)


def warnings_of(plan: RolloutPlan, traffic: DeclaredTraffic) -> Iterator[tuple[str, str]]:
    """Yield each warning's id and text.

    The last step is not asked what it sees: it has nothing to compare with, and judges by `max_rate` alone.
    """
    rates, curves = _least_seen(plan, traffic)
    blind = list(_blind(plan, rates, curves))
    if blind:
        yield CANNOT_SEE, _cannot_see(blind, traffic, rates)
    late = list(_late(plan, rates))
    if late:
        yield CANNOT_PASS, f"at {traffic.requests_per_second:g} requests a second {'; '.join(late)}"


def _least_seen(plan: RolloutPlan, traffic: DeclaredTraffic) -> tuple[Rates, Curves]:
    """Return the signal that sees the regression least: its rates, and what each step sees in it."""
    found = []
    for signal in different_signals(plan):
        rates = rates_of(plan, traffic, signal, ratio=traffic.ratio)
        found.append((rates, compared(plan, signal, rates)))
    return min(found, key=lambda one: sum(curve[-1] for curve in one[1] if curve))


def _blind(plan: RolloutPlan, rates: Rates, curves: Curves) -> Iterator[_Blind]:
    for step, pace, curve in zip(plan.steps, paces(plan, rates.requests), curves, strict=False):
        seen = curve[-1] if curve else 0.0
        if seen < WANTED:
            yield _Blind(weight_percent=step.weight_percent, seen=seen, requests=pace.requests * pace.lasts)


def _cannot_see(blind: list[_Blind], traffic: DeclaredTraffic, rates: Rates) -> str:
    said = ", ".join(
        f"{one.seen:.0%} by the end of {one.weight_percent} % ({one.requests:,.0f} candidate requests)"
        for one in blind
    )
    return (
        f"at {traffic.requests_per_second:g} requests a second a candidate with {traffic.ratio:g} times "
        f"live's error rate of {100 * rates.base:g} % is seen too rarely: {said}; {WANTED:.0%} is wanted, so "
        "bake longer or give these steps more traffic (`tidegate plan` shows what each step sees)"
    )


def _late(plan: RolloutPlan, rates: Rates) -> Iterator[str]:
    for step, pace in zip(plan.steps, paces(plan, rates.requests), strict=True):
        if not pace.reachable:
            yield (
                f"the step at {step.weight_percent} % gets {pace.requests * pace.limit:,.0f} candidate "
                f"requests in its longest bake and needs {step.min_requests:,}"
            )
