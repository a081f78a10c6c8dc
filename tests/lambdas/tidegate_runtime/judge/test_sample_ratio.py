"""Whether the requests are split as it was set."""

import math

import pytest

from tidegate_runtime.judge.contest_counts import Counted, Pair
from tidegate_runtime.judge.sample_ratio import log_e_mismatch, log_e_split


def test_the_published_example_comes_out() -> None:
    """The documentation of the authors' package stops its two counters at n = 210 with this p-value."""
    p = math.exp(-log_e_mismatch((148, 62), (0.8, 0.2), concentration=100))
    assert p == pytest.approx(0.045579631759249686, rel=1e-9)
    assert math.exp(-log_e_mismatch((149, 61), (0.8, 0.2), concentration=100)) > 0.05


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_mean_over_the_next_request_is_one_if_the_split_is_right(share: float) -> None:
    for live, candidate in ((0, 0), (5, 0), (3, 17), (1_000, 900)):
        before = log_e_mismatch((live, candidate), (1 - share, share))
        to_live = math.exp(log_e_mismatch((live + 1, candidate), (1 - share, share)) - before)
        to_candidate = math.exp(log_e_mismatch((live, candidate + 1), (1 - share, share)) - before)
        assert (1 - share) * to_live + share * to_candidate == pytest.approx(1, rel=1e-9)


def test_each_share_is_tested_against_itself() -> None:
    right = {10: _requests(9_000, 1_000), 60: _requests(4_000, 6_000)}
    assert log_e_split(right) < 0
    assert log_e_split({**right, 60: _requests(5_000, 5_000)}) > math.log(1e6)


def test_without_requests_there_is_no_evidence() -> None:
    assert log_e_split({}) == 0
    assert log_e_split({50: _requests(0, 0)}) == pytest.approx(0)


def _requests(live: int, candidate: int) -> Counted:
    return Counted(requests=Pair(live, candidate))
