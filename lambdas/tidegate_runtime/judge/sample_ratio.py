"""Whether traffic is split as it was set: the sequential multinomial test of Lindon and Malek.

M. Lindon, A. Malek: Anytime-valid inference for multinomial count data, NeurIPS 2022.
"""

import math
from collections.abc import Sequence

from tidegate_runtime.judge.contest_counts import Shares

CONCENTRATION = 100.0
"""How close to the set split the prior expects the true one: as if that many requests had been seen."""


def log_e_mismatch(
    counts: Sequence[int], expected: Sequence[float], *, concentration: float = CONCENTRATION
) -> float:
    """Return the log e-value against "each count's share is the expected one".

    Args:
        counts: What was counted, at least 0 each.
        expected: The share of each, above 0, with the sum 1.
        concentration: Of the Dirichlet prior around `expected`.

    """
    priors = [concentration * share for share in expected]
    return math.fsum(
        [
            *(math.lgamma(a + count) - math.lgamma(a) for a, count in zip(priors, counts, strict=True)),
            math.lgamma(concentration) - math.lgamma(concentration + sum(counts)),
            *(-count * math.log(share) for count, share in zip(counts, expected, strict=True)),
        ]
    )


def log_e_split(shares: Shares) -> float:
    """Return the log e-value against "all requests were split as it was set", over all shares.

    Every share has a test of its own. Only one of them is under way at a time, so their product is an
    e-process like each of them.
    """
    return math.fsum(
        log_e_mismatch(
            (counted.requests.live, counted.requests.candidate), (1 - percent / 100, percent / 100)
        )
        for percent, counted in shares.items()
    )
