"""The plan in the judge's words."""

import math
from typing import cast

from tidegate_runtime.judge.config import JudgeConfig, Requirement, Signal
from tidegate_runtime.judge.contest_rule import Better, ContestRule, OnNoDifference
from tidegate_runtime.judge.evidence import Evidence
from tidegate_runtime.plan import Bake, Plan, Step
from tidegate_runtime.plan_contest import Contest
from tidegate_runtime.state import RunState


def judge_config(plan: Plan, *, paired: bool = False) -> JudgeConfig:
    """Return what is watched, and how sure the judge must be.

    Args:
        plan: The plan.
        paired: Whether the candidate gets copies of live's own requests.

    """
    return JudgeConfig(
        signals=tuple(
            Signal(signal.name, signal.metric, signal.max_ratio, signal.max_rate) for signal in plan.signals
        ),
        alpha=plan.alpha,
        alpha_promote=plan.alpha_promote,
        promote_margin=plan.promote_margin,
        paired=paired,
    )


def requirement(bake: Bake, *, bucket_seconds: int, paused_seconds: float = 0.0) -> Requirement:
    """Return the evidence that a phase needs.

    Args:
        bake: The phase.
        bucket_seconds: Length of a bucket.
        paused_seconds: How long the phase has waited for people, gates and hooks: time that does not count
            against its longest bake.

    """
    return Requirement(
        min_requests=bake.min_requests,
        min_seconds=bake.min_bake_seconds,
        max_seconds=bake.max_bake_seconds + math.ceil(paused_seconds),
        bucket_seconds=bucket_seconds,
    )


def contest_rule(contest: Contest, plan: Plan) -> ContestRule:
    """Return what a contest is about."""
    return ContestRule(
        better=cast("Better", contest.better),
        alpha=contest.alpha if contest.alpha is not None else plan.alpha,
        floor_percent=contest.floor_percent,
        reweigh_seconds=contest.reweigh_seconds,
        on_no_difference=cast("OnNoDifference", contest.on_no_difference),
    )


def begun(evidence: Evidence, step: Step, *, share_percent: int) -> Evidence:
    """Return the evidence at the start of a step."""
    return evidence.begin_step(contest_percent=None if step.contest is None else share_percent)


def evidence_of(state: RunState, config: JudgeConfig) -> Evidence:
    """Return the evidence in the state, empty before the first step."""
    return Evidence.empty(config) if state.evidence is None else Evidence.from_json(state.evidence, config)


def until_readable(plan: Plan, *, cursor: int, now: float) -> int:
    """Return the seconds until the bucket at the cursor has settled; a bucket's length when it is late."""
    left = cursor + plan.bucket_seconds + plan.settle_seconds - now
    return math.ceil(left) if left > 0 else plan.bucket_seconds
