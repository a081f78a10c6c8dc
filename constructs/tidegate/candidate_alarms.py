"""Catastrophe floors on the candidate, and on nothing else."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from tidegate._validation import Faults
from tidegate.signal import Signal

_Alarm = cloudwatch.CfnAlarm
CANDIDATE: Final = "candidate"
"""Name of the variant that exists only during a rollout."""


class CandidateAlarms(Construct):
    """One alarm per signal that fires when the candidate is plainly broken.

    An alarm goes off when at least `floor_ratio` of at least `floor_requests` requests of one period were
    bad. The floors lie so far from normal that they cannot spoil the judge's bound on false alarms. They
    watch the variant `candidate` only, and no data is no alarm: outside of a rollout they are silent.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint.
        signals: What counts as bad.
        floor_ratio: Share of bad requests that is a catastrophe, above 0 and at most 1; 0.5 by default.
        floor_requests: Fewest requests of a period that count, at least 1; 50 by default.
        period: Length of a period; 60 s by default.

    Raises:
        ValueError: naming every fault at once.

    Example:
        CandidateAlarms(stack, "Alarms", endpoint_name="digits", signals=[Signal.server_errors()])

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        signals: Sequence[Signal],
        floor_ratio: float = 0.5,
        floor_requests: int = 50,
        period: Duration | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        _check(signals, floor_ratio, floor_requests)
        seconds = int(period.to_seconds()) if period is not None else 60
        self.alarm_names: tuple[str, ...] = tuple(
            f"{endpoint_name}-{CANDIDATE}-{signal.name}" for signal in signals
        )
        """Names of the alarms, in the order of the signals."""
        for name, signal in zip(self.alarm_names, signals, strict=True):
            cloudwatch.CfnAlarm(
                self,
                f"Signal-{signal.name}",
                alarm_name=name,
                alarm_description=f"{signal.name}: at least {floor_ratio:.0%} of the requests are bad",
                metrics=_share(endpoint_name, signal.metric, floor_requests, seconds),
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


def _check(signals: Sequence[Signal], floor_ratio: float, floor_requests: int) -> None:
    faults = Faults("candidate alarms")
    faults.require(ok=bool(signals), message="signals must not be empty")
    faults.require(
        ok=0 < floor_ratio <= 1, message=f"floor_ratio must be above 0 and at most 1, got {floor_ratio}"
    )
    faults.require(ok=floor_requests >= 1, message=f"floor_requests must be at least 1, got {floor_requests}")
    faults.raise_if_any()


def _share(
    endpoint_name: str, metric_name: str, floor_requests: int, seconds: int
) -> list[_Alarm.MetricDataQueryProperty]:
    share = _Alarm.MetricDataQueryProperty(
        id="share",
        expression=f"IF(invocations >= {floor_requests}, errors/invocations, 0)",
        label="share of bad requests",
        return_data=True,
    )
    return [
        share,
        _sum("invocations", endpoint_name, "Invocations", seconds),
        _sum("errors", endpoint_name, metric_name, seconds),
    ]


def _sum(query_id: str, endpoint_name: str, metric_name: str, seconds: int) -> _Alarm.MetricDataQueryProperty:
    dimensions = {"EndpointName": endpoint_name, "VariantName": CANDIDATE}
    metric = _Alarm.MetricProperty(
        namespace="AWS/SageMaker",
        metric_name=metric_name,
        dimensions=[_Alarm.DimensionProperty(name=key, value=value) for key, value in dimensions.items()],
    )
    return _Alarm.MetricDataQueryProperty(
        id=query_id,
        metric_stat=_Alarm.MetricStatProperty(metric=metric, period=seconds, stat="Sum"),
        return_data=False,
    )
