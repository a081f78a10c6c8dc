"""The state of a metric alarm, given its data points: M out of N, four ways to treat missing data.

Sources: Alarm evaluation,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html, and Configuring how
CloudWatch alarms treat missing data, with its two tables and "Avoiding premature transitions to alarm state",
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

StateValue = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
TREATMENTS = ("missing", "notBreaching", "breaching", "ignore")
EXTRA_PERIODS = 2
"""Periods read beyond EvaluationPeriods. AWS does not publish the number; its tables show 5 for 3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The condition of a metric alarm.

    Attributes:
        comparison: a key of `COMPARISONS`.
        threshold: what a data point is compared with.
        periods: N, EvaluationPeriods.
        datapoints: M, DatapointsToAlarm.
        missing: one of `TREATMENTS`.

    """

    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: str = "missing"

    def breaches(self, value: float) -> bool:
        """Whether one data point breaches the threshold."""
        return COMPARISONS[self.comparison][0](value, self.threshold)

    def state(self, points: Sequence[float | None], current: StateValue) -> StateValue:
        """Decide the state.

        Args:
            points: the data points of the evaluation range, oldest first, None where one is missing.
            current: the state so far, which is kept where the data decide nothing.

        """
        real = [value for value in points if value is not None]
        breaching = sum(map(self.breaches, real[-self.periods :]))
        gaps = max(0, self.periods - len(real))
        if self.missing == "breaching":
            breaching += gaps
        if breaching >= self.datapoints:
            return "ALARM"
        if not gaps or self.missing in ("breaching", "notBreaching") or breaching < len(real):
            return "OK"
        return self._undecided(points, current)

    def _undecided(self, points: Sequence[float | None], current: StateValue) -> StateValue:
        """Decide where all real data points breach but are fewer than M, and missing ones count as nothing.

        The alarm goes off when the oldest of them is at least M periods old. A younger one decides nothing
        yet; AWS says only that it does not go off, here it keeps its state.
        """
        if self.missing == "ignore":
            return current
        ages = [len(points) - at for at, value in enumerate(points) if value is not None]
        if not ages:
            return "INSUFFICIENT_DATA"
        return "ALARM" if max(ages) >= self.datapoints else current
