"""Wrong winners by simulation: small, seeded, and able to fail (the last tests show it)."""

import numpy as np
import pytest

from benchmarks.contest_error_rates import NULLS, UNCOVERED, Ended, World, contest
from benchmarks.judge_error_rates import clopper_pearson

ALPHA = 0.1
RUNS = 60


def ended(world: World) -> list[Ended]:
    random = np.random.default_rng(7)
    return [contest(world, random, alpha=ALPHA) for _ in range(RUNS)]


def exceeds_alpha(hits: int) -> bool:
    """Tell whether the true rate is above alpha, with 99.9 % confidence."""
    return clopper_pearson(hits, RUNS, confidence=0.998)[0] > ALPHA


@pytest.mark.parametrize("name", NULLS)
def test_no_arm_wins_against_an_equal_one_more_often_than_alpha(name: str) -> None:
    found = ended(NULLS[name])
    for winner in ("challenger", "champion"):
        assert not exceeds_alpha(sum(one.winner == winner for one in found)), winner
    assert not exceeds_alpha(sum(one.split_is_wrong for one in found))


@pytest.mark.parametrize("name", UNCOVERED)
def test_the_check_notices_what_is_not_covered(name: str) -> None:
    found = ended(UNCOVERED[name])
    assert any(
        exceeds_alpha(sum(one.winner == winner for one in found)) for winner in ("challenger", "champion")
    )


@pytest.mark.parametrize("bandit", [False, True])
def test_a_better_challenger_wins_and_a_worse_one_loses(bandit: bool) -> None:
    for ratio, winner in ((1.5, "challenger"), (0.6, "champion")):
        found = ended(World(ratio=ratio, bandit=bandit))
        assert {one.winner for one in found} == {winner}
