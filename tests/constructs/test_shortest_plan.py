from dataclasses import replace
from typing import Final

import pytest

from tests.constructs.simulated_rollout import Simulation
from tidegate import DeclaredTraffic, RolloutPlan
from tidegate.rollout_forecast import forecast
from tidegate.shortest_plan import Risk, kept, laddered, ladders, shortest_plan

BASIS: Final = replace(RolloutPlan.canary(), alpha=0.02, settle_seconds=30)
TRAFFIC: Final = DeclaredTraffic(requests_per_second=50, base_error_rate=0.005, ratio=3)


@pytest.mark.parametrize(
    "risk",
    [
        Risk(detect_probability=0.9),
        Risk(bad_answers=40),
        Risk(detect_probability=0.95, bad_answers=60),
    ],
)
def test_the_plan_keeps_the_stated_risk_by_its_own_forecast(risk: Risk) -> None:
    expected = forecast(shortest_plan(BASIS, TRAFFIC, risk), TRAFFIC, alone=False)
    assert kept(risk, expected)
    assert expected.healthy_promoted > 0.95


def test_the_judge_that_ships_sees_as_often_under_it() -> None:
    plan = shortest_plan(BASIS, TRAFFIC, Risk(detect_probability=0.9))
    ended = Simulation(plan=plan, traffic=TRAFFIC).run(300)
    # 0.85 is three standard deviations below 0.9.
    assert sum(one.verdict == "FAIL" for one in ended) / 300 > 0.85


def test_no_plan_of_the_family_is_shorter() -> None:
    risk = Risk(detect_probability=0.9)
    found = shortest_plan(BASIS, TRAFFIC, risk)
    bake = found.steps[0].min_bake_seconds
    phases = len(found.steps) + 1
    shorter = [
        laddered(BASIS, TRAFFIC, shares, looks)
        for shares in ladders()
        for looks in range(1, bake // 60 + 3)
        if (len(shares) + 2) * (60 * looks + 60) < phases * (bake + 60)
    ]
    assert len(shorter) > 20
    assert not any(kept(risk, forecast(plan, TRAFFIC, alone=False)) for plan in shorter)


def test_the_family_has_41_ladders() -> None:
    assert len(set(ladders())) == 41
    assert all(0 < len(shares) <= 3 and list(shares) == sorted(set(shares)) for shares in ladders())


def test_it_keeps_everything_but_steps_and_watch() -> None:
    found = shortest_plan(BASIS, TRAFFIC, Risk(detect_probability=0.9))
    assert replace(found, steps=BASIS.steps, watch=BASIS.watch) == BASIS


def test_a_smaller_risk_never_makes_it_shorter() -> None:
    spans = [
        forecast(shortest_plan(BASIS, TRAFFIC, Risk(bad_answers=most)), TRAFFIC, alone=False).healthy_seconds[
            0
        ]
        for most in (200, 80, 40, 25)
    ]
    assert spans == sorted(spans)


def test_the_last_step_waits_until_a_good_candidate_can_have_its_proof() -> None:
    close = DeclaredTraffic(requests_per_second=20, base_error_rate=0.008, ratio=3)
    found = shortest_plan(BASIS, close, Risk(detect_probability=0.9))
    assert found.steps[-1].max_bake_seconds > 3 * found.steps[-1].min_bake_seconds
    assert forecast(found, close, alone=False).healthy_promoted > 0.95


def test_rejects_a_risk_that_no_plan_keeps() -> None:
    little = DeclaredTraffic(requests_per_second=0.05, base_error_rate=0.001, ratio=2)
    with pytest.raises(LookupError, match=r"no plan keeps this risk at 0\.05 requests a second"):
        shortest_plan(BASIS, little, Risk(detect_probability=0.9))


def test_rejects_a_risk_that_says_nothing() -> None:
    with pytest.raises(ValueError, match="needs bad_answers, detect_probability or both, got neither"):
        Risk()


def test_rejects_a_risk_out_of_range() -> None:
    with pytest.raises(ValueError, match="bad_answers must be above 0, got 0; detect_probability must be"):
        Risk(bad_answers=0, detect_probability=1)
