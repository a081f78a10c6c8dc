"""Catastrophe floors on the candidate, and on nothing else."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from tidegate._validation import Faults
from tidegate.signal import Signal

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
        every = period if period is not None else Duration.seconds(60)
        self.alarms: tuple[cloudwatch.Alarm, ...] = tuple(
            cloudwatch.Alarm(
                self,
                f"Signal-{signal.name}",
                alarm_name=f"{endpoint_name}-{CANDIDATE}-{signal.name}",
                alarm_description=f"{signal.name}: at least {floor_ratio:.0%} of the requests are bad",
                metric=_share(endpoint_name, signal.metric, floor_requests, every),
                threshold=floor_ratio,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                evaluation_periods=1,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            for signal in signals
        )
        """The alarms, in the order of the signals."""


def _check(signals: Sequence[Signal], floor_ratio: float, floor_requests: int) -> None:
    faults = Faults("candidate alarms")
    faults.require(ok=bool(signals), message="signals must not be empty")
    faults.require(
        ok=0 < floor_ratio <= 1, message=f"floor_ratio must be above 0 and at most 1, got {floor_ratio}"
    )
    faults.require(ok=floor_requests >= 1, message=f"floor_requests must be at least 1, got {floor_requests}")
    faults.raise_if_any()


def _share(
    endpoint_name: str, metric_name: str, floor_requests: int, period: Duration
) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(
        expression=f"IF(invocations >= {floor_requests}, errors/invocations, 0)",
        label="share of bad requests",
        using_metrics={
            "invocations": _sum(endpoint_name, "Invocations", period),
            "errors": _sum(endpoint_name, metric_name, period),
        },
        period=period,
    )


def _sum(endpoint_name: str, metric_name: str, period: Duration) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/SageMaker",
        metric_name=metric_name,
        dimensions_map={"EndpointName": endpoint_name, "VariantName": CANDIDATE},
        statistic="Sum",
        period=period,
    )
