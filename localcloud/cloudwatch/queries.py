"""MetricDataQuery: a metric with a statistic, or an expression over other queries.

Source: MetricDataQuery,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from localcloud.cloudwatch.math_functions import Scope, evaluate, refuse_absent
from localcloud.cloudwatch.math_syntax import Node, functions, names, parse
from localcloud.cloudwatch.math_values import TimeSeries, Value
from localcloud.cloudwatch.series import FINE_SECONDS
from localcloud.cloudwatch.statistics import Statistic
from localcloud.cloudwatch.store import MetricKey, MetricStore
from localcloud.cloudwatch.times import check_period, grid
from localcloud.errors import AwsError, NotEmulated

_ID = re.compile(r"[a-z][A-Za-z0-9_]*")
_KEYWORDS = frozenset({"REPEAT", "LINEAR"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricStat:
    """A metric, a statistic of it, and the period (seconds) it is taken over; `unit` None means any unit."""

    key: MetricKey
    statistic: Statistic
    period: int
    unit: str | None = None

    def read(self, store: MetricStore, *, start: float, end: float, now: float) -> TimeSeries:
        """Compute the data points of [start, end); none below a minute that are older than three hours."""
        points: dict[int, float] = {}
        for at in grid(start, end, self.period):
            if self.period < 60 and at < now - FINE_SECONDS:
                continue
            found = store.merged(
                self.key,
                start=at,
                end=at + self.period,
                unit=self.unit,
                samples=self.statistic.is_extended,
            )
            value = self.statistic.value(found) if found is not None else None
            if value is not None:
                points[at] = value
        return TimeSeries(points=points, label=self.key.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query of a request: exactly one of `metric` and `expression` is set."""

    id: str
    metric: MetricStat | None
    expression: Node | None
    label: str | None
    return_data: bool


def parse_queries(raw: Sequence[Mapping[str, Any]]) -> tuple[Query, ...]:
    """Parse the queries of a request and check them together.

    Raises:
        AwsError: ValidationError, for a bad id, a doubled id, an unknown id in an expression, or a circle.
        NotEmulated: for cross-account queries, Metrics Insights, SEARCH and dynamic labels.

    """
    queries = tuple(_query(each) for each in raw)
    ids = [query.id for query in queries]
    doubled = sorted({each for each in ids if ids.count(each) > 1})
    if doubled:
        raise AwsError(
            "ValidationError", f"The values for parameter id in MetricDataQueries are not unique: {doubled}"
        )
    for query in queries:
        unknown = _references(query) - set(ids)
        if unknown:
            raise AwsError(
                "ValidationError", f"Unknown identifier in the expression of {query.id}: {sorted(unknown)}"
            )
    _ordered(queries)
    _check_periods(raw, queries)
    return queries


def run(
    queries: Sequence[Query], store: MetricStore, *, start: float, end: float, now: float
) -> dict[str, Value]:
    """Compute every query over [start, end), epoch seconds; `now` is the cloud clock."""
    metrics = [query.id for query in queries if query.metric is not None]
    period = common_period(queries) if len(metrics) < len(queries) else 60
    values: dict[str, Value] = {}
    for query in _ordered(queries):
        if query.metric is not None:
            values[query.id] = query.metric.read(store, start=start, end=end, now=now)
        elif query.expression is not None:
            scope = Scope(grid=grid(start, end, period), period=period, values=values, metrics=metrics)
            values[query.id] = evaluate(query.expression, scope)
    return values


def common_period(queries: Sequence[Query]) -> int:
    """Return the one period (seconds) of all metrics among the queries."""
    periods = {query.metric.period for query in queries if query.metric is not None}
    if not periods:
        raise NotEmulated("CloudWatch metric math without any metric")
    if len(periods) > 1:
        raise NotEmulated(f"CloudWatch metric math over different periods: {sorted(periods)}")
    return periods.pop()


def metric_stat(raw: Mapping[str, Any]) -> MetricStat:
    """Parse a MetricStat structure."""
    metric = raw["Metric"]
    check_period(raw["Period"])
    return MetricStat(
        key=metric_key(metric),
        statistic=Statistic(name=raw["Stat"]),
        period=raw["Period"],
        unit=raw.get("Unit"),
    )


def metric_key(raw: Mapping[str, Any]) -> MetricKey:
    """Parse the Namespace, MetricName and Dimensions of a structure.

    Raises:
        AwsError: MissingParameter without name or namespace; InvalidParameterValue when a dimension occurs
            twice.

    """
    missing = [name for name in ("Namespace", "MetricName") if not raw.get(name)]
    if missing:
        raise AwsError("MissingParameter", f"The parameter {missing[0]} is required.")
    pairs = [(each["Name"], each["Value"]) for each in raw.get("Dimensions") or ()]
    if len(dict(pairs)) < len(pairs):
        raise AwsError("InvalidParameterValue", "No parameter value may be repeated in Dimensions")
    return MetricKey.of(raw["Namespace"], raw["MetricName"], dict(pairs))


def _query(raw: Mapping[str, Any]) -> Query:
    if not _ID.fullmatch(raw["Id"]):
        raise AwsError(
            "ValidationError", f"Id must start with a lowercase letter (letters, digits, _), got {raw['Id']}"
        )
    if ("MetricStat" in raw) == ("Expression" in raw):
        raise AwsError(
            "ValidationError", f"{raw['Id']}: exactly one of MetricStat and Expression is required"
        )
    if "AccountId" in raw:
        raise NotEmulated("CloudWatch MetricDataQuery.AccountId (cross-account metrics)")
    if "${" in raw.get("Label", ""):
        raise NotEmulated("CloudWatch dynamic labels in MetricDataQuery.Label")
    return Query(
        id=raw["Id"],
        metric=metric_stat(raw["MetricStat"]) if "MetricStat" in raw else None,
        expression=_expression(raw["Expression"]) if "Expression" in raw else None,
        label=raw.get("Label"),
        return_data=raw.get("ReturnData", True),
    )


def _check_periods(raw: Sequence[Mapping[str, Any]], queries: Sequence[Query]) -> None:
    for each in raw:
        if "Period" in each and each["Period"] != common_period(queries):
            raise NotEmulated("CloudWatch MetricDataQuery.Period other than the one of the metrics")


def _expression(text: str) -> Node:
    if text.lstrip().upper().startswith("SELECT "):
        raise NotEmulated("CloudWatch Metrics Insights queries")
    node = parse(text)
    refuse_absent(node)
    return node


def _references(query: Query) -> set[str]:
    return set() if query.expression is None else set(names(query.expression)) - _KEYWORDS


def _ordered(queries: Sequence[Query]) -> list[Query]:
    by_id = {query.id: query for query in queries}
    metrics = {query.id for query in queries if query.metric is not None}
    needs = {
        query.id: _references(query)
        | (metrics if query.expression and "METRICS" in functions(query.expression) else set())
        for query in queries
    }
    try:
        return [by_id[each] for each in TopologicalSorter(needs).static_order()]
    except CycleError:
        raise AwsError("ValidationError", "The expressions refer to each other in a circle") from None
