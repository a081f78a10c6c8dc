"""The metrics of the local cloud, in memory.

Source: Metrics concepts (a metric is a name, a namespace and zero or more dimensions; each combination is a
metric of its own), https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from localcloud.cloudwatch.aggregate import Aggregate
from localcloud.cloudwatch.series import Series

RawKey = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricKey:
    """A metric's identity: dimensions match exactly or not at all."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str]) -> "MetricKey":
        """Build the key of a metric; the order of the dimensions does not matter."""
        return cls(namespace=namespace, name=name, dimensions=tuple(sorted(dimensions.items())))

    def raw(self) -> RawKey:
        """Return the plain tuple under which the store keeps the metric."""
        return (self.namespace, self.name, self.dimensions)


class MetricStore:
    """Samples of every metric, by 1-second bucket of the cloud clock; safe to use from any thread.

    Example:
        store = MetricStore()
        store.record("AWS/SageMaker", "Invocations", {"EndpointName": "e"}, 1.0, "Count", clock.now())
        store.sum("AWS/SageMaker", "Invocations", {"EndpointName": "e"}, start, end)

    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._metrics: dict[RawKey, dict[str, Series]] = {}

    def record(
        self, namespace: str, name: str, dimensions: Mapping[str, str], value: float, unit: str, at: float
    ) -> None:
        """Add one sample, taken at `at` (epoch seconds of the cloud clock); a few microseconds."""
        key = (namespace, name, tuple(sorted(dimensions.items())))
        with self._lock:
            self._series(key, unit).bucket(int(at)).add(value)

    def record_values(
        self, key: MetricKey, values: Sequence[tuple[float, float]], unit: str, at: float
    ) -> None:
        """Add pairs of value and count that share one timestamp."""
        with self._lock:
            bucket = self._series(key.raw(), unit).bucket(int(at))
            for value, count in values:
                bucket.add(value, count)

    def record_statistics(
        self, key: MetricKey, statistics: Mapping[str, float], unit: str, at: float
    ) -> None:
        """Add a StatisticSet (SampleCount, Sum, Minimum, Maximum)."""
        with self._lock:
            self._series(key.raw(), unit).bucket(int(at)).add_statistics(
                count=statistics["SampleCount"],
                total=statistics["Sum"],
                minimum=statistics["Minimum"],
                maximum=statistics["Maximum"],
            )

    def sum(
        self, namespace: str, name: str, dimensions: Mapping[str, str], start: float, end: float
    ) -> float:
        """Return the sum of the samples in [start, end), epoch seconds, of any unit; 0.0 without data."""
        key = MetricKey.of(namespace, name, dimensions)
        found = self.merged(key, start=int(start), end=int(end), samples=False)
        return found.total if found is not None else 0.0

    def merged(
        self, key: MetricKey, *, start: int, end: int, unit: str | None = None, samples: bool = True
    ) -> Aggregate | None:
        """Merge the samples in [start, end), of one unit or of all; None without data.

        `samples` False leaves the value histogram out, which basic statistics do not need.
        """
        with self._lock:
            by_unit = self._metrics.get(key.raw(), {})
            chosen = by_unit.values() if unit is None else filter(None, [by_unit.get(unit)])
            whole = Aggregate()
            for series in chosen:
                for part in series.between(start, end):
                    whole.merge(part, samples=samples)
        return whole if whole.count else None

    def units(self, key: MetricKey) -> list[str]:
        """Return the units in which a metric was recorded."""
        with self._lock:
            return list(self._metrics.get(key.raw(), {}))

    def metrics(self) -> Iterator[tuple[MetricKey, int]]:
        """Yield every metric with the second of its newest sample, in the order of first appearance."""
        with self._lock:
            known = [(raw, max(s.newest for s in units.values())) for raw, units in self._metrics.items()]
        for (namespace, name, dimensions), newest in known:
            yield MetricKey(namespace=namespace, name=name, dimensions=dimensions), newest

    def _series(self, key: RawKey, unit: str) -> Series:
        by_unit = self._metrics.get(key)
        if by_unit is None:
            by_unit = self._metrics[key] = {}
        series = by_unit.get(unit)
        if series is None:
            series = by_unit[unit] = Series()
        return series
