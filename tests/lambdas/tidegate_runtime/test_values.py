"""Plan, state, names and times."""

import json
from typing import Any

import pytest

from tests.lambdas.fakes.plans import DOCUMENT, PLAN
from tidegate import RolloutPlan
from tidegate_runtime.clock import next_boundary
from tidegate_runtime.errors import PlanInvalid
from tidegate_runtime.naming import content_name
from tidegate_runtime.plan import Plan
from tidegate_runtime.rollback_state import RollbackState
from tidegate_runtime.state import Baseline, Candidate, RunState, Suspended

STATE = RunState(
    rollout_id="v2",
    model_package_arn="arn",
    baseline=Baseline(
        config_name="c", model_name="m", package_arn="p", instances=2, instance_type="t", scaling=Suspended()
    ),
    candidate=Candidate(model_name="m", config_name="c", instances=2, live_instances=2),
    evidence={"seen": [[0, 60]]},
)


def test_the_state_survives_its_way_through_a_state_machine() -> None:
    assert RunState.from_dict(json.loads(json.dumps(STATE.to_dict()))) == STATE


def test_the_rollbacks_state_survives_its_way_through_a_state_machine() -> None:
    rollback = RollbackState(rollout_id="v2", state=STATE, zero_since=1.5)
    assert RollbackState.from_dict(json.loads(json.dumps(rollback.to_dict()))) == rollback


def test_what_the_machine_adds_to_the_state_is_no_fault() -> None:
    assert RunState.from_dict({"rollout_id": "v2", "model_package_arn": "a", "rollback_error": {}}).step == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": []}, "steps must grow"),
        ({"steps": [DOCUMENT["steps"][0]]}, "steps must grow"),
        ({"signals": []}, "signals must not be empty"),
        ({"on_no_data": "hope"}, "on_no_data must be one of"),
        ({"on_both_bad": "hope"}, "on_both_bad must be one of"),
        ({"needs_human": {"deadline_hours": 0}}, "needs_human: hours must be at least 1"),
        ({"needs_human": {"on_deadline": "hope"}}, "needs_human.on_deadline must be one of"),
        ({"bucket_seconds": 0}, "bucket_seconds must be at least 1, got 0"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_rejects_a_plan_that_cannot_be_used(change: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanInvalid, match=message):
        Plan.from_json(json.dumps(DOCUMENT | change))


def test_rejects_a_plan_without_a_watch() -> None:
    with pytest.raises(PlanInvalid, match="watch"):
        Plan.from_json(json.dumps({key: value for key, value in DOCUMENT.items() if key != "watch"}))


def test_the_plan_of_the_constructs_is_read_as_it_is_written() -> None:
    written = RolloutPlan.canary(percent=5)
    assert Plan.from_json(written.to_json()).steps[0].weight_percent == 5


def test_a_rollout_may_last_all_its_bakes_and_four_hours() -> None:
    assert PLAN.longest_seconds == 3 * 600 + 4 * 3600


@pytest.mark.parametrize("prefix", ["digits", "d" * 80, "d" * 46 + "-x", "digits-"])
def test_names_are_valid_for_sagemaker(prefix: str) -> None:
    name = content_name(prefix, {"a": 1})
    assert len(name) <= 63
    assert "--" not in name


def test_a_name_depends_on_the_content_and_not_on_its_order() -> None:
    assert content_name("x", {"a": 1, "b": 2}) == content_name("x", {"b": 2, "a": 1})
    assert content_name("x", {"a": 1}) != content_name("x", {"a": 2})


@pytest.mark.parametrize(("now", "boundary"), [(120.0, 120), (120.1, 180), (179.9, 180)])
def test_a_bucket_that_has_begun_does_not_count(now: float, boundary: int) -> None:
    assert next_boundary(now, bucket_seconds=60) == boundary


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (
            'UpdateRolledBack: {"errorMessage": "back on v1", "stackTrace": ["..."]}',
            "UpdateRolledBack: back on v1",
        ),
        ("model_errors: 5 of 102 candidate requests", "model_errors: 5 of 102 candidate requests"),
        ("States.Timeout: ", "States.Timeout: "),
        ('Odd: ["no", "message"]', 'Odd: ["no", "message"]'),
    ],
)
def test_a_failed_function_is_told_by_its_message_without_its_stack_trace(reason: str, told: str) -> None:
    assert RollbackState.from_dict({"rollout_id": "v2", "reason": reason}).reason == told
