"""Statistics: their names, and their values over an aggregate.

Source: CloudWatch statistics definitions,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.cloudwatch.aggregate import Aggregate
from localcloud.errors import AwsError, NotEmulated

BASIC: dict[str, Callable[[Aggregate], float]] = {
    "SampleCount": lambda a: a.count,
    "Sum": lambda a: a.total,
    "Average": lambda a: a.total / a.count,
    "Minimum": lambda a: a.minimum,
    "Maximum": lambda a: a.maximum,
}
_PERCENTILE = re.compile(r"p(\d{1,3}(?:\.\d{1,10})?)")
_NUMBER = r"-?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"(PR|TC)\(({_NUMBER})?:({_NUMBER})?\)")
_KNOWN_BUT_ABSENT = re.compile(
    r"IQM|(?:tm|tc|ts|wm)\d{1,3}(?:\.\d{1,10})?|(?:TM|TC|TS|WM)\([\d.%]*:[\d.%]*\)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """A statistic by name: Sum, p99, PR(:250), TC(100:200) and so on."""

    name: str

    def __post_init__(self) -> None:
        """Refuse names that CloudWatch does not have, and those it has and this emulation lacks."""
        if self.name in BASIC or (_PERCENTILE.fullmatch(self.name) and float(self.name[1:]) <= 100):
            return
        if (found := _RANGE.fullmatch(self.name)) and (found[2] or found[3]):
            return
        if _KNOWN_BUT_ABSENT.fullmatch(self.name):
            raise NotEmulated(f"CloudWatch statistic {self.name}: use a basic one, pNN, PR(a:b) or TC(a:b)")
        raise AwsError("ValidationError", f"The value {self.name} for parameter Stat is invalid.")

    @property
    def is_extended(self) -> bool:
        """Whether the statistic needs raw samples (in the API: an ExtendedStatistic)."""
        return self.name not in BASIC

    @property
    def is_percentile(self) -> bool:
        """Whether the statistic is a percentile, pNN."""
        return self.name.startswith("p")

    def value(self, aggregate: Aggregate) -> float | None:
        """Compute the statistic, or return None where CloudWatch has no data point.

        Statistics over raw samples do not exist for statistic sets, nor where a value is negative.
        """
        basic = BASIC.get(self.name)
        if basic is not None:
            return basic(aggregate)
        if aggregate.opaque or aggregate.minimum < 0:
            return None
        if self.is_percentile:
            return _percentile(aggregate, float(self.name[1:]))
        return self._in_range(aggregate)

    def _in_range(self, aggregate: Aggregate) -> float:
        found = _RANGE.fullmatch(self.name)
        assert found is not None  # noqa: S101 - checked when the statistic was made
        low = float(found[2]) if found[2] else -math.inf
        high = float(found[3]) if found[3] else math.inf
        # Values equal to the higher boundary count, values equal to the lower one do not.
        inside = sum(count for value, count in aggregate.values.items() if low < value <= high)
        return inside if found[1] == "TC" else 100.0 * inside / aggregate.count


def _percentile(aggregate: Aggregate, percent: float) -> float:
    """Interpolate linearly between the two samples around rank percent / 100 * (n - 1)."""
    rank = percent / 100.0 * (aggregate.count - 1)
    below, above = math.floor(rank), math.ceil(rank)
    seen = 0.0
    low: float | None = None
    for value, count in sorted(aggregate.values.items()):
        seen += count
        if low is None and seen > below:
            low = value
        if low is not None and seen > above:
            return _clamped(low + (value - low) * (rank - below), aggregate)
    return aggregate.maximum


def _clamped(value: float, aggregate: Aggregate) -> float:
    # A coarse histogram rounds, and a percentile must not leave the range of the samples.
    return min(max(value, aggregate.minimum), aggregate.maximum)
