"""Which rollout plans SageMaker's own guardrails can carry out, and why not the others."""

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, Final

from tidegate._compatibility_guardrail import Guardrail, check_guardrail
from tidegate._metric_facts import INVOCATIONS, METRICS
from tidegate._rulebook_guardrails import EXECUTION_TIMEOUT_SECONDS, MOST_ALARMS, STEP_PERCENT
from tidegate.compatibility_numbers import refusal

if TYPE_CHECKING:
    from tidegate.rollout_plan import RolloutPlan
    from tidegate.signal import Signal

ALARM_PERIOD_SECONDS: Final = 60
MOST_LOOKS: Final = 2_000
"""Looks of the judge that fit into the one execution: each writes ten events, and 25,000 is the end."""
_MOST_DATAPOINTS: Final = 3

# Beside the bakes: instances start, models load, the old fleet ends.
_UPDATES_SECONDS: Final = 2 * 3600

_STEP: Final = ("weight_percent", "min_bake_seconds", "max_bake_seconds", "min_requests")
_PLAN: Final = (
    *("steps", "watch", "signals", "backend", "candidate_instances"),
    *("bucket_seconds", "settle_seconds", "alpha", "alpha_promote", "promote_margin"),
    "rollback_hold_seconds",
    "needs_human",
)


def guardrails_faults(plan: "RolloutPlan") -> Iterator[str]:
    """Yield every reason why SageMaker cannot carry a plan out, with the rule and AWS's page."""
    policy = policy_of(plan)
    if policy is None:
        shares = [step.weight_percent for step in plan.steps]
        canary, (least, most) = STEP_PERCENT["canary"][1], STEP_PERCENT["linear"]
        yield refusal(
            "guardrail-plan-steps",
            f"steps must be one of 100 %, two of which the first is at most {canary} %, or equal ones of "
            f"{least} to {most} %, got {shares}",
        )
    else:
        yield from (str(finding) for finding in check_guardrail(policy, []))
    yield from _bakes(plan)
    looks = plan.watch.max_bake_seconds // max(plan.bucket_seconds, 1)
    if looks > MOST_LOOKS:
        yield f"the watch of a plan by guardrails must last at most {MOST_LOOKS} buckets, got {looks}"
    yield from _comparisons(plan)
    yield from _signals(plan.signals, bake_seconds=bake_seconds(plan))
    for index, step in enumerate(plan.steps):
        for name in _given(step, known=_STEP):
            yield _own(f"steps[{index}].{name}")
    for name in _given(plan, known=_PLAN):
        if not name.startswith("on_"):
            yield _own(name)


def samples_faults(plan: "RolloutPlan", *, sampled: bool) -> list[str]:
    """Return why a plan's new version cannot be asked declared samples before it gets traffic."""
    return [_own("samples")] if sampled and plan.is_by_guardrails else []


def policy_of(plan: "RolloutPlan") -> Guardrail | None:
    """Return SageMaker's policy for a plan, without its alarms; None when it has none for these shares."""
    shares = [step.weight_percent for step in plan.steps]
    bake = bake_seconds(plan)
    timeout = min(EXECUTION_TIMEOUT_SECONDS[1], len(shares) * bake + _UPDATES_SECONDS)
    if shares == [100]:
        return Guardrail(kind="all-at-once", wait_seconds=bake, timeout_seconds=timeout)
    first = shares[0] if shares else 0
    if len(shares) == 2 and 1 <= first <= STEP_PERCENT["canary"][1] and shares[1] == 100:
        return Guardrail(kind="canary", size=first, wait_seconds=bake, timeout_seconds=timeout)
    least, most = STEP_PERCENT["linear"]
    if least <= first <= most and shares == [*range(first, 100, first), 100]:
        return Guardrail(kind="linear", size=first, wait_seconds=bake, timeout_seconds=timeout)
    return None


def bake_seconds(plan: "RolloutPlan") -> int:
    """Return how long SageMaker bakes after each step: the one bake that all steps have."""
    return plan.steps[0].min_bake_seconds if plan.steps else 0


def datapoints(bake: int) -> int:
    """Return how many minutes in a row must be bad before an alarm goes off within a bake."""
    return max(1, min(_MOST_DATAPOINTS, bake // ALARM_PERIOD_SECONDS))


def alarm_name(signal: "Signal") -> str:
    """Return the short name of a signal's alarm: names of alarms have no underscores."""
    return signal.name.replace("_", "-")


def alarm_names(plan: "RolloutPlan", *, endpoint_name: str, variant: str) -> list[str]:
    """Return the names that an endpoint's stack gives to the alarms of `deployment_guardrails`."""
    return [f"{endpoint_name}-new-fleet-{variant}-{alarm_name(signal)}" for signal in plan.signals]


def _bakes(plan: "RolloutPlan") -> Iterator[str]:
    bakes = [step.min_bake_seconds for step in plan.steps]
    if len(set(bakes)) > 1:
        yield refusal("guardrail-plan-bake", f"all steps must have the same bake, got {bakes} s")
    for index, step in enumerate(plan.steps):
        where = f"steps[{index}]"
        if step.max_bake_seconds != step.min_bake_seconds:
            yield refusal(
                "guardrail-plan-bake",
                f"{where}.max_bake_seconds must be min_bake_seconds ({step.min_bake_seconds}), "
                f"got {step.max_bake_seconds}",
            )
        if step.min_requests != 0:
            yield refusal(
                "guardrail-plan-bake",
                f"{where}.min_requests must be 0, got {step.min_requests}: ask for requests in the watch",
            )


def _comparisons(plan: "RolloutPlan") -> Iterator[str]:
    if plan.candidate_instances is not None:
        yield refusal(
            "guardrail-plan-candidate",
            f"candidate_instances must be left out, got {plan.candidate_instances}",
        )
    for signal in plan.signals:
        if signal.max_ratio != 1.0:
            yield refusal(
                "guardrail-plan-candidate",
                f"max_ratio of signal {signal.name!r} must be left out, got {signal.max_ratio:g}",
            )


def _signals(signals: Sequence["Signal"], *, bake_seconds: int) -> Iterator[str]:
    if len(signals) > MOST_ALARMS:
        yield refusal(
            "guardrail-alarms", f"signals must be at most {MOST_ALARMS}, one alarm each, got {len(signals)}"
        )
    names = [alarm_name(signal) for signal in signals]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield refusal("guardrail-alarm-names", f"signals must differ in alarm name, got {name!r} twice")
    for signal in signals:
        fact = METRICS.get(signal.metric)
        if fact is None or fact.namespace != INVOCATIONS or not fact.per_variant:
            yield refusal(
                "guardrail-alarm-fleet",
                f"metric {signal.metric!r} of signal {signal.name!r} cannot see the new fleet only",
            )
    if bake_seconds < ALARM_PERIOD_SECONDS:
        yield refusal(
            "guardrail-alarm-slow",
            f"min_bake_seconds must be at least {ALARM_PERIOD_SECONDS}, the period of an alarm, "
            f"got {bake_seconds}",
        )


def _given(value: Any, *, known: Sequence[str]) -> Iterator[str]:
    """Yield what a step or a plan has beyond what guardrails understand."""
    for field in fields(value):
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if field.name not in known and getattr(value, field.name) != default:
            yield field.name


def _own(name: str) -> str:
    return refusal("guardrail-plan-own", f"{name} does not go with guardrails")
