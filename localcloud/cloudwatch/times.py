"""Times and periods as CloudWatch rounds and checks them.

Source: GetMetricData (StartTime, EndTime) and MetricStat (Period),
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from localcloud.errors import AwsError

SUB_MINUTE_PERIODS = (1, 5, 10, 20, 30)
"""Periods below a minute, in seconds, that high-resolution metrics can be read with."""


def epoch(value: object) -> float:
    """Convert a timestamp parameter (epoch seconds, datetime or ISO 8601 text) to epoch seconds.

    Raises:
        AwsError: InvalidParameterValue, when it is none of these.

    """
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, int | float):
        return float(value)
    try:
        return epoch(datetime.fromisoformat(str(value)))
    except ValueError:
        raise AwsError("InvalidParameterValue", f"timestamp must follow ISO8601, got {value!r}") from None


def check_period(period: int, *, error: str = "ValidationError") -> None:
    """Refuse a period that is neither a multiple of 60 nor one of `SUB_MINUTE_PERIODS`."""
    if period not in SUB_MINUTE_PERIODS and (period < 60 or period % 60):
        raise AwsError(error, f"Invalid period: must be 1, 5, 10, 20, 30 or a multiple of 60, got {period}")


def check_range(start: float, end: float, *, error: str = "ValidationError") -> None:
    """Refuse a time range that is empty or runs backwards."""
    if start >= end:
        raise AwsError(error, "The parameter StartTime must be less than the parameter EndTime.")


def grid(start: float, end: float, period: int) -> Sequence[int]:
    """Return the start of every period that begins before `end`, from `start` rounded down.

    The start is rounded down to a whole minute, for periods below a minute to a multiple of the period; a
    bucket that begins before `end` is whole, also where it ends after it.
    """
    step = min(period, 60)
    first = int(start // step) * step
    return range(first, -int(-end // 1), period)


def iso(at: float) -> str:
    """Format epoch seconds the way alarm events do, for example 2019-10-02T17:04:40.989+0000."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
