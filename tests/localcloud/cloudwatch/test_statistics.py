from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cloudwatch.aggregate import COARSE_VALUES, EXACT_VALUES, Aggregate
from localcloud.cloudwatch.statistics import Statistic
from localcloud.errors import AwsError, NotEmulated

latencies = st.lists(st.integers(0, 10**6).map(float), min_size=1, max_size=200)


def aggregate(values: Sequence[float]) -> Aggregate:
    whole = Aggregate()
    for value in values:
        whole.add(value)
    return whole


def value(name: str, values: Sequence[float]) -> float:
    found = Statistic(name=name).value(aggregate(values))
    assert found is not None
    return found


@given(latencies, st.sampled_from(["0", "12.5", "50", "90", "99", "99.9", "100"]))
def test_percentiles_agree_with_numpys_linear_interpolation(values: list[float], percent: str) -> None:
    assert value(f"p{percent}", values) == pytest.approx(np.percentile(values, float(percent)))


@given(latencies)
def test_basic_statistics_agree_with_numpy(values: list[float]) -> None:
    found = [value(name, values) for name in ("SampleCount", "Sum", "Average", "Minimum", "Maximum")]
    assert found == pytest.approx(
        [len(values), np.sum(values), np.mean(values), np.min(values), np.max(values)]
    )


@given(latencies, st.integers(0, 10**6), st.integers(0, 10**6))
def test_trimmed_count_excludes_the_lower_and_includes_the_higher_boundary(
    values: list[float], low: int, high: int
) -> None:
    assert value(f"TC({low}:{high})", values) == sum(low < each <= high for each in values)


@given(latencies, st.integers(0, 10**6))
def test_percentile_ranks_of_adjoining_bins_add_up_to_one_hundred(values: list[float], edge: int) -> None:
    assert value(f"PR(:{edge})", values) + value(f"PR({edge}:)", values) == pytest.approx(100)


def test_trimmed_count_takes_open_ended_and_fractional_boundaries() -> None:
    assert value("TC(:0.5)", [0.25, 0.5, 0.75]) == 2
    assert value("TC(0.5:)", [0.25, 0.5, 0.75]) == 1


def test_a_large_histogram_stays_bounded_and_keeps_percentiles_within_half_a_percent() -> None:
    values = np.random.default_rng(7).lognormal(9, 2, 20_000).tolist()
    whole = aggregate(values)
    assert EXACT_VALUES < len(whole.values) <= COARSE_VALUES
    for percent in (1, 50, 99, 99.9, 100):
        found = Statistic(name=f"p{percent}").value(whole)
        assert found == pytest.approx(np.percentile(values, percent), rel=0.005)


def test_basic_statistics_stay_exact_however_large_the_histogram() -> None:
    values = [float(each) for each in range(5000)]
    assert value("Sum", values) == sum(values)
    assert value("SampleCount", values) == 5000


def test_statistics_over_samples_do_not_exist_for_statistic_sets() -> None:
    whole = Aggregate()
    whole.add_statistics(count=3, total=6, minimum=1, maximum=3)
    assert Statistic(name="p50").value(whole) is None
    assert Statistic(name="Average").value(whole) == 2


def test_a_statistic_set_of_equal_values_counts_as_samples() -> None:
    whole = Aggregate()
    whole.add_statistics(count=3, total=6, minimum=2, maximum=2)
    assert Statistic(name="p50").value(whole) == 2


def test_percentiles_do_not_exist_where_a_value_is_negative() -> None:
    assert Statistic(name="p50").value(aggregate([-1.0, 1.0])) is None


@pytest.mark.parametrize("name", ["p101", "p", "Median", "PR(:)", "PR()", "TC(1,2)", ""])
def test_rejects_statistics_that_do_not_exist(name: str) -> None:
    with pytest.raises(AwsError, match="is invalid"):
        Statistic(name=name)


@pytest.mark.parametrize("name", ["tm99", "IQM", "WM(10%:90%)", "TS(80%:)", "tc90", "TC(10%:90%)"])
def test_rejects_statistics_that_are_not_emulated(name: str) -> None:
    with pytest.raises(NotEmulated):
        Statistic(name=name)
