"""The one method that makes a CloudWatch alarm of an `EndpointAlarm`."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from tidegate._alarm_rules import samples_needed
from tidegate._metric_facts import HOSTS, METRICS, Kind
from tidegate._validation import Faults
from tidegate.endpoint_alarm import EndpointAlarm
from tidegate.instance_sizes import units_of

_MINUTE = 60
_PERCENT = 100


def define_alarm(
    scope: Construct,
    construct_id: str,
    alarm: EndpointAlarm,
    *,
    alarm_name: str | None,
    dimensions: Mapping[str, str],
) -> cloudwatch.Alarm:
    """Make the alarm on the metric with exactly these dimensions.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        alarm: What to watch.
        alarm_name: Name of the alarm; CloudFormation's choice when None.
        dimensions: All dimensions of the metric: CloudWatch matches a set of dimensions as a whole.

    """
    operators = cloudwatch.ComparisonOperator
    missing = cloudwatch.TreatMissingData
    return cloudwatch.Alarm(
        scope,
        construct_id,
        alarm_name=alarm_name,
        alarm_description=describe(alarm),
        metric=_rate(alarm, dimensions) if alarm.rate else _metric(alarm, dimensions),
        threshold=alarm.threshold,
        comparison_operator=(
            operators.LESS_THAN_THRESHOLD if alarm.below else operators.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        ),
        evaluation_periods=alarm.periods,
        datapoints_to_alarm=alarm.datapoints,
        treat_missing_data=missing.BREACHING if alarm.missing_is_breaching else missing.NOT_BREACHING,
        # A percentile of a handful of requests is one request's latency.
        evaluate_low_sample_count_percentile="ignore" if samples_needed(alarm.statistic) else None,
    )


def kind_of(*, asynchronous: bool, serverless: bool = False) -> Kind:
    """Return the kind of endpoint, by what it publishes."""
    return Kind.SERVERLESS if serverless else Kind.ASYNC if asynchronous else Kind.REAL_TIME


def check_published(
    faults: Faults, alarm: EndpointAlarm, *, metrics_frequency_seconds: int, kind: Kind
) -> None:
    """Record that the endpoint does not publish the alarm's metric, or not often enough."""
    fact = METRICS[alarm.metric]
    counted = not alarm.rate or kind in METRICS["Invocations"].kinds
    published = kind in fact.kinds and counted
    faults.rule(
        "alarm-not-published",
        ok=published,
        message=f"alarm {alarm.name!r} needs what {'an' if kind is Kind.ASYNC else 'a'} {kind.value} "
        f"endpoint does not publish, {alarm.metric if counted else 'Invocations'}",
    )
    every = metrics_frequency_seconds if fact.follows_metrics_frequency else _MINUTE
    faults.rule(
        "alarm-too-often",
        ok=alarm.period_seconds >= every,
        message=f"alarm {alarm.name!r} has a period of {alarm.period_seconds} s, but {alarm.metric} comes "
        f"every {every} s",
    )


def check_reachable(faults: Faults, alarm: EndpointAlarm, instance_type: str) -> None:
    """Record that the alarm's threshold is more than all vCPUs or GPUs of the instance type add up to."""
    units = units_of(alarm.metric, instance_type) if METRICS[alarm.metric].namespace == HOSTS else None
    if units is None or alarm.below or alarm.statistic in ("Sum", "SampleCount"):
        return
    faults.rule(
        "alarm-units",
        ok=alarm.threshold <= _PERCENT * units,
        message=f"alarm {alarm.name!r} has a threshold of {alarm.threshold:g}, but {alarm.metric} of "
        f"{instance_type} is at most {_PERCENT * units}",
    )


def describe(alarm: EndpointAlarm) -> str:
    """Return the alarm in words, with the unit."""
    unit = "share of the requests" if alarm.rate else METRICS[alarm.metric].unit
    figure = alarm.metric if alarm.rate else f"{alarm.statistic} of {alarm.metric}"
    side = "below" if alarm.below else "at least"
    span = f"{alarm.datapoints} of {alarm.periods} periods of {alarm.period_seconds} s"
    return f"{figure} {side} {alarm.threshold:g} ({unit}) in {span}"


def _rate(alarm: EndpointAlarm, dimensions: Mapping[str, str]) -> cloudwatch.MathExpression:
    period = Duration.seconds(alarm.period_seconds)
    return cloudwatch.MathExpression(
        expression=f"IF(requests >= {max(alarm.min_requests, 1)}, bad/requests, 0)",
        label=f"{alarm.name}, share of the requests",
        using_metrics={
            "requests": _sum("Invocations", dimensions, period),
            "bad": _sum(alarm.metric, dimensions, period),
        },
        period=period,
    )


def _sum(name: str, dimensions: Mapping[str, str], period: Duration) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=METRICS[name].namespace,
        metric_name=name,
        dimensions_map=dict(dimensions),
        statistic="Sum",
        period=period,
    )


def _metric(alarm: EndpointAlarm, dimensions: Mapping[str, str]) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=METRICS[alarm.metric].namespace,
        metric_name=alarm.metric,
        dimensions_map=dict(dimensions),
        statistic=alarm.statistic,
        period=Duration.seconds(alarm.period_seconds),
    )
