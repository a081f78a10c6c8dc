"""Evaluation of a metric math tree, with the functions that alarms and dashboards of this project use.

Source: Functions supported for metric math,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from localcloud.cloudwatch.math_syntax import Call, Name, Node, Number, Text, functions
from localcloud.cloudwatch.math_values import OPERATORS, Array, TimeSeries, Value, apply, choose
from localcloud.errors import AwsError, NotEmulated

ABSENT = frozenset(
    {
        *(
            "ANOMALY_DETECTION_BAND",
            "DATAPOINT_COUNT",
            "DB_PERF_INSIGHTS",
            "DIFF",
            "DIFF_TIME",
            "FIRST",
            "LAST",
        ),
        *(
            "INSIGHT_RULE_METRIC",
            "LAMBDA",
            "LOG",
            "LOG10",
            "METRIC_COUNT",
            "RATE",
            "REMOVE_EMPTY",
            "RUNNING_SUM",
        ),
        *("MINUTE", "HOUR", "DAY", "DATE", "MONTH", "YEAR", "EPOCH"),
        *("SEARCH", "SERVICE_QUOTA", "SLICE", "SORT", "STDDEV"),
    }
)
"""Functions that CloudWatch has and this emulation refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an expression can see.

    Attributes:
        grid: the timestamps (epoch seconds) of every period asked for.
        period: the length of a period, seconds.
        values: the results of the other queries, by id.
        metrics: the ids of those that are metrics, in the order of the request.

    """

    grid: Sequence[int]
    period: int
    values: Mapping[str, Value]
    metrics: Sequence[str]


def evaluate(node: Node, scope: Scope) -> Value:
    """Evaluate a tree.

    Raises:
        AwsError: ValidationError for an unknown id, an unknown function or arguments of the wrong type.
        NotEmulated: for arguments of FILL that this emulation lacks.

    """
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        if node.value not in scope.values:
            raise AwsError("ValidationError", f"Unknown identifier '{node.value}' in expression")
        return scope.values[node.value]
    if isinstance(node, Text):
        raise AwsError("ValidationError", f'Unexpected text "{node.value}" in expression')
    return _call(node, scope)


def refuse_absent(node: Node) -> None:
    """Refuse a tree that calls a function which CloudWatch has and this emulation lacks."""
    for name in functions(node):
        if name in ABSENT:
            raise NotEmulated(f"CloudWatch metric math function {name}")


def _call(node: Call, scope: Scope) -> Value:
    special = _SPECIAL.get(node.function)
    if special is not None:
        return special(node.arguments, scope)
    arguments = [evaluate(argument, scope) for argument in node.arguments]
    if node.function in OPERATORS:
        return apply(node.function, arguments[0], arguments[1])
    if node.function in _EACH:
        return _each(_EACH[node.function], _only(node, arguments))
    if node.function in _REDUCE:
        return _reduce(node.function, _only(node, arguments))
    return _other(node, arguments, scope)


def _other(node: Call, arguments: list[Value], scope: Scope) -> Value:
    if node.function == "[]":
        return _array(arguments)
    if node.function == "IF" and len(arguments) in (2, 3):
        return choose(arguments[0], arguments[1], arguments[2] if len(arguments) == 3 else None)
    if node.function == "TIME_SERIES" and isinstance(scalar := _only(node, arguments), float):
        return TimeSeries(points=dict.fromkeys(scope.grid, scalar))
    raise AwsError("ValidationError", f"Invalid call of '{node.function}' in expression")


def _only(node: Call, arguments: list[Value]) -> Value:
    if len(arguments) != 1:
        raise AwsError("ValidationError", f"{node.function} takes one argument, got {len(arguments)}")
    return arguments[0]


def _array(arguments: list[Value]) -> Array:
    series: list[TimeSeries] = []
    for argument in arguments:
        if isinstance(argument, float):
            raise AwsError("ValidationError", "An array may contain time series only")
        series.extend(argument.series if isinstance(argument, Array) else [argument])
    return Array(series=tuple(series))


def _each(function: Callable[[float], float], value: Value) -> Value:
    if isinstance(value, float):
        return function(value)
    if isinstance(value, Array):
        return Array(series=tuple(series.map(function) for series in value.series))
    return value.map(function)


def _reduce(name: str, value: Value) -> Value:
    """Reduce a time series to a scalar, an array of them to one time series."""
    function = _REDUCE[name]
    if isinstance(value, float):
        raise AwsError("ValidationError", f"{name} takes a time series or an array of them")
    if isinstance(value, TimeSeries):
        return function(list(value.points.values())) if value.points else 0.0
    points: dict[int, float] = {}
    for at in sorted({at for series in value.series for at in series.points}):
        values = [series.points[at] for series in value.series if at in series.points]
        missing = (
            len(value.series) - len(values) if name == "AVG" else 0
        )  # AVG alone counts missing values as 0
        points[at] = function(values + [0.0] * missing)
    return TimeSeries(points=points)


def _fill(arguments: tuple[Node, ...], scope: Scope) -> Value:
    """FILL(series, scalar or REPEAT): give every period of the request a value; LINEAR is not emulated."""
    if len(arguments) != 2:
        raise AwsError("ValidationError", f"FILL takes two arguments, got {len(arguments)}")
    if arguments[1] == Name("LINEAR"):
        raise NotEmulated("CloudWatch metric math FILL(..., LINEAR)")
    filler = None if arguments[1] == Name("REPEAT") else evaluate(arguments[1], scope)
    if not (filler is None or isinstance(filler, float)):
        raise NotEmulated("CloudWatch metric math FILL with a time series")
    value = evaluate(arguments[0], scope)
    if isinstance(value, Array):
        return Array(series=tuple(_filled(series, filler, scope) for series in value.series))
    if isinstance(value, float):
        raise AwsError("ValidationError", "FILL takes a time series or an array of them")
    return _filled(value, filler, scope)


def _filled(series: TimeSeries, filler: float | None, scope: Scope) -> TimeSeries:
    points: dict[int, float] = {}
    last: float | None = None
    for at in scope.grid:
        last = series.points.get(at, last if filler is None else filler)
        if last is not None:
            points[at] = last
    return TimeSeries(points=points, label=series.label)


def _metrics(arguments: tuple[Node, ...], scope: Scope) -> Value:
    part = arguments[0].value if arguments and isinstance(arguments[0], Text) else ""
    return _array([scope.values[each] for each in scope.metrics if part in each])


def _period(arguments: tuple[Node, ...], scope: Scope) -> Value:
    if len(arguments) != 1 or not isinstance(arguments[0], Name) or arguments[0].value not in scope.metrics:
        raise AwsError("ValidationError", "PERIOD takes the id of a metric")
    return float(scope.period)


_SPECIAL: dict[str, Callable[[tuple[Node, ...], Scope], Value]] = {
    "FILL": _fill,
    "METRICS": _metrics,
    "PERIOD": _period,
}
_EACH: dict[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": lambda value: float(math.ceil(value)),
    "FLOOR": lambda value: float(math.floor(value)),
    "negative": lambda value: -value,
}
_REDUCE: dict[str, Callable[[Sequence[float]], float]] = {
    "SUM": math.fsum,
    "AVG": lambda values: math.fsum(values) / len(values),
    "MIN": min,
    "MAX": max,
}
