"""The judge's comparison with the tolerated rate, as boundaries for the count of bad answers.

The judge mixes beta densities that are cut off at the tolerated rate (docs/judge.md). A test holds the
numbers against the judge's own.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf, lgamma, log, log1p, sqrt
from typing import Final, Literal

Side = Literal["above", "below"]

_TUNING_ALPHA: Final = 0.05
_CONVERGED: Final = 1e-12
_STRETCH: Final = 1.25
_HALF: Final = 0.5
# Of a bad answer, or of a standard deviation of their count.
_PRECISION: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsoluteEvidence:
    """The count of bad answers at which the e-value about one rate suffices.

    Attributes:
        rate: The tolerated rate.
        side: "above": evidence that the candidate's rate is above it, "below": that it is below.
        log_threshold: Logarithm of the e-value that suffices.

    """

    rate: float
    side: Side
    log_threshold: float

    def boundary(self, requests: float) -> float:
        """Return the boundary after so many requests.

        Exact at requests that grow by a quarter each, in between on a straight line.

        Returns:
            The least count that suffices ("above"), or the greatest ("below"); infinite when none does.

        """
        place = log(max(requests, 1.0)) / log(_STRETCH)
        knot = int(place)
        low, high = _at_knot(self, knot), _at_knot(self, knot + 1)
        if abs(low) == inf or abs(high) == inf:
            return self.exact(requests)
        start, end = _STRETCH**knot, _STRETCH ** (knot + 1)
        return low + (high - low) * (requests - start) / (end - start)

    def log_evidence(self, bad: float, requests: float) -> float:
        """Return the log e-value, for a count on this side of `rate * requests`."""
        doubled = 2 * log(1 / (2 * _TUNING_ALPHA))
        product = self.rate * (1 - self.rate)
        # The judge tunes its mixture for 1 / rate requests.
        precision = max((1 - self.rate) / (doubled + log1p(doubled)) - product, 1e-3 * product)
        a, b = precision / (1 - self.rate), precision / self.rate
        good = requests - bad
        return (
            _log_beta_part(a + bad, b + good, self.rate, self.side)
            - _log_beta_part(a, b, self.rate, self.side)
            - bad * log(self.rate)
            - good * log1p(-self.rate)
        )

    def exact(self, requests: float) -> float:
        """Return the boundary after so many requests, by bisection."""
        too_near = self.rate * requests
        # Outwards in standard deviations: far out, where no boundary lies, the evidence takes long to sum.
        deviation = reach = sqrt(self.rate * (1 - self.rate) * requests)
        enough = self._towards_end(too_near, reach, requests)
        while self.log_evidence(enough, requests) < self.log_threshold:
            if enough in (0.0, requests):
                return inf if self.side == "above" else -inf
            too_near, reach = enough, 2 * reach
            enough = self._towards_end(self.rate * requests, reach, requests)
        while abs(enough - too_near) > _PRECISION * max(1.0, deviation):
            middle = (enough + too_near) / 2
            if self.log_evidence(middle, requests) < self.log_threshold:
                too_near = middle
            else:
                enough = middle
        return enough

    def _towards_end(self, count: float, reach: float, requests: float) -> float:
        return min(count + reach, requests) if self.side == "above" else max(count - reach, 0.0)


@lru_cache(maxsize=1024)
def _at_knot(evidence: AbsoluteEvidence, knot: int) -> float:
    return evidence.exact(_STRETCH**knot)


def _log_beta_part(a: float, b: float, x: float, side: Side) -> float:
    """Return the logarithm of the integral of the beta density, not normalised, below or above `x`."""
    if x > _HALF:
        # The mirror image, whose series is short.
        return _log_beta_part(b, a, 1 - x, "above" if side == "below" else "below")
    log_lower = a * log(x) + b * log1p(-x) + _log_series(a, b, x) - log(a)
    if side == "below":
        return log_lower
    whole = lgamma(a) + lgamma(b) - lgamma(a + b)
    return whole + log1p(-min(exp(log_lower - whole), 1 - _CONVERGED))


def _log_series(a: float, b: float, x: float) -> float:
    """Return the logarithm of the incomplete beta function's power series (DLMF 8.17.8)."""
    total, term, scale, j = 1.0, 1.0, 0.0, 0
    while term > _CONVERGED * total:
        term *= (a + b + j) * x / (a + 1 + j)
        total += term
        j += 1
        if total > 1e250:
            total, term, scale = total * 1e-250, term * 1e-250, scale + 250 * log(10)
    return scale + log(total)
