"""AWS's cron expressions: six fields, in a time zone.

Sources: Cron expressions reference,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html, to which
https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
refers
"""

import calendar
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from localcloud.errors import AwsError, NotEmulated

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = {name: number for number, name in enumerate("SUN MON TUE WED THU FRI SAT".split(), start=1)}  # noqa: SIM905
_YEARS = (1970, 2199)
_LONGEST_SEARCH_DAYS = 40 * 366
_LAST = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """When a cron expression runs.

    A time that daylight saving skips is left out; of a time that occurs twice, the first counts.

    Attributes:
        minutes, hours, months, years: values that match.
        days: days of the month, -1 for the last; None when the field is `?`.
        weekdays: 1 is Sunday; None when the field is `?`.
        zone: the time zone of the fields.

    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None
    years: frozenset[int]
    zone: datetime.tzinfo

    @classmethod
    def parse(cls, text: str, zone: datetime.tzinfo) -> Self:
        """Parse the six fields.

        Raises:
            AwsError: ValidationException, when they are malformed.
            NotEmulated: for `W`, `#`, and `L` of a weekday.

        """
        fields = text.upper().split()
        if len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):
            raise _malformed(text, "six fields, one of Day_of_Month and Day_of_Week being ?")
        if any(sign in field for field in fields[:3] for sign in "W#") or set("L#") & set(fields[4]):
            raise NotEmulated(f"Application Auto Scaling W, # and weekday L in cron({text})")
        return cls(
            minutes=_values(fields[0], text, 0, 59),
            hours=_values(fields[1], text, 0, 23),
            days=None if fields[2] == "?" else _days(fields[2], text),
            months=_values(fields[3], text, 1, 12, _MONTHS),
            weekdays=None if fields[4] == "?" else _values(fields[4], text, 1, 7, _WEEKDAYS),
            years=_values(fields[5], text, *_YEARS),
            zone=zone,
        )

    def after(self, moment: float) -> float | None:
        """Return the first run after `moment` (epoch seconds), None when there is none within 40 years."""
        start = datetime.datetime.fromtimestamp(moment, self.zone).date()
        for offset in range(_LONGEST_SEARCH_DAYS):
            day = start + datetime.timedelta(days=offset)
            if self._holds(day):
                found = [at for at in self._moments(day) if at > moment]
                if found:
                    return min(found)
        return None

    def _holds(self, day: datetime.date) -> bool:
        if day.year not in self.years or day.month not in self.months:
            return False
        if self.weekdays is not None:
            return day.isoweekday() % 7 + 1 in self.weekdays
        last = calendar.monthrange(day.year, day.month)[1]
        days = self.days or frozenset()
        return day.day in days or (_LAST in days and day.day == last)

    def _moments(self, day: datetime.date) -> list[float]:
        local = [
            datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
            for hour in self.hours
            for minute in self.minutes
        ]
        return [at.timestamp() for at in local if _exists(at)]


def _exists(local: datetime.datetime) -> bool:
    there = local.astimezone(datetime.UTC)
    return there.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)


def _days(field: str, text: str) -> frozenset[int]:
    if field == "L":
        return frozenset({_LAST})
    return _values(field, text, 1, 31)


def _values(
    field: str, text: str, low: int, high: int, names: Mapping[str, int] | None = None
) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        begin = low if first == "*" else _number(first, text, low, high, names)
        open_end = high if first == "*" or step else begin
        end = _number(last, text, low, high, names) if dash else open_end
        found.update(range(begin, end + 1, _number(step, text, 1, high, None) if step else 1))
    if not found:
        raise _malformed(text, f"a range that holds a value, got {field}")
    return frozenset(found)


def _number(value: str, text: str, low: int, high: int, names: Mapping[str, int] | None) -> int:
    number = (names or {}).get(value, int(value) if value.isdecimal() else -1)
    if not low <= number <= high:
        raise _malformed(text, f"values of {low} to {high}, got {value!r}")
    return number


def _malformed(text: str, wanted: str) -> AwsError:
    return AwsError("ValidationException", f"Invalid schedule cron({text}): it must have {wanted}")
