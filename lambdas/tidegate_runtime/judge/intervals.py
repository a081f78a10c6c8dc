"""Which stretches of time have been counted already, in a form that stays small."""

from collections.abc import Sequence

Intervals = tuple[tuple[int, int], ...]
"""Disjoint half-open intervals of epoch seconds, in order, none touching the next."""


def covers(intervals: Intervals, start: int, end: int) -> bool:
    """Tell whether one interval contains all of `start` to `end`."""
    return any(low <= start and end <= high for low, high in intervals)


def insert(intervals: Intervals, start: int, end: int) -> Intervals:
    """Return the intervals with one more; neighbours that touch become one.

    Raises:
        ValueError: The new interval overlaps a stored one: its requests would count twice.

    """
    clash = next(((low, high) for low, high in intervals if start < high and low < end), None)
    if clash:
        raise ValueError(f"bucket {start} to {end} overlaps the counted time {clash[0]} to {clash[1]}")
    return _joined(sorted([*intervals, (start, end)]))


def _joined(intervals: Sequence[tuple[int, int]]) -> Intervals:
    joined: list[tuple[int, int]] = []
    for low, high in intervals:
        if joined and joined[-1][1] == low:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return tuple(joined)
