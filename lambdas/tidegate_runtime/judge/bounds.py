"""Always-valid bounds for one variant's own rate: the beta-binomial mixture of Howard et al. (2021).

S. R. Howard, A. Ramdas, J. McAuliffe, J. Sekhon: Time-uniform, nonparametric, nonasymptotic confidence
sequences, Annals of Statistics 49(2), 2021. Valid at every look at once, so it may be read after each bucket.
"""

import math

from tidegate_runtime.judge.special import find_root, log_incomplete_beta

#: Level for which the mixture is tuned; it affects sharpness, never validity.
TUNING_ALPHA = 0.05


def best_rho(variance: float, alpha: float) -> float:
    """Return the mixture's precision that makes the bound sharpest at this intrinsic time and level."""
    doubled = 2 * math.log(1 / alpha)
    return variance / (doubled + math.log1p(doubled))


def log_mixture(s: float, v: float, *, g: float, h: float, rho: float, one_sided: bool) -> float:
    """Return the log of the beta-binomial mixture supermartingale.

    Args:
        s: Sum of centred observations, each between `-g` and `h`.
        v: Intrinsic time: the variance `g * h` of an observation times their number.
        g: Distance from the mean to the lower value, above 0.
        h: Distance from the mean to the upper value, above 0.
        rho: Precision of the mixture, from `best_rho`.
        one_sided: Look for sums that are too large only.

    """
    width = g + h
    r = max(rho - g * h, 1e-3 * g * h)
    x, y = (h / width, g / width) if one_sided else (1.0, 0.0)
    prior = log_incomplete_beta(r / (g * width), r / (h * width), x=x, y=y)
    low, high = (v - g * s) / (g * width), (v + h * s) / (h * width)
    # Rounding must not turn "no events" into a shape below zero.
    shapes = r / (g * width) + max(low, 0.0), r / (h * width) + max(high, 0.0)
    posterior = log_incomplete_beta(*shapes, x=x, y=y)
    return v / (g * h) * math.log(width) - high * math.log(g) - low * math.log(h) + posterior - prior


def log_evidence_above(bad: int, requests: int, rate: float, *, horizon: float) -> float:
    """Return the log e-value against "every request fails with a probability of at most `rate`".

    Args:
        bad: Bad requests.
        requests: All requests.
        rate: Between 0 and 1.
        horizon: Number of requests at which the mixture is sharpest.

    """
    return _log_evidence(bad, requests, rate, 1 - rate, horizon, one_sided=True)


def log_evidence_below(bad: int, requests: int, rate: float, *, horizon: float) -> float:
    """Return the log e-value against "every request fails with a probability of at least `rate`"."""
    return _log_evidence(requests - bad, requests, 1 - rate, rate, horizon, one_sided=True)


def lower_bound(bad: int, requests: int, *, alpha: float, horizon: float, one_sided: bool = True) -> float:
    """Return the rate that the true one exceeds, with probability `1 - alpha` at all looks together.

    Args:
        bad: Bad requests.
        requests: All requests; without any the bound is 0.
        alpha: Above 0, at most 0.5.
        horizon: Number of requests at which the bound is sharpest.
        one_sided: False: the lower end of a two-sided interval of this level.

    """
    return _root(bad, requests, alpha, horizon, one_sided=one_sided)[0] if bad else 0.0


def upper_bound(bad: int, requests: int, *, alpha: float, horizon: float, one_sided: bool = True) -> float:
    """Return the rate that the true one stays below; `lower_bound` mirrored, 1 without requests."""
    return _root(requests - bad, requests, alpha, horizon, one_sided=one_sided)[1] if bad < requests else 1.0


def _log_evidence(events: int, trials: int, p: float, q: float, horizon: float, *, one_sided: bool) -> float:
    if not trials:
        return 0.0
    variance = p * q
    rho = best_rho(variance * horizon, 2 * TUNING_ALPHA if one_sided else TUNING_ALPHA)
    return log_mixture(events - p * trials, variance * trials, g=p, h=q, rho=rho, one_sided=one_sided)


def _root(events: int, trials: int, alpha: float, horizon: float, *, one_sided: bool) -> tuple[float, float]:
    """Return the lower bound of the rate of `events`, and one minus it, solving on the log-odds scale."""

    def excess(log_odds: float) -> float:
        p, q = _probabilities(log_odds)
        evidence = _log_evidence(events, trials, p, q, horizon, one_sided=one_sided)
        return evidence + math.log(alpha)

    # All trials events: start so close to 1 that nothing can speak against it.
    high = math.log(events / max(trials - events, 1e-3))
    step = 1.0 / math.sqrt(min(events, max(trials - events, 1)))
    while excess(high - step) < 0:
        high, step = high - step, step * 2
    return _probabilities(find_root(excess, low=high - step, high=high))


def _probabilities(log_odds: float) -> tuple[float, float]:
    return 1 / (1 + math.exp(-log_odds)), 1 / (1 + math.exp(log_odds))
