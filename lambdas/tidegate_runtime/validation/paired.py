"""How two versions differ on the same rows, and how far that can be told from chance. Nothing is random here.

Sources: McNemar's test in its exact form, which is the sign test on the rows that differ; the jackknife of a
difference (B. Efron, The Jackknife, the Bootstrap and Other Resampling Plans, SIAM 1982). For a mean, the
jackknife's standard error is the paired one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

from tidegate_runtime.validation.metrics import Metric, Sums, added

LEVEL: Final = 0.95
"""Of the interval, both sides together."""

FEWEST_ROWS: Final = 10
"""Below, the quantile is not exact to three digits, and no metric says much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """The candidate beside live.

    Attributes:
        rows: How many.
        candidate: The metric of the candidate.
        live: The metric of live.
        worse: How much worse the candidate is; below 0 it is better.
        low: Lower end of the 95 % interval of `worse`.
        high: Upper end.
        lost: Rows on which the candidate is worse than live.
        won: Rows on which it is better.
        chance: Probability of at least as many lost rows among those that differ, were both versions equal.

    """

    rows: int
    candidate: float
    live: float
    worse: float
    low: float
    high: float
    lost: int
    won: int
    chance: float


def compare(
    metric: Metric, *, labels: Sequence[Any], candidate: Sequence[Any], live: Sequence[Any]
) -> Paired:
    """Compare the predictions of two versions for the same labels.

    Raises:
        Unusable: a label or a prediction is none that the metric can take.

    """
    ours, theirs = metric.rows(labels, candidate), metric.rows(labels, live)
    sign = -1 if metric.more_is_better else 1
    half = _quantile(len(labels) - 1) * _standard_error(metric, ours, theirs)
    value, other = metric.value(ours), metric.value(theirs)
    worse = sign * (value - other)
    losses = [
        (metric.loss(label, one), metric.loss(label, two))
        for label, one, two in zip(labels, candidate, live, strict=True)
    ]
    lost, won = sum(one > two for one, two in losses), sum(one < two for one, two in losses)
    return Paired(
        rows=len(labels),
        candidate=value,
        live=other,
        worse=worse,
        low=worse - half,
        high=worse + half,
        lost=lost,
        won=won,
        chance=sign_test(lost, won),
    )


def sign_test(lost: int, won: int) -> float:
    """Return the probability of `lost` or more heads in `lost + won` tosses of a fair coin."""
    tosses = lost + won
    whole = math.lgamma(tosses + 1) - tosses * math.log(2)
    logs = (
        whole - math.lgamma(heads + 1) - math.lgamma(tosses - heads + 1) for heads in range(lost, tosses + 1)
    )
    return min(1.0, math.fsum(map(math.exp, logs)))


def _standard_error(metric: Metric, ours: Sequence[Sums], theirs: Sequence[Sums]) -> float:
    rows = len(ours)
    one, two = added(ours), added(theirs)
    without = [
        metric.whole(_less(one, a), rows - 1) - metric.whole(_less(two, b), rows - 1)
        for a, b in zip(ours, theirs, strict=True)
    ]
    mean = math.fsum(without) / rows
    return math.sqrt((rows - 1) / rows * math.fsum((value - mean) ** 2 for value in without))


def _less(sums: Sums, row: Sums) -> Sums:
    return {**sums, **{name: sums[name] - value for name, value in row.items()}}


def _quantile(freedom: int) -> float:
    """Return Student's quantile for LEVEL, by its expansion around the normal one.

    Source: M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, 26.7.5; three digits from 9 degrees
    of freedom on.
    """
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
