"""Step scaling: what a configuration means, and its arithmetic.

Source: How step scaling for Application Auto Scaling works,
https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html, and the rules
of https://docs.aws.amazon.com/autoscaling/application/APIReference/API_StepAdjustment.html
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from localcloud.errors import AwsError

_DEFAULT_COOLDOWN_SECONDS = 300
_AGGREGATIONS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Change the capacity by `change` when the metric is off the threshold by `lower` to `upper`."""

    lower: float
    upper: float
    change: int

    def holds(self, difference: float, *, above: bool) -> bool:
        """Whether a difference is in the step: above the threshold, the lower bound belongs to it."""
        if above:
            return self.lower <= difference < self.upper
        return self.lower < difference <= self.upper


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRule:
    """Change the capacity by how far an alarm's metric is off its threshold."""

    adjustment: str
    steps: tuple[Step, ...]
    least_change: int
    pause_seconds: float
    aggregation: str

    @classmethod
    def parse(cls, configuration: Mapping[str, Any]) -> Self:
        """Check a configuration.

        Raises:
            AwsError: ValidationException, with what was wrong.

        """
        adjustment = configuration.get("AdjustmentType")
        steps = sorted(map(_step, configuration.get("StepAdjustments", ())), key=lambda each: each.lower)
        faults = [*_faults(steps)]
        if adjustment is None:
            faults.append("AdjustmentType is required")
        if "MinAdjustmentMagnitude" in configuration and adjustment != "PercentChangeInCapacity":
            faults.append(f"MinAdjustmentMagnitude needs PercentChangeInCapacity, got {adjustment}")
        if faults:
            raise AwsError("ValidationException", "; ".join(faults))
        return cls(
            adjustment=str(adjustment),
            steps=tuple(steps),
            least_change=configuration.get("MinAdjustmentMagnitude", 1),
            pause_seconds=configuration.get("Cooldown", _DEFAULT_COOLDOWN_SECONDS),
            aggregation=configuration.get("MetricAggregationType", "Average"),
        )

    def cooldown_seconds(self, *, out: bool) -> float:
        """Return the length of the cooldown, cloud seconds; both directions have the same."""
        del out
        return self.pause_seconds

    def step(self, values: Sequence[float], threshold: float, *, rising: bool) -> Step | None:
        """Return the step for the data points of an alarm, None where none fits or there are no data.

        Args:
            values: the data points.
            threshold: the alarm's.
            rising: whether the alarm goes off above its threshold, which decides for a value on it.

        """
        if not values:
            return None
        difference = _AGGREGATIONS[self.aggregation](values) - threshold
        above = difference > 0 or (difference == 0 and rising)
        return next((step for step in self.steps if step.holds(difference, above=above)), None)

    def adjusted(self, step: Step, base: int) -> int:
        """Return the units after a step, counted from `base`."""
        if self.adjustment == "ExactCapacity":
            return step.change
        if self.adjustment == "ChangeInCapacity":
            return base + step.change
        return base + self._percent(base * step.change / 100)

    def _percent(self, change: float) -> int:
        """Round towards zero, and from less than one unit to one; then apply the least magnitude."""
        size = max(math.floor(round(abs(change), 9)), self.least_change)
        return int(math.copysign(size, change)) if change else 0


def _step(given: Mapping[str, Any]) -> Step:
    return Step(
        lower=given.get("MetricIntervalLowerBound", -math.inf),
        upper=given.get("MetricIntervalUpperBound", math.inf),
        change=given["ScalingAdjustment"],
    )


def _faults(steps: Sequence[Step]) -> list[str]:
    if not steps:
        return ["at least one StepAdjustment is required"]
    faults = [
        f"StepAdjustment bounds must be ascending and not both null, got {each.lower} to {each.upper}"
        for each in steps
        if each.lower >= each.upper or (math.isinf(each.lower) and math.isinf(each.upper))
    ]
    for earlier, later in itertools.pairwise(steps):
        if earlier.upper != later.lower:
            fault = f"StepAdjustments must not overlap or have a gap, got {earlier.upper} then {later.lower}"
            faults.append(fault)
    if steps[0].lower < 0 and not math.isinf(steps[0].lower):
        faults.append("a negative lower bound needs a StepAdjustment with a null lower bound")
    if steps[-1].upper > 0 and not math.isinf(steps[-1].upper):
        faults.append("a positive upper bound needs a StepAdjustment with a null upper bound")
    return faults
