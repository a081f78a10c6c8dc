import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate_runtime.judge.hypergeometric import log_tilted_mean

requests = st.integers(min_value=1, max_value=80)


@given(
    candidate=requests, live=requests, share=st.fractions(min_value=0, max_value=1), ratio=st.integers(1, 20)
)
def test_equals_the_sum_over_all_splits(candidate: int, live: int, share: Fraction, ratio: int) -> None:
    bad = int(share * (candidate + live))
    exact = sum(
        (
            Fraction(math.comb(candidate, x) * math.comb(live, bad - x) * ratio**x)
            for x in range(min(candidate, bad) + 1)
        ),
        Fraction(0),
    ) / math.comb(candidate + live, bad)
    expected = math.log(exact.numerator) - math.log(exact.denominator)
    found = log_tilted_mean(math.log(ratio), candidate=candidate, live=live, bad=bad)
    assert found == pytest.approx(expected, abs=1e-9)


def test_is_certain_when_every_request_is_bad() -> None:
    found = log_tilted_mean(math.log(3), candidate=500, live=900, bad=1400)
    assert found == pytest.approx(500 * math.log(3))


def test_stays_below_the_binomial_form() -> None:
    candidate, live, bad, tilt = 50_000, 950_000, 300_000, math.log(1.5)
    binomial = bad * math.log1p(candidate / (candidate + live) * math.expm1(tilt))
    assert log_tilted_mean(tilt, candidate=candidate, live=live, bad=bad) < binomial
