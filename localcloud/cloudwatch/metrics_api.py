"""The operations on metrics: PutMetricData, GetMetricData, GetMetricStatistics, ListMetrics.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html (limits, time
window, reserved namespace), API_GetMetricData.html, API_GetMetricStatistics.html, API_ListMetrics.html
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.clock import CloudClock
from localcloud.cloudwatch.math_values import Array, TimeSeries, Value
from localcloud.cloudwatch.queries import MetricStat, Query, metric_key, parse_queries, run
from localcloud.cloudwatch.statistics import Statistic
from localcloud.cloudwatch.store import MetricKey, MetricStore
from localcloud.cloudwatch.times import check_period, check_range, epoch, grid
from localcloud.errors import AwsError, NotEmulated

Params = Mapping[str, Any]

_LARGEST = 2.0**360
_PAST_SECONDS = 14 * 24 * 3600
_FUTURE_SECONDS = 2 * 3600
_DATA_POINTS = 100_800
_RECENT_SECONDS = 3 * 3600


def put_metric_data(store: MetricStore, clock: CloudClock, params: Params) -> dict[str, Any]:
    """Store samples; all are checked before any is stored."""
    refuse(params, "PutMetricData", "EntityMetricData", "StrictEntityValidation")
    namespace, data = params["Namespace"], params.get("MetricData") or []
    if namespace.startswith("AWS/"):
        raise AwsError("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
    if not data:
        raise AwsError("MissingParameter", "The parameter MetricData is required.")
    if len(data) > 1000:
        raise AwsError("InvalidParameterValue", f"MetricData must have at most 1000 members, got {len(data)}")
    checked = [
        (metric_key({**datum, "Namespace": namespace}), _checked(datum, clock.now()), datum) for datum in data
    ]
    for key, at, datum in checked:
        _store(store, key, at, datum)
    return {}


def get_metric_data(store: MetricStore, clock: CloudClock, params: Params) -> dict[str, Any]:
    """Answer queries, newest data point first unless ScanBy says otherwise; always whole, never in pages."""
    refuse(params, "GetMetricData", "NextToken", "LabelOptions")
    start, end = epoch(params["StartTime"]), epoch(params["EndTime"])
    check_range(start, end)
    raw = params["MetricDataQueries"]
    if len(raw) > 500:
        raise AwsError("ValidationError", f"MetricDataQueries must have at most 500 members, got {len(raw)}")
    queries = parse_queries(raw)
    asked = sum(len(grid(start, end, each.metric.period)) for each in queries if each.metric is not None)
    if asked > params.get("MaxDatapoints", _DATA_POINTS):
        raise NotEmulated(f"CloudWatch pages of GetMetricData ({asked} data points asked for at once)")
    values = run(queries, store, start=start, end=end, now=clock.now())
    ascending = params.get("ScanBy") == "TimestampAscending"
    shown = [query for query in queries if query.return_data]
    return {
        "MetricDataResults": [
            result for query in shown for result in _results(query, values[query.id], ascending=ascending)
        ],
        "Messages": [],
    }


def get_metric_statistics(store: MetricStore, clock: CloudClock, params: Params) -> dict[str, Any]:
    """Answer statistics of one metric, one data point for each period and unit."""
    start, end, period = epoch(params["StartTime"]), epoch(params["EndTime"]), params["Period"]
    check_range(start, end, error="InvalidParameterValue")
    check_period(period, error="InvalidParameterValue")
    names = _statistic_names(params)
    if len(grid(start, end, period)) > 1440:
        raise AwsError(
            "InvalidParameterCombination", "You have requested more than the limit of 1440 datapoints."
        )
    key = metric_key(params)
    units = [params["Unit"]] if "Unit" in params else store.units(key)
    points: dict[tuple[int, str], dict[str, Any]] = {}
    for unit in units:
        for name in names:
            stat = MetricStat(key=key, statistic=Statistic(name=name), period=period, unit=unit)
            for at, value in stat.read(store, start=start, end=end, now=clock.now()).points.items():
                point = points.setdefault((at, unit), {"Timestamp": float(at), "Unit": unit})
                home = point.setdefault("ExtendedStatistics", {}) if stat.statistic.is_extended else point
                home[name] = value
    return {"Label": key.name, "Datapoints": list(points.values())}


def list_metrics(store: MetricStore, clock: CloudClock, params: Params) -> dict[str, Any]:
    """List metrics whose dimensions include the given ones; a filter without value accepts any value."""
    refuse(params, "ListMetrics", "NextToken", "IncludeLinkedAccounts", "OwningAccount")
    since = clock.now() - _RECENT_SECONDS if params.get("RecentlyActive") else -math.inf
    wanted = params.get("Dimensions") or []
    found = [
        {
            "Namespace": key.namespace,
            "MetricName": key.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in key.dimensions],
        }
        for key, newest in store.metrics()
        if newest >= since
        and params.get("Namespace", key.namespace) == key.namespace
        and params.get("MetricName", key.name) == key.name
        and all(_includes(key, each) for each in wanted)
    ]
    return {"Metrics": found}


def refuse(params: Params, operation: str, *properties: str) -> None:
    """Refuse properties that the emulation would have to ignore."""
    for each in properties:
        if each in params:
            raise NotEmulated(f"CloudWatch {operation}.{each}")


def _includes(key: MetricKey, wanted: Params) -> bool:
    actual = dict(key.dimensions).get(wanted["Name"])
    return actual is not None and wanted.get("Value", actual) == actual


def _checked(datum: Params, now: float) -> float:
    """Check one datum and return its timestamp, at the resolution it is stored with."""
    forms = [name for name in ("Value", "Values", "StatisticValues") if name in datum]
    if len(forms) != 1:
        raise AwsError(
            "InvalidParameterCombination",
            f"exactly one of Value, Values and StatisticValues is required, got {forms}",
        )
    for number in _numbers(datum):
        if not abs(number) <= _LARGEST:
            raise AwsError(
                "InvalidParameterValue", f"The value {number} for parameter MetricData is invalid."
            )
    if not all(count > 0 for count in _counts(datum)):
        raise AwsError("InvalidParameterValue", "Counts and SampleCount must be above 0")
    resolution = datum.get("StorageResolution", 60)
    if resolution not in (1, 60):
        raise AwsError("InvalidParameterValue", f"StorageResolution must be 1 or 60, got {resolution}")
    at = epoch(datum["Timestamp"]) if "Timestamp" in datum else now
    if not now - _PAST_SECONDS <= at <= now + _FUTURE_SECONDS:
        raise AwsError(
            "InvalidParameterValue", "Timestamp must be within two weeks in the past and two hours ahead"
        )
    return float(at // resolution * resolution)


def _counts(datum: Params) -> Sequence[float]:
    return [*datum.get("Counts", []), datum.get("StatisticValues", {}).get("SampleCount", 1.0)]


def _numbers(datum: Params) -> Sequence[float]:
    values = datum.get("Values") or []
    counts = datum.get("Counts", [1.0] * len(values))
    if len(values) > 150 or len(counts) != len(values):
        raise AwsError(
            "InvalidParameterValue", "Values must have at most 150 members, and Counts as many as Values"
        )
    return [*values, *counts, *datum.get("StatisticValues", {}).values(), datum.get("Value", 0.0)]


def _store(store: MetricStore, key: MetricKey, at: float, datum: Params) -> None:
    unit = datum.get("Unit", "None")
    if "StatisticValues" in datum:
        store.record_statistics(key, datum["StatisticValues"], unit, at)
        return
    values = datum.get("Values", [datum.get("Value", 0.0)])
    counts = datum.get("Counts", [1.0] * len(values))
    store.record_values(key, [(float(v), float(c)) for v, c in zip(values, counts, strict=True)], unit, at)


def _statistic_names(params: Params) -> list[str]:
    given = [name for name in ("Statistics", "ExtendedStatistics") if params.get(name)]
    if not given:
        raise AwsError(
            "MissingParameter",
            "At least one of the parameters Statistics and ExtendedStatistics is required.",
        )
    if len(given) == 2:
        raise AwsError("InvalidParameterCombination", "Statistics and ExtendedStatistics exclude each other")
    return list(params[given[0]])


def _results(query: Query, value: Value, *, ascending: bool) -> list[dict[str, Any]]:
    if isinstance(value, float):
        raise AwsError(
            "ValidationError", f"The expression of {query.id} must return a time series, got a scalar"
        )
    series = value.series if isinstance(value, Array) else (value,)
    return [_result(query, each, ascending=ascending) for each in series]


def _result(query: Query, series: TimeSeries, *, ascending: bool) -> dict[str, Any]:
    stamps = sorted(series.points, reverse=not ascending)
    return {
        "Id": query.id,
        "Label": query.label or (series.label if query.metric is not None else query.id),
        "Timestamps": [float(at) for at in stamps],
        "Values": [series.points[at] for at in stamps],
        "StatusCode": "Complete",
    }
