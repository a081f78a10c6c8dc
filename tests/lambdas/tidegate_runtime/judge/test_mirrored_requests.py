"""Copies of live's own requests: the bound holds however the two answers to one request depend on each other.

Enumerated, not simulated. `both` is the chance that one request is bad on both sides.
"""

import math
from collections.abc import Iterator
from itertools import product

import pytest

from tidegate_runtime.judge.rate_ratio import BETTER, WORSE, log_factors

Pair = tuple[float, float, float]


def factors(
    tilts: tuple[float, ...], ratio: float, bad: tuple[int, int], sizes: tuple[int, int]
) -> list[float]:
    logs = log_factors(
        tilts,
        ratio=ratio,
        candidate_requests=sizes[0],
        candidate_bad=bad[0],
        live_requests=sizes[1],
        live_bad=bad[1],
        paired=True,
    )
    return [math.exp(log) for log in logs]


def counts(pair: Pair, sizes: tuple[int, int]) -> Iterator[tuple[int, int, float]]:
    """Yield bad copies, bad answers of live, and their probability, for independent requests.

    `pair` is the chance of a bad copy, of a bad answer of live, and of both for one request; `sizes` is how
    many are copied, and how many there are.
    """
    candidate, live, both = pair
    only = {(1, 1): both, (1, 0): candidate - both, (0, 1): live - both, (0, 0): 1 - candidate - live + both}
    found = {(0, 0): 1.0}
    for number in range(sizes[1]):
        copied = number < sizes[0]
        after: dict[tuple[int, int], float] = {}
        for (x, y), (add, chance) in product(found, only.items()):
            key = (x + add[0] * copied, y + add[1])
            after[key] = after.get(key, 0.0) + found[x, y] * chance
        found = after
    yield from ((x, y, chance) for (x, y), chance in found.items())


def means(tilts: tuple[float, ...], ratio: float, pair: Pair, sizes: tuple[int, int]) -> list[float]:
    mean = [0.0] * len(tilts)
    for x, y, chance in counts(pair, sizes):
        for k, factor in enumerate(factors(tilts, ratio, (x, y), sizes)):
            mean[k] += chance * factor
    return mean


def dependences(candidate: float, live: float) -> list[Pair]:
    """Return the pair as it is when answers exclude each other, are independent, and coincide."""
    least, most = max(0.0, candidate + live - 1), min(candidate, live)
    return [(candidate, live, both) for both in (least, candidate * live, most)]


@pytest.mark.parametrize("sizes", [(2, 20), (10, 20), (20, 20)])
@pytest.mark.parametrize("live", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_a_shadow_within_its_tolerance_gathers_no_evidence_on_average(
    sizes: tuple[int, int], live: float, ratio: float
) -> None:
    for pair in dependences(min(1.0, ratio * live), live):
        assert max(means(WORSE, ratio, pair, sizes)) <= 1 + 1e-9, pair


@pytest.mark.parametrize("sizes", [(2, 20), (20, 20)])
def test_a_shadow_beyond_the_margin_gathers_no_proof_on_average(sizes: tuple[int, int]) -> None:
    for pair in dependences(0.3, 0.2):
        assert max(means(BETTER, 1.5, pair, sizes)) <= 1 + 1e-9, pair


@pytest.mark.parametrize(("bad_copies", "bad_live"), [(6, 6), (3, 6), (6, 10), (20, 20), (1, 1)])
def test_random_copying_alone_gathers_no_evidence_whichever_requests_are_bad(
    bad_copies: int, bad_live: int
) -> None:
    """Which of 20 requests would be bad where is fixed; only which 8 of them are copied is left to chance."""
    copied, every = 8, 20
    mean = [0.0] * len(WORSE)
    for x in range(max(0, bad_copies - (every - copied)), min(copied, bad_copies) + 1):
        chance = (
            math.comb(bad_copies, x) * math.comb(every - bad_copies, copied - x) / math.comb(every, copied)
        )
        for k, factor in enumerate(factors(WORSE, 1.0, (x, bad_live), (copied, every))):
            mean[k] += chance * factor
    assert max(mean) <= 1 + 1e-9


def test_the_exact_form_would_convict_a_shadow_that_is_as_good_as_live() -> None:
    """Half of the requests are bad on one side and the other half on the other: the same rate on both."""
    sizes = (12, 12)
    mean = 0.0
    for x, y, chance in counts((0.5, 0.5, 0.0), sizes):
        logs = log_factors(
            WORSE,
            ratio=1.0,
            candidate_requests=sizes[0],
            candidate_bad=x,
            live_requests=sizes[1],
            live_bad=y,
        )
        mean += chance * math.exp(logs[3])
    assert mean > 1.5
