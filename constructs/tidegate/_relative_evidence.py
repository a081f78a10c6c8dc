"""The judge's comparison with live, as a boundary for the candidate's count of bad answers.

The formulas are those of the judge (docs/judge.md); a test holds the numbers against the judge's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, expm1, log, log1p
from typing import Final, Self

WORSE: Final = tuple(log(ratio) for ratio in (1.25, 1.5, 2, 3, 4, 6, 10, 20))
BETTER: Final = tuple(-log(ratio) for ratio in (1.25, 1.5, 2, 3, 5))
EXACT_ABOVE_RATE: Final = 0.02

_ENOUGH: Final = 1e-3
_CERTAIN: Final = 0.999


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How the bad answers of one bucket fall on the two variants, as independent trials.

    Attributes:
        trials: Number of trials.
        chance: Chance that a trial is a bad answer of the candidate.
        null_chance: That chance if the candidate were exactly as bad as the null hypothesis says.

    """

    trials: float
    chance: float
    null_chance: float

    @classmethod
    def of(cls, requests: float, share: float, *, base: float, bad: float, ratio: float) -> Self:
        """Return the split of a bucket.

        Where bad answers are rare, each of them is a trial. Above 2 % the judge compares hypergeometric
        counts; they are taken as binomial ones of the same mean and variance.

        Args:
            requests: Requests of both variants.
            share: The candidate's share of them.
            base: Live's rate.
            bad: The candidate's rate.
            ratio: Ratio of the rates under the null hypothesis.

        """
        both = base * (1 - share) + bad * share
        if ratio == 1 and both > EXACT_ABOVE_RATE:
            null = 1 - (1 - both) * (1 - share)
            trials = requests * share * both / null
        else:
            null = ratio * share / (ratio * share + 1 - share)
            trials = requests * both
        return cls(trials=trials, chance=min(_CERTAIN, requests * share * bad / trials), null_chance=null)


class RelativeEvidence:
    """The evidence of a grid of alternatives after so many trials, as a function of the count.

    Args:
        tilts: Logarithms of the alternatives' ratios over the null hypothesis: `WORSE` or `BETTER`.
        log_threshold: Logarithm of the e-value that suffices.

    """

    def __init__(self, tilts: Sequence[float], *, log_threshold: float) -> None:
        self._tilts = tilts
        self._enough = log_threshold + log(len(tilts))
        self._costs = [0.0] * len(tilts)
        self._boundary = 0.0

    def add(self, trials: float, null_chance: float) -> None:
        """Count more trials, in which the null hypothesis gives a bad answer to the candidate so often."""
        self._costs = [
            cost + trials * log1p(null_chance * expm1(tilt))
            for cost, tilt in zip(self._costs, self._tilts, strict=True)
        ]

    def boundary(self) -> float:
        """Return the count at which the evidence suffices: from there up, for `BETTER` from there down."""
        count = self._boundary
        while True:
            logs = [count * tilt - cost for tilt, cost in zip(self._tilts, self._costs, strict=True)]
            top = max(logs)
            parts = [exp(one - top) for one in logs]
            total = sum(parts)
            slope = sum(part * tilt for part, tilt in zip(parts, self._tilts, strict=True)) / total
            # Newton's method on a convex function: from either side it ends above the root or on it.
            change = (top + log(total) - self._enough) / slope
            count -= change
            if abs(change) < _ENOUGH:
                self._boundary = count
                return count
