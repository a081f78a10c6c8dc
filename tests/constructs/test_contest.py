import json
from dataclasses import replace
from typing import Any

import pytest

from tidegate import Contest, RolloutPlan
from tidegate_runtime.plan import Plan
from tidegate_runtime.plan_contest import Contest as Read

AB_TEST = Contest(metric="Purchases", namespace="Shop")
BANDIT = replace(AB_TEST, floor_percent=10, reweigh_minutes=30, reward_delay_minutes=5)
PLAN = RolloutPlan.stepped(percents=(5, 50, 100), bake_seconds=3600)


def contested(contest: Contest | None, *, at: int = 1, **changes: Any) -> RolloutPlan:
    steps = list(PLAN.steps)
    steps[at] = replace(steps[at], contest=contest, **changes)
    return replace(PLAN, steps=tuple(steps))


def test_the_handlers_read_what_the_plan_says() -> None:
    parsed = Plan.from_json(contested(BANDIT).to_json())
    assert [step.contest for step in parsed.steps] == [
        None,
        Read(
            metric="Purchases",
            namespace="Shop",
            floor_percent=10,
            reweigh_seconds=1800,
            reward_delay_seconds=300,
        ),
        None,
    ]


def test_the_json_says_only_what_is_not_as_usual() -> None:
    steps = json.loads(contested(AB_TEST).to_json())["steps"]
    assert steps[1]["contest"] == {"metric": "Purchases", "namespace": "Shop"}
    assert "contest" not in steps[0]


@pytest.mark.parametrize("contest", [AB_TEST, BANDIT, replace(AB_TEST, better="fewer", alpha=0.05)])
def test_a_contest_survives_the_way_through_json(contest: Contest) -> None:
    assert Contest.from_dict(json.loads(json.dumps(contest.to_dict()))) == contest


def test_a_bandit_gets_time_for_its_changes_of_the_weights() -> None:
    fixed, moving = contested(AB_TEST), contested(BANDIT)
    # Six hours of half-hours, five minutes each.
    assert moving.max_seconds - fixed.max_seconds == 12 * 300
    run_time = [Plan.from_json(plan.to_json()).longest_seconds for plan in (fixed, moving)]
    assert run_time[1] - run_time[0] == 12 * 300


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metric": ""}, "metric must not be empty"),
        ({"namespace": ""}, "namespace must not be empty"),
        ({"namespace": "AWS/SageMaker"}, "namespace must be one of your own, got 'AWS/SageMaker'"),
        ({"better": "most"}, r"better must be one of \('more', 'fewer'\), got 'most'"),
        ({"alpha": 0.0}, "alpha must be above 0 and at most 0.5, got 0.0"),
        ({"floor_percent": 0}, "floor_percent must be 1 to 49, got 0"),
        ({"floor_percent": 50}, "floor_percent must be 1 to 49, got 50"),
        ({"reweigh_minutes": 60}, "reweigh_minutes needs floor_percent, got 60 without"),
        ({"floor_percent": 10, "reweigh_minutes": 4}, "reweigh_minutes must be at least 5, got 4"),
        ({"reward_delay_minutes": -1}, "reward_delay_minutes must be 0 to 10080, got -1"),
        (
            {"floor_percent": 10, "reward_delay_minutes": 60},
            r"reward_delay_minutes must be below reweigh_minutes \(60\), got 60",
        ),
        ({"on_no_difference": "toss"}, "on_no_difference must be one of .*, got 'toss'"),
    ],
)
def test_rejects_an_impossible_contest(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(AB_TEST, **changes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: contested(AB_TEST, at=2), r"steps\[2\].contest is not possible at 100 %"),
        (lambda: contested(AB_TEST, at=0), r"steps\[0\].contest must stand in the step before the last"),
        (
            lambda: contested(replace(BANDIT, floor_percent=45), weight_percent=30),
            r"steps\[1\].weight_percent must be 45 to 55, between the floors of its contest, got 30",
        ),
        (
            lambda: contested(BANDIT, min_bake_seconds=60, max_bake_seconds=1800),
            r"steps\[1\].max_bake must be longer than reweigh_minutes \(30\), .*; got 30 min",
        ),
        (
            lambda: contested(replace(AB_TEST, reward_delay_minutes=360)),
            r"steps\[1\].max_bake must be longer than reward_delay_minutes \(360\), .*; got 360 min",
        ),
    ],
)
def test_rejects_a_contest_out_of_its_place(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("contest", "message"),
    [
        ({"metric": "Purchases"}, "namespace"),
        ({"metric": "P", "namespace": "S", "better": "most"}, "contest.better must be one of"),
        ({"metric": "P", "namespace": "S", "on_no_difference": "x"}, "contest.on_no_difference must be"),
        ({"metric": "P", "namespace": "S", "floor_percent": 50}, "contest.floor_percent must be 1 to 49"),
        ({"metric": "P", "namespace": "S", "color": "red"}, "color"),
    ],
)
def test_the_handlers_reject_a_contest_they_cannot_hold(contest: dict[str, Any], message: str) -> None:
    from tidegate_runtime.errors import PlanInvalid

    raw = json.loads(PLAN.to_json())
    raw["steps"][1]["contest"] = contest
    with pytest.raises(PlanInvalid, match=message):
        Plan.from_json(json.dumps(raw))


def test_the_handlers_reject_a_contest_out_of_its_place() -> None:
    from tidegate_runtime.errors import PlanInvalid

    raw = json.loads(PLAN.to_json())
    raw["steps"][2]["contest"] = AB_TEST.to_dict()
    with pytest.raises(PlanInvalid, match="only the step before the last may be a contest"):
        Plan.from_json(json.dumps(raw))
