"""The uncertainty of a difference agrees with scipy's, and with leaving rows out by hand."""

import math
import random
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]

from tidegate_runtime.validation.metrics import METRICS
from tidegate_runtime.validation.paired import compare, sign_test

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), min_size=10, max_size=60)


def by_hand(name: str, labels: Any, ours: Any, theirs: Any) -> tuple[float, float]:
    """Return the interval of `worse`, each row left out in turn."""
    metric = METRICS[name]
    sign, rows = (-1 if metric.more_is_better else 1), len(labels)

    def worse(keep: list[int]) -> float:
        truth = [labels[i] for i in keep]
        one, two = ([said[i] for i in keep] for said in (ours, theirs))
        return sign * (metric.value(metric.rows(truth, one)) - metric.value(metric.rows(truth, two)))

    without = [worse([i for i in range(rows) if i != left]) for left in range(rows)]
    error = math.sqrt((rows - 1) * statistics.pvariance(without))
    half = stats.t.ppf(0.975, rows - 1) * error
    return worse(list(range(rows))) - half, worse(list(range(rows))) + half


@pytest.mark.parametrize("name", ["accuracy", "f1", "mean_absolute_error", "root_mean_squared_error"])
@given(rows=ROWS)
def test_the_interval_is_the_jackknifes(name: str, rows: list[tuple[int, int, int]]) -> None:
    labels, ours, theirs = zip(*rows, strict=True)
    found = compare(METRICS[name], labels=labels, candidate=ours, live=theirs)
    low, high = by_hand(name, labels, ours, theirs)
    # The quantile is approximated: an end of the interval is as near as its width allows, also around zero.
    near = max(1e-4, 2e-3 * (high - low))
    assert (found.low, found.high) == pytest.approx((low, high), rel=2e-3, abs=near)


@given(rows=ROWS)
def test_swapping_the_versions_turns_everything_round(rows: list[tuple[int, int, int]]) -> None:
    labels, ours, theirs = zip(*rows, strict=True)
    for metric in (METRICS["f1"], METRICS["root_mean_squared_error"]):
        one = compare(metric, labels=labels, candidate=ours, live=theirs)
        other = compare(metric, labels=labels, candidate=theirs, live=ours)
        assert (one.worse, one.low, one.high) == pytest.approx((-other.worse, -other.high, -other.low))
        assert (one.lost, one.won) == (other.won, other.lost)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_sign_test_is_the_exact_binomial_one(lost: int, won: int) -> None:
    if lost + won:
        wanted = stats.binomtest(lost, lost + won, 0.5, alternative="greater").pvalue
        assert sign_test(lost, won) == pytest.approx(wanted)
    else:
        assert sign_test(lost, won) == 1


def test_equal_answers_differ_by_nothing() -> None:
    found = compare(METRICS["f1"], labels=[0, 1] * 10, candidate=[0] * 20, live=[0] * 20)
    assert (found.worse, found.low, found.high, found.lost, found.won, found.chance) == (0, 0, 0, 0, 0, 1)


def test_the_interval_holds_the_true_difference_about_as_often_as_it_says() -> None:
    # GIVEN versions that are right on 90 % and 85 % of all rows there could be.
    dice, held = random.Random(7), 0
    for _ in range(400):
        labels = [1] * 300
        live = [int(dice.random() < 0.90) for _ in labels]
        candidate = [int(dice.random() < 0.85) for _ in labels]
        found = compare(METRICS["accuracy"], labels=labels, candidate=candidate, live=live)
        held += found.low <= 0.05 <= found.high
    # THEN 95 % of 400 intervals hold the true 5 %, give or take three standard deviations.
    assert 0.917 <= held / 400 <= 0.983
