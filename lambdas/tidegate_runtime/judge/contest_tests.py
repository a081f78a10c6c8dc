"""Which arm of a contest has the higher rate of rewards: evidence, and an interval for the ratio.

A request goes to the challenger with the share `w` that was set before its bucket began. If both arms are
equally good, then of `N` rewards each is the challenger's with probability `w`, however late the rewards
come, and whatever their rates do from bucket to bucket. docs/judge.md has the proof and its assumptions.
"""

import math

from tidegate_runtime.judge.contest_counts import Shares, rewarded, rewards_of
from tidegate_runtime.judge.rate_ratio import binomial_log_factor
from tidegate_runtime.judge.special import find_root, log_mean_exp

#: How much more of the rewards an arm may get: the alternatives, equally likely beforehand. Finer than those
#: for errors: a few percent more sales are worth a contest, a few percent more errors no rollback.
MORE = tuple(math.log(ratio) for ratio in (1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 4))

FARTHEST = math.log(1000)
"""Ratios that are farther from 1 than this are not told apart."""


def log_e_more(shares: Shares) -> float:
    """Return the log e-value against "the challenger's rate of rewards is never above the champion's"."""
    return log_mean_exp([_log_likelihood(shares, tilt) for tilt in MORE])


def log_e_fewer(shares: Shares) -> float:
    """Return the log e-value against "the challenger's rate of rewards is never below the champion's"."""
    return log_mean_exp([_log_likelihood(shares, -tilt) for tilt in MORE])


def log_ratio(shares: Shares) -> float | None:
    """Return the most likely log ratio of the rates, the challenger's over the champion's.

    None without a reward of each arm.
    """
    rewards = rewards_of(shares)
    if not rewards.live or not rewards.candidate:
        return None

    def slope(tilt: float) -> float:
        return math.fsum(
            found.candidate - found.both * share * math.exp(tilt) / (1 + share * math.expm1(tilt))
            for share, found in rewarded(shares)
        )

    return find_root(slope, low=-FARTHEST, high=FARTHEST) if slope(-FARTHEST) * slope(FARTHEST) < 0 else None


def log_ratio_interval(shares: Shares, *, alpha: float) -> tuple[float | None, float | None]:
    """Return a confidence sequence for the log ratio: it holds at all looks together.

    It consists of the ratios against which a mixture over all alternatives, both ways, has not yet `1/alpha`
    of evidence. An end is None while there is no bound on that side.

    Args:
        shares: What was counted.
        alpha: Chance that the true ratio is ever outside.

    """
    rewards = rewards_of(shares)
    if not rewards.both:
        return None, None
    alternatives = [0.0, *MORE, *(-tilt for tilt in MORE)]
    ceiling = log_mean_exp([_log_likelihood(shares, tilt) for tilt in alternatives]) + math.log(alpha)

    def inside(tilt: float) -> float:
        return _log_likelihood(shares, tilt) - ceiling

    best = log_ratio(shares)
    middle = best if best is not None else math.copysign(FARTHEST, rewards.candidate - 0.5)
    return (
        find_root(inside, low=-FARTHEST, high=middle) if inside(-FARTHEST) < 0 < inside(middle) else None,
        find_root(inside, low=middle, high=FARTHEST) if inside(FARTHEST) < 0 < inside(middle) else None,
    )


def _log_likelihood(shares: Shares, tilt: float) -> float:
    """Return the log-likelihood of a log ratio over that of "no difference"."""
    return math.fsum(
        binomial_log_factor(tilt, share=share, mine=found.candidate, both=found.both)
        for share, found in rewarded(shares)
    )
