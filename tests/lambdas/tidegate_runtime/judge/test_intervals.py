from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tidegate_runtime.judge.intervals import Intervals, covers, insert


@given(slots=st.lists(st.integers(min_value=0, max_value=40), unique=True))
def test_covers_exactly_what_was_inserted_in_any_order(slots: list[int]) -> None:
    intervals: Intervals = ()
    for slot in slots:
        assert not covers(intervals, slot * 10, slot * 10 + 10)
        intervals = insert(intervals, slot * 10, slot * 10 + 10)
    assert {s for s in range(41) if covers(intervals, s * 10, s * 10 + 10)} == set(slots)
    assert all(a[1] < b[0] for a, b in pairwise(intervals))
