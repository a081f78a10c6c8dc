"""How long a rollout can last that an action of a pipeline follows."""

from dataclasses import replace
from typing import Any

import pytest

from tidegate import Gate, NeedsHuman, RolloutPlan
from tidegate._followed import follow_faults

SHORT = RolloutPlan.canary(percent=10, bake_seconds=600, min_requests=100)
HOOK = "arn:aws:lambda:us-east-1:000000000000:function:warm-caches"


def test_a_plan_of_hours_is_followed_to_its_end() -> None:
    assert list(follow_faults(SHORT)) == []


def test_rejects_bakes_of_more_than_a_day() -> None:
    long = RolloutPlan.canary(percent=10, bake_seconds=5 * 3600, min_requests=100)
    (fault,) = follow_faults(long)
    assert fault.startswith(
        "a rollout can last 90 h (bakes 90 h), and a pipeline follows it for at most 24 h ("
    )


def test_rejects_gates_that_wait_a_day_beside_the_bakes() -> None:
    first, last = SHORT.steps
    gated = replace(first, gate=Gate.manual(max_wait_seconds=24 * 3600), before=HOOK)
    (fault,) = follow_faults(replace(SHORT, steps=(gated, last)))
    assert "gates and hooks 25 h" in fault


@pytest.mark.parametrize("field", ["on_inconclusive", "on_no_data", "on_both_bad"])
def test_rejects_a_wait_for_a_human_that_may_outlast_the_action(field: str) -> None:
    changes: dict[str, Any] = {field: "needs_human"}
    (fault,) = follow_faults(replace(SHORT, **changes))
    assert "a human's deadline 24 h" in fault


def test_a_human_who_is_waited_for_shortly_is_no_fault() -> None:
    human = NeedsHuman(remind_hours=1, deadline_hours=4)
    assert list(follow_faults(replace(SHORT, on_inconclusive="needs_human", needs_human=human))) == []
