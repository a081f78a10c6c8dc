"""What comes next in a rollout, and how long its step may still take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from tidegate_cli.operator.direct import is_direct
from tidegate_cli.operator.ledger import RUNNING, LogEntry, Run

_NEXT: Final[Mapping[str, str]] = {
    "STARTED": "the checks, before anything is touched",
    "CHECKED": "the candidate's instances start beside live, without traffic",
    "SHADOWING": "evidence on copies of requests",
    "SHADOWED": "the shadow becomes a candidate, without traffic",
    "PREPARED": "the first traffic for the candidate, after declared samples if there are any",
    "SAMPLED": "the first traffic for the candidate, once all samples are answered",
    "SHIFTED": "evidence at this share",
    "REWEIGHED": "evidence at this share",
    "PROMOTING": "the stack makes this version the live one",
    "HOOK_DONE": "one more look at the evidence",
    "HOOK_FAILED": "the rollback",
    "PROMOTED": "a watch over the promoted version",
    "WATCHED": "the end",
    "ROLLBACK_REQUESTED": "weight 0 at the first moment the endpoint accepts it",
    "WEIGHT_ZERO": "the endpoint goes back to the stack's own config",
    "CLEANED_UP": "the end",
}
_BEGINS: Final = ("SHADOWING", "SHADOWED", "SHIFTED", "PROMOTED", "PROMOTING", "ROLLBACK_REQUESTED")
"""What begins a phase, or the time between two."""
_BEFORE_OTHERS: Final = ("SHADOWING", "SHIFTED")
_NEXT_DIRECT: Final[Mapping[str, str]] = {
    "CHECKED": "the stack makes this version the live one",
    "PROMOTING": "SageMaker moves the traffic, and the stack's update ends",
    "ROLLBACK_REQUESTED": "the version before goes live again, once SageMaker and the stack take changes",
}
# As the guardrails' time-out is made from the plan.
_UPDATES_SECONDS: Final = 2 * 3600.0
_LONGEST_SECONDS: Final = 8 * 3600.0

_AFTER_VERDICT: Final[Mapping[str, str]] = {
    "CONTINUE": "more evidence at this share",
    "FAIL": "the rollback",
    "INCONCLUSIVE": "what the plan says about inconclusive evidence",
    "BOTH_BAD": "what the plan says about a live version that is in trouble as well",
    "NO_DATA": "what the plan says about missing data",
    "GATE_REJECTED": "the rollback",
    "GATE_TIMED_OUT": "what the plan says about a gate that nobody opens",
    "NO_DIFFERENCE": "what the contest says about no difference",
    "REWEIGH": "another split of the traffic",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLeft:
    """Bounds on what is left, in seconds of the controller's clock."""

    at_least: float
    at_most: float

    @classmethod
    def of_step(cls, run: Run, plan: Mapping[str, Any] | None, *, now: float) -> Self | None:
        """Return the bounds on the rest of the step; None outside a step, and without a plan."""
        begun = run.last(*_BEGINS)
        if plan is not None and begun is not None and begun.kind == "PROMOTING" and run.status == RUNNING:
            return cls._of_guardrails(plan, elapsed=now - begun.at)
        requirement = None if plan is None or begun is None else _requirement(plan, begun)
        if requirement is None or begun is None or run.status != RUNNING:
            return None
        elapsed = now - begun.at
        return cls(
            at_least=max(0.0, float(requirement["min_bake_seconds"]) - elapsed),
            at_most=max(0.0, float(requirement["max_bake_seconds"]) - elapsed),
        )

    @classmethod
    def _of_guardrails(cls, plan: Mapping[str, Any], *, elapsed: float) -> Self | None:
        """Return the bounds on SageMaker's part: all bakes, and two hours for its updates."""
        if plan.get("backend") != "guardrails":
            return None
        bakes = float(sum(step["min_bake_seconds"] for step in plan["steps"]))
        longest = min(bakes + _UPDATES_SECONDS, _LONGEST_SECONDS)
        return cls(at_least=max(0.0, bakes - elapsed), at_most=max(0.0, longest - elapsed))

    @classmethod
    def after_step(cls, run: Run, plan: Mapping[str, Any] | None) -> Self | None:
        """Return the bounds on later steps and watch, without the endpoint's updates; None as above."""
        begun = run.last(*_BEGINS)
        if plan is None or begun is None or begun.kind not in _BEFORE_OTHERS or run.status != RUNNING:
            return None
        passed = int(begun.body["step"]) + 1 if begun.kind == "SHIFTED" else 0
        later = [*plan["steps"][passed:], plan["watch"]]
        return cls(
            at_least=float(sum(each["min_bake_seconds"] for each in later)),
            at_most=float(sum(each["max_bake_seconds"] for each in later)),
        )


def what_is_next(run: Run, plan: Mapping[str, Any] | None) -> str:
    """Say in a few words what the controller does next."""
    entry = run.last(*_NEXT, "JUDGED")
    if run.status == "NEEDS_HUMAN" and run.body.get("resolved_at"):
        return "nothing: a deploy has taken the decision"
    if run.status == "NEEDS_HUMAN":
        return "a decision by a human: abort, or approve again"
    if run.status != RUNNING:
        return "nothing: the rollout has ended"
    if entry is None:
        return _NEXT["STARTED"]
    if entry.kind != "JUDGED":
        return (_NEXT_DIRECT if is_direct(run) else _NEXT).get(entry.kind, _NEXT[entry.kind])
    verdict = str(entry.body.get("verdict", "CONTINUE"))
    return _after_pass(entry, plan) if verdict == "PASS" else _AFTER_VERDICT.get(verdict, verdict)


def _after_pass(entry: LogEntry, plan: Mapping[str, Any] | None) -> str:
    if entry.body.get("phase") == "WATCHING":
        return "the end"
    if entry.body.get("phase") == "SHADOWING":
        return _NEXT["SHADOWED"]
    following = int(entry.body.get("step", 0)) + 1
    steps = plan["steps"] if plan is not None else []
    if not steps:
        return "the next step, or the promotion"
    if following >= len(steps):
        return "the promotion through the stack"
    return f"{steps[following]['weight_percent']} % of the traffic"


def _requirement(plan: Mapping[str, Any], begun: LogEntry) -> Mapping[str, Any] | None:
    if begun.kind == "PROMOTED":
        watch: Mapping[str, Any] = plan["watch"]
        return watch
    if begun.kind == "SHADOWING":
        shadow: Mapping[str, Any] | None = plan.get("shadow")
        return shadow
    if begun.kind != "SHIFTED":
        return None
    step: Mapping[str, Any] = plan["steps"][int(begun.body["step"])]
    return step
