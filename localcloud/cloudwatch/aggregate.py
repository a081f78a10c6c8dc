"""The aggregate of all samples of one metric in one stretch of time.

Statistics are defined over raw samples, so an aggregate keeps the histogram of its values besides count, sum
and extremes. The histogram is exact until it grows large, then it keeps fewer significant digits.

Source: CloudWatch statistics definitions,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import math

EXACT_VALUES = 512
"""Distinct values that one aggregate keeps exactly; beyond, values are rounded to `COARSE_DIGITS`."""
COARSE_DIGITS = 3
"""Significant digits of a rounded value: a relative error of at most 0.5 %."""
COARSE_VALUES = 4096
"""Distinct rounded values before another digit is given up, which bounds the memory of one aggregate."""


class Aggregate:
    """Count, sum, extremes and value histogram of samples; mutable and not thread-safe by itself.

    `opaque` says that some samples came as a statistic set, so that nothing that needs raw samples can be
    computed.
    """

    __slots__ = ("count", "digits", "maximum", "minimum", "opaque", "total", "values")

    def __init__(self) -> None:
        self.count = 0.0
        self.total = 0.0
        self.minimum = math.inf
        self.maximum = -math.inf
        self.opaque = False
        self.digits = 0
        self.values: dict[float, float] = {}

    def add(self, value: float, count: float = 1.0) -> None:
        """Add `count` samples of `value`."""
        self.count += count
        self.total += value * count
        if value < self.minimum:
            self.minimum = value
        if value > self.maximum:
            self.maximum = value
        self._put(value, count)

    def add_statistics(self, *, count: float, total: float, minimum: float, maximum: float) -> None:
        """Add a statistic set; equal extremes mean that every sample is known after all."""
        if minimum == maximum and total == minimum * count:
            self.add(minimum, count)
            return
        self.count += count
        self.total += total
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)
        self.opaque = True

    def merge(self, other: "Aggregate", *, samples: bool = True) -> None:
        """Add all samples of `other`; without `samples`, only what basic statistics need (much cheaper)."""
        self.count += other.count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        self.opaque = self.opaque or other.opaque
        if not samples:
            return
        for value, count in other.values.items():
            self._put(value, count)

    def _put(self, value: float, count: float) -> None:
        values = self.values
        key = value if not self.digits else _rounded(value, self.digits)
        values[key] = values.get(key, 0.0) + count
        if len(values) > (COARSE_VALUES if self.digits else EXACT_VALUES):
            self._coarsen()

    def _coarsen(self) -> None:
        self.digits = COARSE_DIGITS if not self.digits else max(1, self.digits - 1)
        coarse: dict[float, float] = {}
        for value, count in self.values.items():
            key = _rounded(value, self.digits)
            coarse[key] = coarse.get(key, 0.0) + count
        self.values = coarse


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
