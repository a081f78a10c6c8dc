"""One condition each: a share of the requests, a latency, a full instance, a long queue."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated, Any, Self

from aws_cdk import Duration
from pydantic import Field, model_validator

from stacks.fields.values import Above0, AtLeast0, Count, Percent, Text
from stacks.part import Part

if TYPE_CHECKING:
    from tidegate import EndpointAlarm


class TimingPart(Part):
    """How long it must be bad; the library's own choice for what is left out."""

    period_seconds: Count | None = None
    periods: Count | None = None
    datapoints: Count | None = None

    def timing(self) -> dict[str, Any]:
        """Return what is given; as many bad datapoints as there are periods, unless said otherwise."""
        given = {"period_seconds": self.period_seconds, "periods": self.periods}
        given["datapoints"] = self.datapoints if self.datapoints is not None else self.periods
        return {name: value for name, value in given.items() if value is not None}


class RatePart(TimingPart):
    """A share of the requests."""

    at_least: Annotated[float, Field(gt=0, le=1)]
    min_requests: AtLeast0 = 20


class LatencyPart(TimingPart):
    """A percentile of the time that the container takes."""

    percentile: Annotated[float, Field(gt=0, lt=100)]
    at_least_ms: Count
    expected_requests_per_minute: Above0

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        # Requests of a queue may take longer: the endpoint itself checks its own bound.
        self.alarm(asynchronous=True)
        return self

    def alarm(self, *, asynchronous: bool) -> "EndpointAlarm":
        """Return the alarm for the library.

        Args:
            asynchronous: Whether the endpoint is asynchronous.

        """
        from tidegate import EndpointAlarm

        return EndpointAlarm.model_latency(
            percentile=self.percentile,
            at_least=Duration.millis(self.at_least_ms),
            expected_requests_per_minute=self.expected_requests_per_minute,
            asynchronous=asynchronous,
            **self.timing(),
        )


class HostPart(TimingPart):
    """A share of the instance; `units` are its vCPUs or GPUs, whose percentages add up."""

    percent: Percent
    units: Count | None = None

    def alarm(self, metric: str, instance_types: Collection[str]) -> "EndpointAlarm":
        """Return the alarm for the library.

        Args:
            metric: What is nearly full.
            instance_types: The types of the fleets; none while they are not known.

        Raises:
            ValueError: the number of vCPUs or GPUs is neither given nor the same everywhere.

        """
        from tidegate import EndpointAlarm
        from tidegate.instance_sizes import units_of

        units = self.units
        if units is None:
            found = {units_of(metric, one) for one in instance_types}
            if len(found) > 1 or found == {None}:
                types = ", ".join(sorted(instance_types))
                raise ValueError(f"alarms: units of {metric} must be given, got none for {types}")
            units = next(iter(found), None)
        return EndpointAlarm.saturation(
            metric, percent=self.percent, units=units if units is not None else 1, **self.timing()
        )


class OtherPart(TimingPart):
    """Any metric that SageMaker publishes of the endpoint, by its CloudWatch name and unit."""

    metric: Text
    statistic: Text
    threshold: Above0
    below: bool = False
    missing_is_bad: bool = False

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        self.alarm("unnamed")
        return self

    def alarm(self, name: str) -> "EndpointAlarm":
        """Return the alarm for the library."""
        from tidegate import EndpointAlarm

        return EndpointAlarm(
            name=name,
            metric=self.metric,
            statistic=self.statistic,
            threshold=self.threshold,
            below=self.below,
            missing_is_breaching=self.missing_is_bad,
            **self.timing(),
        )


class QuietPart(Part):
    """No request at all."""

    minutes: Count = 15


class AgePart(TimingPart):
    """How long the oldest request waits."""

    at_least_seconds: Count


class FailuresPart(TimingPart):
    """A number of failed requests in a period."""

    at_least: Count = 1
