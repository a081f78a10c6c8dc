import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate_runtime.judge.special import find_root, log_beta, log_incomplete_beta, log_mean_exp

shapes = st.integers(min_value=1, max_value=60)


@given(a=shapes, b=shapes, thousandths=st.integers(min_value=1, max_value=999))
def test_incomplete_beta_equals_the_binomial_tail_for_whole_shapes(a: int, b: int, thousandths: int) -> None:
    x = Fraction(thousandths, 1000)
    n = a + b - 1
    tail = sum((math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1)), Fraction(0))
    found = log_incomplete_beta(a, b, x=float(x), y=float(1 - x)) - log_beta(a, b)
    expected = math.log(tail.numerator) - math.log(tail.denominator)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(a=st.floats(min_value=1e-5, max_value=1e7), x=st.floats(min_value=1e-6, max_value=1 - 1e-6))
def test_incomplete_beta_with_second_shape_one_is_a_power(a: float, x: float) -> None:
    found = log_incomplete_beta(a, 1.0, x=x, y=1 - x)
    assert found == pytest.approx(a * math.log(x) - math.log(a), rel=1e-9, abs=1e-7)


def test_incomplete_beta_at_one_is_the_complete_one() -> None:
    assert log_incomplete_beta(3.0, 4.0, x=1.0, y=0.0) == pytest.approx(math.log(1 / 60))


@pytest.mark.parametrize(("a", "b"), [(5e6, 5e6), (1e7, 1e-5), (1e-5, 1e7), (1e7, 3.0)])
def test_incomplete_beta_converges_at_the_mean_of_ten_million_requests(a: float, b: float) -> None:
    x, y = a / (a + b), b / (a + b)
    lower, upper = log_incomplete_beta(a, b, x=x, y=y), log_incomplete_beta(b, a, x=y, y=x)
    assert log_mean_exp([lower, upper]) + math.log(2) == pytest.approx(log_beta(a, b), abs=1e-6)


def test_mean_of_exponentials_does_not_overflow() -> None:
    assert log_mean_exp([5000.0, 5000.0]) == pytest.approx(5000.0)
    assert log_mean_exp([-5000.0, 0.0]) == pytest.approx(math.log(0.5))


@given(root=st.floats(min_value=-30, max_value=30))
def test_find_root_finds_a_root_of_a_crooked_function(root: float) -> None:
    found = find_root(lambda x: math.exp(x - root) - 1, low=-40.0, high=40.0)
    assert found == pytest.approx(root, abs=1e-8)


def test_rejects_a_bracket_without_sign_change() -> None:
    with pytest.raises(ValueError, match="no sign change"):
        find_root(lambda x: x * x + 1, low=-1.0, high=1.0)
