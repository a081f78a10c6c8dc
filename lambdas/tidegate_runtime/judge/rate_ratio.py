"""Log-likelihood factors of the ratio of two rates: worse than tolerated, better than a margin.

Each factor has a mean of at most 1 while the null hypothesis holds, whatever the rates are, however
they change from bucket to bucket and however traffic is split. So the products are e-processes: by Ville's
inequality they ever reach `1/alpha` with probability `alpha` at most. docs/judge.md has the proof.
"""

import math
from collections.abc import Sequence

from tidegate_runtime.judge.hypergeometric import log_tilted_mean

#: How much worse than tolerated the candidate may be: the alternatives, equally likely beforehand.
WORSE = tuple(math.log(ratio) for ratio in (1.25, 1.5, 2, 3, 4, 6, 10, 20))

#: How much better than a margin the candidate may be: here the margin is the null hypothesis.
BETTER = tuple(-math.log(ratio) for ratio in (1.25, 1.5, 2, 3, 5))

#: Above this share of bad requests the binomial form loses power, and the exact form is used.
EXACT_ABOVE_RATE = 0.02


def log_factors(
    tilts: Sequence[float],
    *,
    ratio: float,
    candidate_requests: int,
    candidate_bad: int,
    live_requests: int,
    live_bad: int,
    paired: bool = False,
) -> tuple[float, ...]:
    """Return one bucket's log-likelihood factor for each alternative, against "the ratio is `ratio`".

    Args:
        tilts: Logarithms of the alternatives' ratios over `ratio`; positive: worse, negative: better.
        ratio: The ratio of the candidate's rate to live's under the null hypothesis.
        candidate_requests: Requests of the candidate.
        candidate_bad: Bad ones among them.
        live_requests: Requests of the live variant.
        live_bad: Bad ones among them.
        paired: Whether the candidate's requests are copies of live's.

    """
    bad = candidate_bad + live_bad
    if not candidate_requests or not live_requests or not bad:
        return (0.0,) * len(tilts)
    # A ratio is one of rates, the exact form knows odds only, and they agree at 1 alone. The binomial form is
    # valid for every ratio, merely less sharp at high rates. Nor does the exact form fit pairs: where two
    # answers to one request exclude each other, the candidate's count spreads wider than it says.
    if ratio == 1 and not paired and bad > EXACT_ABOVE_RATE * (candidate_requests + live_requests):
        return tuple(
            tilt * candidate_bad
            - log_tilted_mean(tilt, candidate=candidate_requests, live=live_requests, bad=bad)
            for tilt in tilts
        )
    share = ratio * candidate_requests / (ratio * candidate_requests + live_requests)
    return tuple(binomial_log_factor(tilt, share=share, mine=candidate_bad, both=bad) for tilt in tilts)


def binomial_log_factor(tilt: float, *, share: float, mine: int, both: int) -> float:
    """Return the log-likelihood ratio of one split of events, `tilt` over "no difference".

    Args:
        tilt: Logarithm of the ratio of rates under the alternative.
        share: Probability, without a difference, that an event is one of this side.
        mine: Events of this side.
        both: Events of both sides.

    """
    return tilt * mine - both * math.log1p(share * math.expm1(tilt))
