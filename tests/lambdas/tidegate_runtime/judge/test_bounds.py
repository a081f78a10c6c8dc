import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate_runtime.judge import bounds
from tidegate_runtime.judge.special import find_root


def test_best_rho_is_the_published_one() -> None:
    assert bounds.best_rho(100, 0.05) == pytest.approx(12.60056, abs=1e-5)


@pytest.mark.parametrize(
    ("one_sided", "level", "log_value", "boundary"),
    [(False, 0.05, -0.6941012, 31.4308), (True, 0.10, -0.07134019, 28.41238)],
)
def test_beta_binomial_mixture_has_the_published_values(
    one_sided: bool, level: float, log_value: float, boundary: float
) -> None:
    rho = bounds.best_rho(100, level)

    def log_mixture(s: float) -> float:
        return bounds.log_mixture(s, 100, g=0.2, h=0.8, rho=rho, one_sided=one_sided)

    assert log_mixture(10) == pytest.approx(log_value, abs=1e-6)
    assert find_root(lambda s: log_mixture(s) - math.log(20), low=0, high=60) == pytest.approx(
        boundary, abs=1e-4
    )


@pytest.mark.parametrize(
    ("successes", "trials", "horizon", "low", "high"),
    [
        (700, 1000, 100, 0.651629, 0.745949),
        (15, 50, 50, 0.129556, 0.511896),
        (100, 200, 1, 0.328923, 0.671076),
    ],
)
def test_bernoulli_confidence_sequence_has_the_published_ends(
    successes: int, trials: int, horizon: float, low: float, high: float
) -> None:
    lower = bounds.lower_bound(successes, trials, alpha=0.05, horizon=horizon, one_sided=False)
    upper = bounds.upper_bound(successes, trials, alpha=0.05, horizon=horizon, one_sided=False)
    assert (lower, upper) == pytest.approx((low, high), abs=1.1e-6)


@pytest.mark.parametrize("requests", [1, 2, 10, 1_000, 100_000, 10_000_000])
def test_bounds_converge_at_the_extremes(requests: int) -> None:
    for bad in sorted({0, 1, requests // 2, requests - 1, requests}):
        lower = bounds.lower_bound(bad, requests, alpha=0.005, horizon=100)
        upper = bounds.upper_bound(bad, requests, alpha=0.05, horizon=100)
        assert 0 <= lower <= bad / requests <= upper <= 1
    assert bounds.lower_bound(0, requests, alpha=0.005, horizon=100) == 0
    assert bounds.upper_bound(requests, requests, alpha=0.005, horizon=100) == 1


def test_without_requests_everything_is_possible() -> None:
    assert bounds.lower_bound(0, 0, alpha=0.05, horizon=100) == 0
    assert bounds.upper_bound(0, 0, alpha=0.05, horizon=100) == 1
    assert bounds.log_evidence_above(0, 0, 0.01, horizon=100) == 0


def test_322_faultless_requests_show_a_rate_below_one_percent() -> None:
    assert bounds.log_evidence_below(0, 321, 0.01, horizon=100) < math.log(20)
    assert bounds.log_evidence_below(0, 322, 0.01, horizon=100) >= math.log(20)


counted = st.integers(min_value=1, max_value=100_000).flatmap(
    lambda n: st.tuples(st.integers(min_value=0, max_value=n), st.just(n))
)


@given(counts=counted, rate=st.floats(min_value=0.001, max_value=0.5))
def test_evidence_reaches_the_level_exactly_when_the_bound_passes_the_rate(
    counts: tuple[int, int], rate: float
) -> None:
    bad, requests = counts
    lower = bounds.lower_bound(bad, requests, alpha=0.01, horizon=100)
    above = bounds.log_evidence_above(bad, requests, rate, horizon=100)
    if abs(lower - rate) > 1e-6:
        assert (lower > rate) == (above > math.log(100))
    upper = bounds.upper_bound(bad, requests, alpha=0.01, horizon=100)
    below = bounds.log_evidence_below(bad, requests, rate, horizon=100)
    if abs(upper - rate) > 1e-6:
        assert (upper < rate) == (below > math.log(100))


@given(counts=counted)
def test_the_upper_bound_is_the_lower_bound_of_the_good_requests(counts: tuple[int, int]) -> None:
    bad, requests = counts
    mirrored = bounds.lower_bound(requests - bad, requests, alpha=0.05, horizon=100)
    upper = bounds.upper_bound(bad, requests, alpha=0.05, horizon=100)
    assert upper == pytest.approx(1 - mirrored, abs=1e-9)


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.6])
@pytest.mark.parametrize("true_share", [1.0, 0.5])
def test_evidence_has_a_mean_of_at_most_one_within_the_tolerance(rate: float, true_share: float) -> None:
    n, p = 30, rate * true_share
    probabilities = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    above = [math.exp(bounds.log_evidence_above(k, n, rate, horizon=100)) for k in range(n + 1)]
    mean = math.fsum(probability * e for probability, e in zip(probabilities, above, strict=True))
    assert mean <= 1 + 1e-9
    assert true_share < 1 or mean > 0.99  # a martingale at the boundary: nothing is given away


@pytest.mark.parametrize(("bad", "requests"), [(1, 10_000_000), (5_000_000, 10_000_000), (9, 10), (3, 1_000)])
def test_a_bound_takes_few_evaluations(monkeypatch: pytest.MonkeyPatch, bad: int, requests: int) -> None:
    calls: list[float] = []
    original = bounds.log_mixture

    def counting(s: float, v: float, *, g: float, h: float, rho: float, one_sided: bool) -> float:
        calls.append(s)
        return original(s, v, g=g, h=h, rho=rho, one_sided=one_sided)

    monkeypatch.setattr(bounds, "log_mixture", counting)
    bounds.lower_bound(bad, requests, alpha=0.005, horizon=100)
    assert 0 < len(calls) <= 60
