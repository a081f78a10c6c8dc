"""One policy or schedule of scaling: a metric of your own, steps, times of day."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from stacks.fields.values import Above0, AtLeast0, Count, Text
from stacks.part import Part

if TYPE_CHECKING:
    from tidegate import ScalingMetric, ScheduledCapacity, StepPolicy
    from tidegate.step_policy import Adjustment

_ADJUSTMENTS: "Final[Mapping[str, Adjustment]]" = {
    "units": "ChangeInCapacity",
    "percent": "PercentChangeInCapacity",
    "exact": "ExactCapacity",
}
_UNNAMED: Final = "unnamed"


class MetricPart(Part):
    """A CloudWatch metric that scaling follows."""

    metric: Text
    namespace: Text = "AWS/SageMaker"
    statistic: Literal["Average", "Minimum", "Maximum", "SampleCount", "Sum"] = "Average"
    dimensions: dict[str, str] | None = None
    unit: Text | None = None

    def scaling_metric(self) -> "ScalingMetric":
        """Return the metric for the library."""
        from tidegate import ScalingMetric

        return ScalingMetric(
            name=self.metric,
            namespace=self.namespace,
            statistic=self.statistic,
            dimensions=self.dimensions,
            unit=self.unit,
        )


class CustomPart(MetricPart):
    """Target tracking of a metric of your own."""

    target: Above0


class ScalingStepPart(Part):
    """One step: how much to change, from how far beyond the threshold."""

    change: int
    lower: float | None = None
    upper: float | None = None


class StepPolicyPart(MetricPart):
    """Step scaling: an alarm on a metric, and how much to change by how far it is off."""

    threshold: float
    steps: Annotated[tuple[ScalingStepPart, ...], Field(strict=False, min_length=1, max_length=20)]
    below: bool = False
    adjustment: Literal["units", "percent", "exact"] = "units"
    cooldown_seconds: AtLeast0 = 60
    period_seconds: Annotated[int, Field(ge=10)] = 60
    periods: Count = 1

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        self.policy(_UNNAMED)
        return self

    def policy(self, name: str) -> "StepPolicy":
        """Return the policy for the library."""
        from tidegate import Step, StepPolicy

        return StepPolicy(
            name=name,
            metric=self.scaling_metric(),
            threshold=self.threshold,
            steps=[Step(change=one.change, lower=one.lower, upper=one.upper) for one in self.steps],
            below=self.below,
            adjustment=_ADJUSTMENTS[self.adjustment],
            cooldown_seconds=self.cooldown_seconds,
            period_seconds=self.period_seconds,
            periods=self.periods,
        )


class SchedulePart(Part):
    """New bounds of the capacity at given times."""

    schedule: Text
    min: AtLeast0 | None = None
    max: Count | None = None
    timezone: Text = "UTC"

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        self.scheduled(_UNNAMED)
        return self

    def scheduled(self, name: str) -> "ScheduledCapacity":
        """Return the schedule for the library."""
        from tidegate import ScheduledCapacity

        return ScheduledCapacity(
            name=name,
            schedule=self.schedule,
            min_capacity=self.min,
            max_capacity=self.max,
            timezone=self.timezone,
        )
