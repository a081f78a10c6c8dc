"""The few special functions the judge needs, in pure `math`: numpy and scipy would bloat the Lambda asset."""

import math
from collections.abc import Callable, Sequence

_TINY = 1e-300
_CONVERGED = 1e-15
_MAX_TERMS = 100_000


def log_mean_exp(logs: Sequence[float]) -> float:
    """Return `log(mean(exp(logs)))` without overflow.

    Raises:
        ValueError: `logs` is empty.

    """
    top = max(logs)
    return top + math.log(math.fsum(math.exp(value - top) for value in logs) / len(logs))


def log_choose(n: int, k: int) -> float:
    """Return the logarithm of the binomial coefficient, for `0 <= k <= n`."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def log_beta(a: float, b: float) -> float:
    """Return the logarithm of the complete beta function, for shapes above 0."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def log_incomplete_beta(a: float, b: float, *, x: float, y: float) -> float:
    """Return the logarithm of the incomplete beta function B_x(a, b), *not* regularised.

    Args:
        a: First shape, above 0.
        b: Second shape, above 0.
        x: Upper limit of the integral, above 0 and at most 1.
        y: `1 - x`, given apart because the caller knows it exactly when `x` is close to 1.

    Raises:
        ArithmeticError: The continued fraction did not converge (shapes far above 1e9).

    """
    if y <= 0:
        return log_beta(a, b)
    power = a * math.log(x) + b * math.log(y)
    # The fraction converges in about sqrt(max(a, b)) terms on this side of the mean, hardly on the other.
    if x <= (a + 1) / (a + b + 2):
        return power - math.log(a) + math.log(_fraction(a, b, x))
    whole = log_beta(a, b)
    rest = power - math.log(b) + math.log(_fraction(b, a, y))
    return whole + math.log1p(-min(math.exp(rest - whole), 1 - _CONVERGED))


def _fraction(a: float, b: float, x: float) -> float:
    """Evaluate the continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method."""
    c = 1.0
    d = 1 / _off_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _off_zero(1 + term * d)
            c = _off_zero(1 + term / c)
            value *= d * c
        if abs(d * c - 1) < _CONVERGED:
            return value
    raise ArithmeticError(f"incomplete beta function did not converge for a={a}, b={b}, x={x}")


def _off_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def find_root(function: Callable[[float], float], *, low: float, high: float) -> float:
    """Return where a continuous function changes sign between `low` and `high`, to about ten digits.

    False position with the Illinois rule: some ten evaluations of a smooth function. Every fourth step
    bisects, so that no function takes more than about 200.

    Raises:
        ValueError: The function has the same sign at both ends.

    """
    at_low, at_high = function(low), function(high)
    if at_low * at_high > 0:
        raise ValueError(f"no sign change between {low} and {high}")
    steps, last = 0, 0.0
    while at_low * at_high < 0 and high - low > 1e-10 * (1 + abs(low)):
        steps += 1
        middle = low + (high - low) * (0.5 if steps % 4 == 0 else at_low / (at_low - at_high))
        value = function(middle)
        # An end that stays twice running counts half: plain false position would creep towards it for ever.
        stays = 0.5 if value * last > 0 else 1.0
        if value * at_low > 0:
            low, at_low, at_high = middle, value, at_high * stays
        else:
            high, at_high, at_low = middle, value, at_low * stays
        last = value
    if at_low == 0:
        return low
    return high if at_high == 0 else (low + high) / 2
