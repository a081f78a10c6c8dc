"""The share that a bandit gives to the challenger."""

import math
import time

import pytest

from tidegate_runtime.judge.bandit import best_probability, target_percent
from tidegate_runtime.judge.contest_counts import Counted, Pair, Shares
from tidegate_runtime.judge.special import log_beta, log_incomplete_beta


def counted(*, percent: int = 50, exposed: int = 10_000, rewards: tuple[int, int]) -> Shares:
    return {percent: Counted(exposed=Pair(exposed, exposed), rewards=Pair(*rewards))}


def gamma_probability(live: int, candidate: int, share: float) -> float:
    """Return P(candidate's rate is higher) with Jeffreys' priors of two Poisson rates, in closed form."""
    a, b = candidate + 0.5, live + 0.5
    return math.exp(log_incomplete_beta(b, a, x=1 - share, y=share) - log_beta(a, b))


@pytest.mark.parametrize(
    ("live", "candidate", "percent"),
    [(500, 520, 50), (500, 560, 50), (900, 90, 10), (100, 950, 90), (2_000, 1_900, 50)],
)
def test_under_one_share_it_is_the_probability_by_two_gamma_posteriors(
    live: int, candidate: int, percent: int
) -> None:
    found = best_probability(counted(percent=percent, rewards=(live, candidate)), better="more")
    assert found == pytest.approx(gamma_probability(live, candidate, percent / 100), abs=0.02)


def test_the_probabilities_of_both_arms_add_up_to_one() -> None:
    found = counted(rewards=(100, 130))
    assert best_probability(found, better="more") + best_probability(found, better="fewer") == pytest.approx(
        1
    )


def test_nothing_is_known_before_the_first_reward() -> None:
    assert best_probability({}, better="more") == 0.5
    assert best_probability(counted(rewards=(7, 7)), better="more") == pytest.approx(0.5)


@pytest.mark.parametrize("rewards", [(10**6, 10**6 + 50_000), (1, 10**6), (10**6, 1), (0, 5)])
def test_extreme_counts_are_no_trouble(rewards: tuple[int, int]) -> None:
    assert 0 <= best_probability(counted(rewards=rewards), better="more") <= 1


@pytest.mark.parametrize(
    ("rewards", "floor", "share"), [((500, 500), 10, 50), ((100, 900), 10, 90), ((900, 100), 20, 20)]
)
def test_the_share_lies_between_the_floors(rewards: tuple[int, int], floor: int, share: int) -> None:
    assert target_percent(counted(rewards=rewards), better="more", floor_percent=floor) == share


def test_the_split_stays_until_each_arm_has_had_a_hundred_requests() -> None:
    few = {50: Counted(exposed=Pair(5_000, 99), rewards=Pair(50, 10))}
    assert target_percent(few, better="more", floor_percent=10) is None
    assert target_percent(counted(rewards=(0, 0)), better="more", floor_percent=10) is None


def test_a_good_hour_under_another_split_does_not_move_it() -> None:
    """While the challenger had 90 %, everybody got twice the rewards: the pooled rates would favour it."""
    shares = {
        10: Counted(exposed=Pair(9_000, 1_000), rewards=Pair(900, 100)),
        90: Counted(exposed=Pair(1_000, 9_000), rewards=Pair(200, 1_800)),
    }
    assert target_percent(shares, better="more", floor_percent=10) == 50


def test_a_decision_over_every_share_takes_less_than_50_ms_of_cpu() -> None:
    shares = {percent: counted(rewards=(10**5, 10**5))[50] for percent in range(1, 100)}
    least = math.inf
    for _ in range(5):
        begun = time.process_time()
        best_probability(shares, better="more")
        least = min(least, time.process_time() - begun)
    assert least < 0.05
