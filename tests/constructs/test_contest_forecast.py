from dataclasses import replace
from statistics import median

import numpy as np
import pytest

from benchmarks.contest_error_rates import World, contest
from tidegate import Contest, RolloutPlan
from tidegate.contest_forecast import _MORE, ContestForecast, Rewards, contest_forecast
from tidegate_runtime.judge.contest_tests import MORE

PLAN = RolloutPlan.stepped(percents=(5, 50, 100), bake_seconds=3600)


def forecast(
    ratio: float, *, floor: int | None = None, delay: float = 0, alpha: float = 0.05
) -> ContestForecast:
    contest = Contest(metric="P", namespace="S", alpha=alpha, floor_percent=floor, reward_delay_minutes=delay)
    steps = (PLAN.steps[0], replace(PLAN.steps[1], contest=contest), PLAN.steps[2])
    found = contest_forecast(
        replace(PLAN, steps=steps), Rewards(rate=0.05, ratio=ratio), requests_per_second=2_000 / 60
    )
    assert found is not None
    return found


def test_the_alternatives_are_those_of_the_judge() -> None:
    assert _MORE == MORE


@pytest.mark.parametrize("ratio", [1.2, 1.5, 0.7])
def test_half_of_the_simulated_contests_end_by_then(ratio: float) -> None:
    random = np.random.default_rng(3)
    ended = [contest(World(ratio=ratio), random, alpha=0.05) for _ in range(80)]
    assert median(one.requests for one in ended) == pytest.approx(
        forecast(ratio).requests_needed, rel=0.3, abs=2_000
    )


def test_a_smaller_difference_takes_longer() -> None:
    needed = [forecast(ratio).requests_needed for ratio in (2, 1.5, 1.2, 1.1, 1.05, 1.02, 1.001)]
    assert needed == sorted(needed)


def test_what_is_waited_for_is_counted() -> None:
    assert forecast(1.1, delay=30).seconds - forecast(1.1).seconds == 1_800


def test_no_contest_ends_before_its_shortest_bake() -> None:
    assert forecast(4).seconds == 3_600 + PLAN.settle_seconds


def test_a_contest_that_is_too_short_is_told() -> None:
    assert forecast(1.5).fits
    assert not forecast(1.02).fits


def test_a_bandit_is_told_apart_from_a_split_that_stays() -> None:
    assert (forecast(1.1, floor=10).moves, forecast(1.1).moves) == (True, False)


def test_a_plan_without_a_contest_has_no_forecast() -> None:
    assert contest_forecast(PLAN, Rewards(rate=0.1, ratio=2), requests_per_second=1) is None


@pytest.mark.parametrize(("rate", "ratio"), [(0, 1.1), (0.1, 1), (0.1, 0)])
def test_rejects_rewards_that_show_nothing(rate: float, ratio: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        Rewards(rate=rate, ratio=ratio)
