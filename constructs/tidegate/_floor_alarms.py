"""Catastrophe floors: alarms on one variant that go off when it is plainly broken."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from tidegate._validation import Faults
from tidegate.signal import Signal

_Alarm = cloudwatch.CfnAlarm
FLOOR_RATIO: Final = 0.5
FLOOR_REQUESTS: Final = 50


class FloorAlarms(Construct):
    """One alarm per signal of one variant, called `{endpoint_name}-{variant}-{signal}`.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint.
        variant: The variant that is watched.
        signals: What counts as bad.
        floor_ratio: Share of bad requests that is a catastrophe, above 0 and at most 1.
        floor_requests: Fewest requests of a period that count, at least 1.
        period: Length of a period; 60 s when None.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        variant: str,
        signals: Sequence[Signal],
        floor_ratio: float,
        floor_requests: int,
        period: Duration | None,
    ) -> None:
        super().__init__(scope, construct_id)
        _check(variant, signals, floor_ratio, floor_requests)
        seconds = int(period.to_seconds()) if period is not None else 60
        self.alarm_names: tuple[str, ...] = tuple(
            f"{endpoint_name}-{variant}-{signal.name}" for signal in signals
        )
        """Names of the alarms, in the order of the signals."""
        watched = {"EndpointName": endpoint_name, "VariantName": variant}
        for name, signal in zip(self.alarm_names, signals, strict=True):
            cloudwatch.CfnAlarm(
                self,
                f"Signal-{signal.name}",
                alarm_name=name,
                alarm_description=f"{signal.name}: at least {floor_ratio:.0%} of the requests are bad",
                metrics=_share(watched, signal.metric, floor_requests, seconds),
                threshold=floor_ratio,
                comparison_operator="GreaterThanOrEqualToThreshold",
                evaluation_periods=1,
                treat_missing_data="notBreaching",
            )

    @cached_property
    def alarms(self) -> tuple[cloudwatch.IAlarm, ...]:
        """The alarms by their names, for a dashboard or a composite alarm."""
        return tuple(
            cloudwatch.Alarm.from_alarm_name(self, f"Imported-{name}", name) for name in self.alarm_names
        )


def _check(variant: str, signals: Sequence[Signal], floor_ratio: float, floor_requests: int) -> None:
    faults = Faults(f"{variant} alarms")
    faults.require(ok=bool(signals), message="signals must not be empty")
    faults.require(
        ok=0 < floor_ratio <= 1, message=f"floor_ratio must be above 0 and at most 1, got {floor_ratio}"
    )
    faults.require(ok=floor_requests >= 1, message=f"floor_requests must be at least 1, got {floor_requests}")
    faults.raise_if_any()


def _share(
    watched: Mapping[str, str], metric_name: str, floor_requests: int, seconds: int
) -> list[_Alarm.MetricDataQueryProperty]:
    share = _Alarm.MetricDataQueryProperty(
        id="share",
        expression=f"IF(invocations >= {floor_requests}, errors/invocations, 0)",
        label="share of bad requests",
        return_data=True,
    )
    return [
        share,
        _sum("invocations", watched, "Invocations", seconds),
        _sum("errors", watched, metric_name, seconds),
    ]


def _sum(
    query_id: str, watched: Mapping[str, str], metric_name: str, seconds: int
) -> _Alarm.MetricDataQueryProperty:
    metric = _Alarm.MetricProperty(
        namespace="AWS/SageMaker",
        metric_name=metric_name,
        dimensions=[_Alarm.DimensionProperty(name=key, value=value) for key, value in watched.items()],
    )
    return _Alarm.MetricDataQueryProperty(
        id=query_id,
        metric_stat=_Alarm.MetricStatProperty(metric=metric, period=seconds, stat="Sum"),
        return_data=False,
    )
