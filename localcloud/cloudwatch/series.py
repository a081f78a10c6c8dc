"""The samples of one metric and unit over time: seconds while they are young, minutes later.

Source: GetMetricData, "CloudWatch retains metric data as follows": periods below 60 seconds for three hours,
60 seconds for 15 days,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from collections import deque

from localcloud.cloudwatch.aggregate import Aggregate

FINE_SECONDS = 3 * 3600
"""Cloud seconds for which 1-second buckets are kept."""
MINUTE_SECONDS = 15 * 24 * 3600
"""Cloud seconds for which 60-second buckets are kept; what is older is forgotten."""


class Series:
    """Buckets of samples, at most `FINE_SECONDS` + `MINUTE_SECONDS` / 60; not thread-safe by itself."""

    __slots__ = ("_fine", "_fine_order", "_minute_order", "_minutes", "newest")

    def __init__(self) -> None:
        self._fine: dict[int, Aggregate] = {}
        self._fine_order: deque[int] = deque()
        self._minutes: dict[int, Aggregate] = {}
        self._minute_order: deque[int] = deque()
        self.newest = 0

    def bucket(self, second: int) -> Aggregate:
        """Return the bucket that samples of `second` (epoch seconds) go to."""
        found = self._fine.get(second)
        if found is not None:
            return found
        if second < self.newest - FINE_SECONDS:
            return self._minute(second - second % 60)
        self.newest = max(self.newest, second)
        self._expire()
        created = self._fine[second] = Aggregate()
        self._fine_order.append(second)
        return created

    def between(self, start: int, end: int) -> list[Aggregate]:
        """Return the buckets in [start, end); an old minute belongs to the stretch in which it starts."""
        return [*_between(self._fine, start, end, 1), *_between(self._minutes, start, end, 60)]

    def _minute(self, minute: int) -> Aggregate:
        found = self._minutes.get(minute)
        if found is None:
            found = self._minutes[minute] = Aggregate()
            self._minute_order.append(minute)
        return found

    def _expire(self) -> None:
        """Roll seconds that are too old into minutes; late arrivals harmlessly wait behind younger ones."""
        while self._fine_order and self._fine_order[0] < self.newest - FINE_SECONDS:
            second = self._fine_order.popleft()
            self._minute(second - second % 60).merge(self._fine.pop(second))
        while self._minute_order and self._minute_order[0] < self.newest - MINUTE_SECONDS:
            del self._minutes[self._minute_order.popleft()]


def _between(buckets: dict[int, Aggregate], start: int, end: int, step: int) -> list[Aggregate]:
    first = start + -start % step
    if (end - first) // step > len(buckets):
        return [bucket for at, bucket in buckets.items() if start <= at < end]
    return [bucket for at in range(first, end, step) if (bucket := buckets.get(at)) is not None]
