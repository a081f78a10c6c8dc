"""The exact split of bad events between two variants when their total is known."""

import math

from tidegate_runtime.judge.special import log_choose

_NEGLIGIBLE = 1e-18


def log_tilted_mean(tilt: float, *, candidate: int, live: int, bad: int) -> float:
    """Return `log E[exp(tilt * X)]`, X the candidate's share of `bad` events dealt at random.

    X is hypergeometric: `bad` of the `candidate + live` requests are bad, and routing alone decided whose
    they are. The terms are summed outwards from the largest one, so the cost grows with the standard
    deviation of X, not with the number of requests.

    Args:
        tilt: At least 0.
        candidate: Requests of the candidate.
        live: Requests of the live variant.
        bad: Bad events of both, at most `candidate + live`.

    """
    lowest, highest = max(0, bad - live), min(candidate, bad)
    weight = math.exp(tilt)
    peak = min(max(_mode(weight, candidate, live, bad), lowest), highest)
    total = 1.0
    term, x = 1.0, peak
    while x < highest and term > _NEGLIGIBLE * total:
        term *= weight * (candidate - x) * (bad - x) / ((x + 1) * (live - bad + x + 1))
        total += term
        x += 1
    term, x = 1.0, peak
    while x > lowest and term > _NEGLIGIBLE * total:
        term *= x * (live - bad + x) / (weight * (candidate - x + 1) * (bad - x + 1))
        total += term
        x -= 1
    at_peak = log_choose(candidate, peak) + log_choose(live, bad - peak) - log_choose(candidate + live, bad)
    return at_peak + tilt * peak + math.log(total)


def _mode(weight: float, candidate: int, live: int, bad: int) -> int:
    """Return where the ratio of neighbouring terms passes 1: a root of a quadratic, in its stable form."""
    a = weight - 1
    b = weight * (candidate + bad) + live - bad
    c = weight * candidate * bad
    return int(2 * c / (b + math.sqrt(max(b * b - 4 * a * c, 0.0))))
