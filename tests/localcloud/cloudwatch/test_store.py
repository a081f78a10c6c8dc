import threading

from localcloud.cloudwatch import MetricKey, MetricStore
from localcloud.cloudwatch.series import FINE_SECONDS, MINUTE_SECONDS, Series

LIVE = {"EndpointName": "digits", "VariantName": "live"}


def test_dimensions_match_exactly_and_in_any_order() -> None:
    store = MetricStore()
    store.record("N", "M", LIVE, 2.0, "Count", 100)
    assert store.sum("N", "M", dict(reversed(LIVE.items())), 100, 101) == 2
    assert store.sum("N", "M", {"EndpointName": "digits"}, 100, 101) == 0
    assert store.sum("N", "M", {**LIVE, "VariantName": "candidate"}, 100, 101) == 0
    assert store.sum("N", "M", {}, 100, 101) == 0


def test_a_sum_includes_its_start_and_excludes_its_end() -> None:
    store = MetricStore()
    for at in (99.9, 100.0, 159.9, 160.0):
        store.record("N", "M", {}, 1.0, "Count", at)
    assert store.sum("N", "M", {}, 100, 160) == 2


def test_a_sum_runs_over_all_units_and_a_merge_over_one_if_asked() -> None:
    store = MetricStore()
    store.record("N", "M", {}, 1.0, "Count", 100)
    store.record("N", "M", {}, 10.0, "None", 100)
    assert store.sum("N", "M", {}, 100, 101) == 11
    one = store.merged(MetricKey.of("N", "M", {}), start=100, end=101, unit="Count")
    assert one is not None
    assert one.total == 1


def test_a_metric_that_was_never_recorded_has_no_aggregate() -> None:
    assert MetricStore().merged(MetricKey.of("N", "M", {}), start=0, end=100) is None


def test_seconds_older_than_three_hours_become_minutes_without_losing_samples() -> None:
    series = Series()
    for second in range(FINE_SECONDS + 600):
        series.bucket(second).add(1.0)
    assert sum(bucket.count for bucket in series.between(0, 60)) == 60
    assert len(series.between(0, 60)) == 1
    assert len(series.between(FINE_SECONDS, FINE_SECONDS + 60)) == 60


def test_a_sample_that_arrives_after_three_hours_goes_to_its_minute() -> None:
    series = Series()
    series.bucket(FINE_SECONDS + 1000).add(1.0)
    series.bucket(61).add(5.0)
    assert [bucket.total for bucket in series.between(60, 120)] == [5.0]


def test_minutes_older_than_fifteen_days_are_forgotten() -> None:
    series = Series()
    series.bucket(0).add(1.0)
    for later in (FINE_SECONDS + 1, FINE_SECONDS + MINUTE_SECONDS):
        series.bucket(later).add(1.0)
    assert series.between(0, 60) == []


def test_concurrent_records_lose_nothing() -> None:
    store = MetricStore()

    def work() -> None:
        for at in range(2000):
            store.record("N", "M", LIVE, 1.0, "Count", at % 60)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.sum("N", "M", LIVE, 0, 60) == 8000


def test_metrics_are_listed_with_their_newest_sample() -> None:
    store = MetricStore()
    store.record("N", "M", LIVE, 1.0, "Count", 100)
    store.record("N", "M", LIVE, 1.0, "Count", 90)
    assert list(store.metrics()) == [(MetricKey.of("N", "M", LIVE), 100)]
