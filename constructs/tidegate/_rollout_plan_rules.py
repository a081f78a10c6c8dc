"""What is wrong with a rollout plan, whoever carries it out."""

from typing import TYPE_CHECKING, Final

from tidegate.contest_rules import contest_faults

if TYPE_CHECKING:
    from tidegate.rollout_plan import RolloutPlan

BUCKET_SECONDS: Final = (10, 30, 60, 120, 180, 240, 300)
POLICIES: Final = ("roll_back", "needs_human")
ON_BOTH_BAD: Final = ("hold", *POLICIES)
ON_NEW_APPROVAL: Final = ("reject", "queue", "supersede")
ON_LIVE_REJECTED: Final = ("notify", "go_back")
CONTROLLER: Final = "controller"
GUARDRAILS: Final = "guardrails"
HANDLER_TIMEOUT_SECONDS: Final = 60
"""Longest run time of a rollout handler; a rollback holds weight 0 at least this long."""

MAX_DAYS: Final = 30
"""Longest that all phases of a rollout together may bake."""

_DAY: Final = 24 * 3600
_WORDS: Final = {
    "on_inconclusive": POLICIES,
    "on_no_data": POLICIES,
    "on_new_approval": ON_NEW_APPROVAL,
    "on_live_rejected": ON_LIVE_REJECTED,
    "on_both_bad": ON_BOTH_BAD,
    "backend": (CONTROLLER, GUARDRAILS),
}


def plan_faults(plan: "RolloutPlan") -> list[str]:
    """Return every fault of a plan, one sentence each."""
    return [*_step_faults(plan), *_signal_faults(plan), *_number_faults(plan)]


def _step_faults(plan: "RolloutPlan") -> list[str]:
    faults = [] if plan.steps else ["steps must not be empty"]
    before = 0
    for index, step in enumerate(plan.steps):
        where = f"steps[{index}]"
        if not before < step.weight_percent <= 100:
            faults.append(
                f"{where}.weight_percent must be greater than the step before ({before}) "
                f"and at most 100, got {step.weight_percent}"
            )
        before = step.weight_percent
        faults += [f"{where}.{fault}" for fault in step.faults(judged=not plan.is_by_guardrails)]
    if plan.steps and plan.steps[-1].weight_percent != 100:
        faults.append(f"the last step must be 100, got {plan.steps[-1].weight_percent}")
    contests = contest_faults(plan.steps)
    faults += [f"steps[{fault.step}].{fault.field} {fault.message}" for fault in contests]
    shadow = [] if plan.shadow is None else [f"shadow.{fault}" for fault in plan.shadow.faults()]
    return faults + shadow + [f"watch.{fault}" for fault in plan.watch.faults()]


def _signal_faults(plan: "RolloutPlan") -> list[str]:
    faults = [] if plan.signals else ["signals must not be empty"]
    for field in ("name", "metric"):
        values = [getattr(signal, field) for signal in plan.signals]
        twice = sorted({value for value in values if values.count(value) > 1})
        faults += [f"signals must differ in {field}, got {value!r} twice" for value in twice]
    return faults


def _number_faults(plan: "RolloutPlan") -> list[str]:
    checks = {
        f"bucket_seconds must be one of {BUCKET_SECONDS}, got {plan.bucket_seconds}": (
            plan.bucket_seconds in BUCKET_SECONDS
        ),
        f"settle_seconds must be 0 to 900, got {plan.settle_seconds}": 0 <= plan.settle_seconds <= 900,
        f"candidate_instances must be at least 1, got {plan.candidate_instances}": (
            plan.candidate_instances is None or plan.candidate_instances >= 1
        ),
        f"alpha must be above 0 and at most 0.5, got {plan.alpha}": 0 < plan.alpha <= 0.5,
        f"alpha_promote must be above 0 and at most 0.5, got {plan.alpha_promote}": (
            0 < plan.alpha_promote <= 0.5
        ),
        f"promote_margin must be above 1, got {plan.promote_margin}": plan.promote_margin > 1,
        f"rollback_hold_seconds must be at least {HANDLER_TIMEOUT_SECONDS}, the longest handler timeout, "
        f"got {plan.rollback_hold_seconds}": plan.rollback_hold_seconds >= HANDLER_TIMEOUT_SECONDS,
        f"the bakes must sum up to at most {MAX_DAYS} days, got {plan.max_seconds / _DAY:.1f}": (
            plan.max_seconds <= MAX_DAYS * _DAY
        ),
    }
    words = [
        f"{name} must be one of {allowed}, got {getattr(plan, name)!r}"
        for name, allowed in _WORDS.items()
        if getattr(plan, name) not in allowed
    ]
    return [message for message, ok in checks.items() if not ok] + words
