"""Which arm has more rewards: factors, e-values and the interval."""

import math
from itertools import pairwise

import pytest

from tidegate_runtime.judge.contest_counts import Counted, Pair, Shares
from tidegate_runtime.judge.contest_tests import (
    MORE,
    log_e_fewer,
    log_e_more,
    log_ratio,
    log_ratio_interval,
)
from tidegate_runtime.judge.rate_ratio import binomial_log_factor


def rewards(**found: tuple[int, int]) -> Shares:
    """Return counts such as `at50=(live, candidate)`."""
    return {int(name.removeprefix("at")): Counted(rewards=Pair(*pair)) for name, pair in found.items()}


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("tilt", [*MORE, *(-tilt for tilt in MORE)])
def test_a_factor_has_mean_one_over_every_split_of_any_number_of_rewards(share: float, tilt: float) -> None:
    for both in (1, 7, 40):
        mean = math.fsum(
            math.comb(both, mine)
            * share**mine
            * (1 - share) ** (both - mine)
            * math.exp(binomial_log_factor(tilt, share=share, mine=mine, both=both))
            for mine in range(both + 1)
        )
        assert mean == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(("worse", "better"), [(0.02, 0.02), (0.01, 0.02), (0.3, 0.31), (0.0, 0.5)])
def test_a_factor_of_one_request_never_has_a_mean_above_one_for_an_arm_that_is_not_better(
    worse: float, better: float
) -> None:
    """The challenger's requests bring a reward with probability `worse`, the champion's with `better`."""
    for share in (0.05, 0.5, 0.95):
        for tilt in MORE:
            mine = math.exp(binomial_log_factor(tilt, share=share, mine=1, both=1))
            other = math.exp(binomial_log_factor(tilt, share=share, mine=0, both=1))
            mean = share * (worse * mine + 1 - worse) + (1 - share) * (better * other + 1 - better)
            assert mean <= 1 + 1e-12


def test_more_rewards_than_the_share_are_evidence_for_the_challenger_only() -> None:
    won = rewards(at50=(400, 600))
    assert log_e_more(won) > math.log(100)
    assert log_e_fewer(won) < 0


def test_the_two_tests_mirror_each_other() -> None:
    assert log_e_more(rewards(at30=(700, 400))) == pytest.approx(log_e_fewer(rewards(at70=(400, 700))))


def test_evidence_of_several_shares_adds_up() -> None:
    apart = [rewards(at50=(100, 130)), rewards(at80=(30, 150))]
    together = {**apart[0], **apart[1]}
    for tilt in MORE:
        whole = math.fsum(
            binomial_log_factor(tilt, share=percent / 100, mine=c.rewards.candidate, both=c.rewards.both)
            for percent, c in together.items()
        )
        assert whole == pytest.approx(
            binomial_log_factor(tilt, share=0.5, mine=130, both=230)
            + binomial_log_factor(tilt, share=0.8, mine=150, both=180)
        )
    assert log_e_more(together) > max(map(log_e_more, apart))


def test_the_ratio_is_that_of_the_rates() -> None:
    assert math.exp(log_ratio(rewards(at50=(100, 150))) or 0) == pytest.approx(1.5)
    # At 20 % of the traffic as many rewards as the other 80 % mean four times the rate.
    assert math.exp(log_ratio(rewards(at20=(100, 100))) or 0) == pytest.approx(4)
    assert math.exp(log_ratio(rewards(at50=(100, 120), at80=(50, 240))) or 0) == pytest.approx(1.2)


def test_a_good_hour_under_another_split_is_no_difference() -> None:
    """Twice as many rewards of everybody while the challenger has 90 %: the pooled rates would differ."""
    counted = rewards(at10=(900, 100), at90=(200, 1_800))
    assert log_ratio(counted) == pytest.approx(0, abs=1e-9)
    assert max(log_e_more(counted), log_e_fewer(counted)) < 0


def test_the_interval_holds_the_ratio_and_shrinks() -> None:
    widths = []
    for size in (1, 10, 100, 1_000):
        low, high = log_ratio_interval(rewards(at50=(100 * size, 110 * size)), alpha=0.05)
        assert low is not None
        assert high is not None
        assert low < math.log(1.1) < high
        widths.append(high - low)
    assert all(after < before for before, after in pairwise(widths))


@pytest.mark.parametrize(
    ("counted", "bounded"),
    [
        ((0, 0), (False, False)),
        ((0, 5), (True, False)),
        ((5, 0), (False, True)),
        ((30, 30), (True, True)),
    ],
)
def test_an_interval_has_an_end_only_where_there_is_a_bound(
    counted: tuple[int, int], bounded: tuple[bool, bool]
) -> None:
    found = log_ratio_interval(rewards(at50=counted), alpha=0.05)
    assert tuple(end is not None for end in found) == bounded
