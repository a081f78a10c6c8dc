"""Every factor must have a mean of at most 1 under its null hypothesis: enumerated, not simulated."""

import math
from itertools import product

import pytest

from tidegate_runtime.judge.rate_ratio import BETTER, WORSE, log_factors


def factors(
    tilts: tuple[float, ...], ratio: float, candidate: tuple[int, int], live: tuple[int, int]
) -> list[float]:
    logs = log_factors(
        tilts,
        ratio=ratio,
        candidate_bad=candidate[0],
        candidate_requests=candidate[1],
        live_bad=live[0],
        live_requests=live[1],
    )
    return [math.exp(log) for log in logs]


def binomial(n: int, p: float) -> list[float]:
    return [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


def means(
    tilts: tuple[float, ...], *, ratio: float, rates: tuple[float, float], sizes: tuple[int, int]
) -> list[float]:
    candidate, live = sizes
    mean = [0.0] * len(tilts)
    weights = product(enumerate(binomial(candidate, rates[0])), enumerate(binomial(live, rates[1])))
    for (x, p), (y, q) in weights:
        for k, factor in enumerate(factors(tilts, ratio, (x, candidate), (y, live))):
            mean[k] += p * q * factor
    return mean


@pytest.mark.parametrize("sizes", [(3, 40), (20, 20), (30, 4)])
@pytest.mark.parametrize("live_rate", [0.002, 0.05, 0.4, 0.9])
@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_a_candidate_within_its_tolerance_gathers_no_evidence_on_average(
    sizes: tuple[int, int], live_rate: float, ratio: float
) -> None:
    for share in (0.3, 1.0):
        rates = (min(ratio * live_rate * share, 1.0), live_rate)
        assert max(means(WORSE, ratio=ratio, rates=rates, sizes=sizes)) <= 1 + 1e-9


@pytest.mark.parametrize("sizes", [(3, 40), (20, 20), (30, 4)])
@pytest.mark.parametrize("live_rate", [0.002, 0.05, 0.4])
def test_a_candidate_at_or_beyond_the_margin_gathers_no_proof_on_average(
    sizes: tuple[int, int], live_rate: float
) -> None:
    for ratio in (1.5, 2.0):
        rates = (ratio * live_rate, live_rate)
        assert max(means(BETTER, ratio=1.5, rates=rates, sizes=sizes)) <= 1 + 1e-9


@pytest.mark.parametrize("bad", [1, 2, 10, 35, 59])
def test_random_routing_alone_gathers_no_evidence_whatever_the_number_of_bad_events(bad: int) -> None:
    candidate, live = 15, 45
    splits = range(max(0, bad - live), min(candidate, bad) + 1)
    whole = math.comb(candidate + live, bad)
    probabilities = [math.comb(candidate, x) * math.comb(live, bad - x) / whole for x in splits]
    values = [factors(WORSE, 1.0, (x, candidate), (bad - x, live)) for x in splits]
    for k in range(len(WORSE)):
        mean = math.fsum(p * value[k] for p, value in zip(probabilities, values, strict=True))
        assert mean == pytest.approx(1) if bad > 1 else mean <= 1 + 1e-9


def test_the_binomial_form_is_exact_for_poisson_counts() -> None:
    candidate, live, ratio, bad = 1_000, 9_000, 2.0, 30
    q = ratio * candidate / (ratio * candidate + live)
    for k, tilt in enumerate(WORSE):
        mean = math.fsum(
            p * factors((tilt,), ratio, (x, candidate), (bad - x, live))[0]
            for x, p in enumerate(binomial(bad, q))
        )
        assert mean == pytest.approx(1), k


def test_at_high_rates_the_exact_form_sees_more_than_the_binomial_one() -> None:
    exact = factors(WORSE, 1.0, (450, 1_000), (300, 1_000))
    binomial_form = factors(WORSE, 1.0 + 1e-12, (450, 1_000), (300, 1_000))
    assert max(exact) > 1e3 * max(binomial_form)


@pytest.mark.parametrize(("candidate", "live"), [((0, 0), (5, 10)), ((5, 10), (0, 0)), ((0, 50), (0, 50))])
def test_one_empty_side_or_no_bad_event_says_nothing(
    candidate: tuple[int, int], live: tuple[int, int]
) -> None:
    assert factors(WORSE, 1.0, candidate, live) == [1.0] * len(WORSE)
