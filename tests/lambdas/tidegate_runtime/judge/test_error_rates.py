"""Error rates by simulation: small, seeded, and able to fail (the last test of each pair shows it)."""

import math

import numpy as np
import pytest

from benchmarks.judge_error_rates import NULL_WORLDS, World, clopper_pearson, requests_until_failed

ALPHA = 0.05
RUNS = 250


def alarms(world: World) -> int:
    random = np.random.default_rng(7)
    return sum(requests_until_failed(world, random, alpha=ALPHA) is not None for _ in range(RUNS))


def exceeds_alpha(hits: int) -> bool:
    """Tell whether the true rate of false alarms is above alpha, with 99.9 % confidence."""
    return clopper_pearson(hits, RUNS, confidence=0.998)[0] > ALPHA


@pytest.mark.parametrize("name", NULL_WORLDS)
def test_an_equal_candidate_is_failed_no_more_often_than_alpha(name: str) -> None:
    assert not exceeds_alpha(alarms(NULL_WORLDS[name]))


@pytest.mark.parametrize("world", [World(ratio=1.3), World(burst=5)])
def test_the_check_would_notice_a_judge_that_alarms_too_often(world: World) -> None:
    assert exceeds_alpha(alarms(world))


def test_a_threefold_error_rate_is_found_after_about_1130_requests() -> None:
    random = np.random.default_rng(7)
    found = [requests_until_failed(World(ratio=3.0), random, alpha=0.01) for _ in range(200)]
    assert 800 <= float(np.median([math.inf if r is None else r for r in found])) <= 1_500


def test_a_twofold_error_rate_is_found_after_about_3537_requests() -> None:
    random = np.random.default_rng(7)
    found = [requests_until_failed(World(ratio=2.0), random, alpha=0.01) for _ in range(200)]
    assert 2_500 <= float(np.median([math.inf if r is None else r for r in found])) <= 4_600


@pytest.mark.parametrize(
    ("hits", "runs", "low", "high"),
    [
        (0, 10, 0.0, 0.3084971),
        (1, 10, 0.0025286, 0.4450161),
        (5, 10, 0.1870860, 0.8129140),
        (10, 10, 0.6915029, 1),
    ],
)
def test_clopper_pearson_has_the_tabulated_ends(hits: int, runs: int, low: float, high: float) -> None:
    assert clopper_pearson(hits, runs) == pytest.approx((low, high), abs=1e-6)
