"""What follows from a verdict that is no PASS, and how a bucket is put on record."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from judge.barriers import GATE_REJECTED, GATE_TIMED_OUT
from judge.holds import BOTH_BAD
from judge.measure import contest_of
from tidegate_runtime.judge.counts import Bucket
from tidegate_runtime.plan import Plan
from tidegate_runtime.plan_gates import StepGate
from tidegate_runtime.state import RunState


def policies_of(plan: Plan, state: RunState, gate: StepGate | None) -> Mapping[str, str]:
    """Return the policy for each verdict that has one: `roll_back`, or what asks for a human.

    Args:
        plan: The plan.
        state: The rollout.
        gate: The gate of its step, None without one.

    """
    contest = contest_of(state, plan)
    return {
        "INCONCLUSIVE": plan.on_inconclusive,
        "NO_DATA": plan.on_no_data,
        BOTH_BAD: plan.on_both_bad,
        GATE_REJECTED: "roll_back",
        GATE_TIMED_OUT: gate.on_timeout if gate else "roll_back",
        **({} if contest is None else {"NO_DIFFERENCE": contest.on_no_difference}),
    }


def plain(bucket: Bucket) -> dict[str, Any]:
    """Return a bucket as the ledger keeps it."""
    return {
        "start": bucket.start,
        **{
            name: {"requests": counts.requests, "bad": dict(counts.bad)}
            for name, counts in (("live", bucket.live), ("candidate", bucket.candidate))
        },
        **({} if bucket.rewards is None else {"rewards": asdict(bucket.rewards)}),
    }
