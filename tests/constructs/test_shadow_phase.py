from dataclasses import replace
from typing import Any

import pytest

from tidegate import RolloutPlan, ShadowPhase
from tidegate._rollout_machine import ROLLOUT_HANDLERS, rollout_definition
from tidegate._states import State
from tidegate_runtime.plan import Plan
from tidegate_runtime.plan import ShadowPhase as Read

SHADOW = ShadowPhase(traffic_percent=50, min_bake_seconds=300, max_bake_seconds=900, min_requests=1_000)
PLAN = RolloutPlan.canary()


def machine(*, shadow: bool) -> State:
    return rollout_definition(
        {name: f"arn:{name}" for name in ROLLOUT_HANDLERS if name != "try_samples"},
        rollback_arn="arn:rollback",
        start_execution="arn:start",
        bakes_seconds=600,
        shadow=shadow,
    )


def routes(states: Any, name: str) -> dict[str, str]:
    return {one["StringEquals"]: one["Next"] for one in states[f"{name}Status"]["Choices"]}


def test_the_handlers_read_the_phase() -> None:
    assert Plan.from_json(replace(PLAN, shadow=SHADOW).to_json()).shadow == Read(
        traffic_percent=50, min_bake_seconds=300, max_bake_seconds=900, min_requests=1_000
    )


def test_a_plan_without_the_phase_does_not_mention_it() -> None:
    assert "shadow" not in PLAN.to_json()
    assert Plan.from_json(PLAN.to_json()).shadow is None


def test_the_phase_counts_to_the_time_that_a_rollout_may_take() -> None:
    shadowed = replace(PLAN, shadow=SHADOW)
    assert shadowed.max_seconds == PLAN.max_seconds + 900
    before, after = (Plan.from_json(plan.to_json()).longest_seconds for plan in (PLAN, shadowed))
    assert after == before + 900


def test_rejects_an_impossible_phase_with_all_its_faults() -> None:
    bad = ShadowPhase(traffic_percent=101, min_bake_seconds=9, max_bake_seconds=8, min_requests=0)
    with pytest.raises(
        ValueError,
        match=r"shadow.max_bake.*shadow.min_requests.*shadow.traffic_percent must be 1 to 100, got 101",
    ):
        replace(PLAN, shadow=bad)


def test_a_shadow_is_judged_before_anything_shifts_and_then_prepared_as_a_candidate() -> None:
    states = machine(shadow=True)["States"]
    assert routes(states, "Prepare") == {"WAIT": "PrepareWait", "DONE": "Shift", "MIRRORED": "JudgeWait"}
    assert routes(states, "Judge")["SHADOWED"] == "Prepare"


def test_a_machine_without_the_phase_knows_nothing_of_it() -> None:
    states = machine(shadow=False)["States"]
    assert not {"MIRRORED", "SHADOWED"} & {*routes(states, "Prepare"), *routes(states, "Judge")}


def test_the_machine_with_a_shadow_has_no_state_more() -> None:
    assert set(machine(shadow=True)["States"]) == set(machine(shadow=False)["States"])
