"""The values of metric math (scalars, time series, arrays of time series) and their operators.

Source: Using math expressions with CloudWatch metrics (basic arithmetic, comparison and logical operators,
IF), https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from localcloud.errors import AwsError


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSeries:
    """Data points by the start of their period (epoch seconds); one that is not there is missing."""

    points: Mapping[int, float]
    label: str = ""

    def map(self, function: Callable[[float], float]) -> "TimeSeries":
        """Apply a function to each data point."""
        return TimeSeries(points={at: function(value) for at, value in self.points.items()}, label=self.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """An array of time series."""

    series: tuple[TimeSeries, ...] = field(default=())


Value = float | TimeSeries | Array


def _truth(function: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    return lambda left, right: float(function(left, right))


OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "==": _truth(operator.eq),
    "!=": _truth(operator.ne),
    "<": _truth(operator.lt),
    "<=": _truth(operator.le),
    ">": _truth(operator.gt),
    ">=": _truth(operator.ge),
    "&&": _truth(lambda left, right: bool(left) and bool(right)),
    "||": _truth(lambda left, right: bool(left) or bool(right)),
}


def apply(sign: str, left: Value, right: Value) -> Value:
    """Apply a binary operator.

    Between two time series a value that only one of them has meets 0 in the other; a data point whose result
    does not exist (a division by zero) is dropped. A scalar meets only the data points there are.
    """
    if isinstance(left, Array) and isinstance(right, Array):
        raise AwsError(
            "ValidationError", f"The operator {sign} is not supported between two arrays of time series"
        )
    if isinstance(left, Array):
        return Array(series=tuple(_series(apply(sign, each, right)) for each in left.series))
    if isinstance(right, Array):
        return Array(series=tuple(_series(apply(sign, left, each)) for each in right.series))
    if isinstance(left, float) and isinstance(right, float):
        return _scalar(sign, left, right)
    return _pointwise(sign, left, right)


def choose(condition: Value, when_true: Value, when_false: Value | None) -> Value:
    """Evaluate IF: 0 is false, all else true; without a third argument false data points are dropped."""
    for value in (condition, when_true, when_false):
        if isinstance(value, Array):
            raise AwsError("ValidationError", "IF does not accept arrays of time series")
    if isinstance(condition, float):
        chosen = when_true if condition else when_false
        return chosen if chosen is not None else TimeSeries(points={})
    points: dict[int, float] = {}
    for at, flag in _series(condition).points.items():
        value = _at(when_true if flag else when_false, at)
        if value is not None:
            points[at] = value
    return TimeSeries(points=points)


def _at(value: Value | None, at: int) -> float | None:
    if value is None or isinstance(value, float):
        return value
    return _series(value).points.get(at)


def _series(value: Value) -> TimeSeries:
    assert isinstance(value, TimeSeries)  # noqa: S101 - arrays and scalars were handled by the callers
    return value


def _scalar(sign: str, left: float, right: float) -> float:
    try:
        return OPERATORS[sign](left, right)
    except (ArithmeticError, ValueError):
        raise AwsError(
            "ValidationError", f"The scalar expression {left} {sign} {right} has no value"
        ) from None


def _pointwise(sign: str, left: float | TimeSeries, right: float | TimeSeries) -> TimeSeries:
    points: dict[int, float] = {}
    present = {*getattr(left, "points", ()), *getattr(right, "points", ())}
    for at in sorted(present):
        try:
            result = OPERATORS[sign](_or_zero(left, at), _or_zero(right, at))
        except ArithmeticError:
            continue
        if isinstance(result, float):  # a negative number to a fractional power is complex: no data point
            points[at] = result
    return TimeSeries(points=points)


def _or_zero(value: float | TimeSeries, at: int) -> float:
    return value if isinstance(value, float) else value.points.get(at, 0.0)
