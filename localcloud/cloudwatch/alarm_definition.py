"""The parameters of PutMetricAlarm, checked, as queries and a condition.

Source: PutMetricAlarm, https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.cloudwatch.alarm_state import COMPARISONS, EXTRA_PERIODS, TREATMENTS, Condition
from localcloud.cloudwatch.math_values import TimeSeries
from localcloud.cloudwatch.metrics_api import refuse
from localcloud.cloudwatch.queries import Query, common_period, metric_stat, parse_queries, run
from localcloud.cloudwatch.store import MetricStore
from localcloud.errors import AwsError, NotEmulated

Params = Mapping[str, Any]

_DAY_SECONDS = 86_400
_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)")
_SINGLE_METRIC = (
    "Namespace",
    "MetricName",
    "Dimensions",
    "Period",
    "Unit",
    "Statistic",
    "ExtendedStatistic",
)
_ABSENT = (
    "EvaluationCriteria",
    "EvaluationInterval",
    "EvaluationWindow",
    "ThresholdMetricId",
    "WarmUpConfiguration",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDefinition:
    """What a metric alarm watches.

    Attributes:
        queries: the metric, or the metrics and expressions.
        watched: the id of the query whose data points are compared with the threshold.
        period: the period of every metric, seconds.
        condition: when the alarm goes off.
        enough: samples below which a percentile of a period says nothing and the state stays; 0 means that
            every percentile counts.

    """

    queries: tuple[Query, ...]
    watched: str
    period: int
    condition: Condition
    enough: float = 0.0

    @property
    def interval(self) -> int:
        """Seconds between two evaluations: a minute, or the period where that is shorter."""
        return min(self.period, 60)

    def points(self, store: MetricStore, now: float) -> list[tuple[int, float | None]]:
        """Read the evaluation range: timestamps with values, oldest first, complete periods only."""
        end = int(now // self.interval) * self.interval
        start = end - (self.condition.periods + EXTRA_PERIODS) * self.period
        series = run(self.queries, store, start=start, end=end, now=now)[self.watched]
        if not isinstance(series, TimeSeries):
            raise AwsError("ValidationError", "The expression of an alarm must return a single time series")
        return [(at, series.points.get(at)) for at in range(start, end, self.period)]

    def has_too_few_samples(self, store: MetricStore, now: float) -> bool:
        """Whether the latest period has samples, but not enough for its percentile.

        Source: Percentile-based alarms and low data samples,
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
        """
        metric = self.queries[0].metric
        if not self.enough or metric is None:
            return False
        end = int(now // self.interval) * self.interval
        found = store.merged(metric.key, start=end - self.period, end=end, unit=metric.unit, samples=False)
        return found is not None and found.count < self.enough


def metric_definition(params: Params) -> MetricDefinition:
    """Check the parameters of PutMetricAlarm and build the definition.

    Raises:
        AwsError: ValidationError, with what was wrong.
        NotEmulated: for anomaly detection, PromQL, evaluation windows and warm-up.

    """
    refuse(params, "PutMetricAlarm", *_ABSENT)
    if ("MetricName" in params) == ("Metrics" in params):
        raise AwsError("ValidationError", "exactly one of MetricName and Metrics is required")
    queries, watched = _several(params) if "Metrics" in params else _single(params)
    period = common_period(queries)
    if period < 10:
        raise AwsError("ValidationError", f"Period must be 10, 20, 30 or a multiple of 60, got {period}")
    definition = MetricDefinition(
        queries=queries,
        watched=watched,
        period=period,
        condition=_condition(params),
        enough=_enough_samples(params),
    )
    limit = _DAY_SECONDS if period < 3600 else 7 * _DAY_SECONDS
    if period * definition.condition.periods > limit:
        raise AwsError("ValidationError", f"Period times EvaluationPeriods must be at most {limit} seconds")
    # A trial on no data finds unknown functions and scalars now rather than at the first evaluation.
    definition.points(MetricStore(), now=float(limit))
    return definition


def _single(params: Params) -> tuple[tuple[Query, ...], str]:
    if ("Statistic" in params) == ("ExtendedStatistic" in params):
        raise AwsError("ValidationError", "exactly one of Statistic and ExtendedStatistic is required")
    if "Period" not in params:
        raise AwsError("ValidationError", "Period is required with MetricName")
    stat = {
        "Metric": {
            name: params[name] for name in ("Namespace", "MetricName", "Dimensions") if name in params
        },
        "Period": params["Period"],
        "Stat": params.get("Statistic") or params.get("ExtendedStatistic"),
        **({"Unit": params["Unit"]} if "Unit" in params else {}),
    }
    query = Query(id="m1", metric=metric_stat(stat), expression=None, label=None, return_data=True)
    return (query,), query.id


def _several(params: Params) -> tuple[tuple[Query, ...], str]:
    extra = [name for name in _SINGLE_METRIC if name in params]
    if extra:
        raise AwsError("ValidationError", f"Metrics excludes {', '.join(extra)}")
    queries = parse_queries(params["Metrics"])
    returned = [query.id for query in queries if query.return_data]
    if len(returned) != 1:
        raise AwsError("ValidationError", f"exactly one of Metrics must have ReturnData true, got {returned}")
    if sum(query.metric is not None for query in queries) > 10:
        raise AwsError("ValidationError", "a math expression of an alarm may include at most 10 metrics")
    return queries, returned[0]


def _enough_samples(params: Params) -> float:
    treatment = params.get("EvaluateLowSampleCountPercentile", "evaluate")
    if treatment not in ("evaluate", "ignore"):
        raise AwsError(
            "ValidationError",
            f"EvaluateLowSampleCountPercentile must be evaluate or ignore, got {treatment}",
        )
    found = _PERCENTILE.fullmatch(params.get("ExtendedStatistic", ""))
    if treatment == "evaluate" or found is None:
        return 0.0
    percentile = float(found[1]) / 100
    rarer = min(percentile, 1 - percentile)
    return round(10 / rarer, 6) if rarer > 0 else 0.0


def _condition(params: Params) -> Condition:
    for name in ("EvaluationPeriods", "Threshold", "ComparisonOperator"):
        if name not in params:
            raise AwsError("ValidationError", f"{name} is required")
    if params["ComparisonOperator"] not in COMPARISONS:
        raise NotEmulated(f"CloudWatch anomaly detection ({params['ComparisonOperator']})")
    periods = params["EvaluationPeriods"]
    datapoints = params.get("DatapointsToAlarm", periods)
    if datapoints > periods:
        raise AwsError(
            "ValidationError",
            f"DatapointsToAlarm must be at most EvaluationPeriods ({periods}), got {datapoints}",
        )
    missing = params.get("TreatMissingData", "missing")
    if missing not in TREATMENTS:
        raise AwsError(
            "ValidationError", f"TreatMissingData must be one of {', '.join(TREATMENTS)}, got {missing}"
        )
    return Condition(
        comparison=params["ComparisonOperator"],
        threshold=float(params["Threshold"]),
        periods=periods,
        datapoints=datapoints,
        missing=missing,
    )
