import pytest

from tidegate_runtime.judge.counts import Bucket, Counts


@pytest.mark.parametrize(
    ("requests", "bad", "message"),
    [
        (-1, {}, "requests must be a whole number of at least 0, got -1"),
        (10, {"5xx": -2}, "5xx must be a whole number of at least 0, got -2"),
        (10, {"5xx": 2.5}, "5xx must be a whole number of at least 0, got 2.5"),
        (10, {"5xx": 11}, "5xx must be at most the 10 requests, got 11"),
        (0, {"5xx": 1}, "5xx must be at most the 0 requests, got 1"),
    ],
)
def test_rejects_impossible_counts(requests: int, bad: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Counts(requests, bad)


def test_rejects_a_bucket_without_length() -> None:
    with pytest.raises(ValueError, match="seconds must be at least 1, got 0"):
        Bucket(0, 0, Counts(0, {}), Counts(0, {}))


def test_sums_keep_to_the_signals_of_the_first() -> None:
    total = Counts(10, {"5xx": 1}).plus(Counts(5, {"5xx": 2, "unwatched": 3}))
    assert total == Counts(15, {"5xx": 3})


def test_rejects_counts_that_lack_a_signal() -> None:
    with pytest.raises(ValueError, match=r"counts lack the signals \['5xx'\], got \['4xx'\]"):
        Counts(10, {"5xx": 1}).plus(Counts(5, {"4xx": 2}))
