"""Which share of the traffic a bandit gives to the challenger: Thompson sampling, batch by batch.

Thompson sampling gives each arm the share that is its probability of being the best. With two arms that is
one integral over the ratio of their rates, so no random numbers are drawn, and whoever has the counts finds
the same share again.

The rewards are compared within each split, as in the contest's tests. Posteriors of two rates, each from
sums over all splits, would mistake a good hour for a good arm wherever the split has changed meanwhile
(Simpson's paradox).
"""

import math
from collections.abc import Sequence

from tidegate_runtime.judge.contest_counts import Pair, Shares, exposed_of, rewarded, rewards_of
from tidegate_runtime.judge.contest_rule import Better
from tidegate_runtime.judge.rate_ratio import binomial_log_factor
from tidegate_runtime.judge.special import find_root

LEAST_EXPOSED = 100
"""Requests, with their rewards counted, that each arm needs before the split moves."""

_PRIOR_VARIANCE = 1.0
"""Of the log ratio, around 0: that one arm is seven times as good is as unlikely as one in twenty."""

_WIDTH = 9.0
"""How many standard deviations around the mode are integrated."""

_POINTS = 200

Counts = Sequence[tuple[float, Pair]]
"""Share and rewards of each split with any."""


def best_probability(shares: Shares, *, better: Better) -> float:
    """Return the posterior probability that the challenger is the better arm; 0.5 without rewards."""
    counts = tuple(rewarded(shares))
    if not counts:
        return 0.5
    mode = find_root(lambda tilt: -_slope(counts, tilt), low=-20.0, high=20.0)
    reach = _WIDTH / math.sqrt(_curvature(counts, mode))
    top = _log_posterior(counts, mode)
    below = _integral(counts, mode - reach, min(0.0, mode + reach), top)
    above = _integral(counts, max(0.0, mode - reach), mode + reach, top)
    more = above / (below + above)
    return more if better == "more" else 1 - more


def target_percent(shares: Shares, *, better: Better, floor_percent: int) -> int | None:
    """Return the share, in whole percent, that the challenger should have; None before there is enough.

    Args:
        shares: What was counted.
        better: Which way is better.
        floor_percent: The least share of either arm.

    """
    exposed = exposed_of(shares)
    if min(exposed.live, exposed.candidate) < LEAST_EXPOSED or not rewards_of(shares).both:
        return None
    return round(floor_percent + (100 - 2 * floor_percent) * best_probability(shares, better=better))


def _log_posterior(counts: Counts, tilt: float) -> float:
    likelihood = math.fsum(
        binomial_log_factor(tilt, share=share, mine=found.candidate, both=found.both)
        for share, found in counts
    )
    return likelihood - tilt * tilt / (2 * _PRIOR_VARIANCE)


def _slope(counts: Counts, tilt: float) -> float:
    likelihood = math.fsum(found.candidate - found.both * _tilted(share, tilt) for share, found in counts)
    return likelihood - tilt / _PRIOR_VARIANCE


def _curvature(counts: Counts, tilt: float) -> float:
    """Return minus the second derivative: at least the prior's, so the posterior has one mode."""
    spread = math.fsum(
        found.both * _tilted(share, tilt) * (1 - _tilted(share, tilt)) for share, found in counts
    )
    return spread + 1 / _PRIOR_VARIANCE


def _tilted(share: float, tilt: float) -> float:
    """Return the challenger's share of the rewards at a log ratio."""
    return share * math.exp(tilt) / (1 + share * math.expm1(tilt))


def _integral(counts: Counts, low: float, high: float, top: float) -> float:
    """Return the integral of the posterior over an interval by the trapezoidal rule, up to a factor."""
    if low >= high:
        return 0.0
    step = (high - low) / _POINTS
    values = [math.exp(_log_posterior(counts, low + index * step) - top) for index in range(_POINTS + 1)]
    return step * (math.fsum(values) - (values[0] + values[-1]) / 2)
