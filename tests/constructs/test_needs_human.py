import json
from typing import Any

import pytest

from tidegate import NeedsHuman, RolloutPlan
from tidegate_runtime.plan import Plan
from tidegate_runtime.plan_needs_human import ON_DEADLINE
from tidegate_runtime.plan_needs_human import NeedsHuman as AtRunTime


def test_the_functions_read_what_the_plan_says() -> None:
    policy = NeedsHuman(remind_hours=2, deadline_hours=8, on_deadline="keep")
    written: dict[str, Any] = {"remind_hours": 2, "deadline_hours": 8, "on_deadline": "keep"}
    plan = RolloutPlan(
        steps=RolloutPlan.canary().steps,
        watch=RolloutPlan.canary().watch,
        signals=RolloutPlan.canary().signals,
        needs_human=policy,
    )
    assert json.loads(plan.to_json())["needs_human"] == written
    assert Plan.from_json(plan.to_json()).needs_human == AtRunTime(**written)


def test_without_a_policy_nothing_is_written_and_both_sides_mean_the_same() -> None:
    assert "needs_human" not in json.loads(RolloutPlan.canary().to_json())
    usual, read = NeedsHuman(), Plan.from_json(RolloutPlan.canary().to_json()).needs_human
    for field in NeedsHuman.__dataclass_fields__:
        assert getattr(usual, field) == getattr(read, field)
    assert usual.on_deadline in ON_DEADLINE


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"remind_hours": 0}, "remind_hours must be 1 to 336, got 0"),
        ({"deadline_hours": 3}, r"deadline_hours must be remind_hours \(4\) to 336, got 3"),
        ({"deadline_hours": 337}, "got 337"),
        ({"on_deadline": "hope"}, "on_deadline must be one of .*roll_back.*keep.*, got 'hope'"),
        ({"remind_hours": 0, "on_deadline": "hope"}, "got 0.*got 'hope'"),
    ],
)
def test_rejects_a_policy_that_cannot_be_kept(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NeedsHuman(**changes)
