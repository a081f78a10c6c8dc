"""When a scheduled action runs: at(), rate() and cron() expressions.

Source: Schedule of
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
"""

import datetime
import math
import re
import zoneinfo
from dataclasses import dataclass
from typing import Protocol

from localcloud.errors import AwsError
from localcloud.scaling.cron import Cron

_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.*)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


class Schedule(Protocol):
    """Times at which something runs."""

    def after(self, moment: float) -> float | None:
        """Return the first one after `moment`, both epoch seconds; None when there is none."""


@dataclass(frozen=True, slots=True)
class At:
    """Once, at `when` (epoch seconds)."""

    when: float

    def after(self, moment: float) -> float | None:
        """Return the time unless it is over."""
        return self.when if self.when > moment else None


@dataclass(frozen=True, slots=True)
class Rate:
    """Every `seconds`, counted from `anchor` (epoch seconds)."""

    seconds: int
    anchor: float

    def after(self, moment: float) -> float | None:
        """Return the next multiple; the anchor itself is none."""
        passed = max(0, math.floor((moment - self.anchor) / self.seconds))
        return self.anchor + (passed + 1) * self.seconds


def parse_schedule(text: str, zone_name: str, *, anchor: float) -> Schedule:
    """Return the schedule that an expression means.

    Args:
        text: the expression.
        zone_name: IANA name of the time zone of at() and cron().
        anchor: what rate() counts from, epoch seconds.

    Raises:
        AwsError: ValidationException, for a malformed expression or an unknown time zone.
        NotEmulated: for the rarer signs of cron expressions.

    """
    zone = _zone(zone_name)
    if found := _CRON.fullmatch(text):
        return Cron.parse(found[1], zone)
    if found := _RATE.fullmatch(text):
        return Rate(int(found[1]) * _SECONDS[found[2]], anchor)
    if found := _AT.fullmatch(text):
        try:
            return At(datetime.datetime.fromisoformat(found[1]).replace(tzinfo=zone).timestamp())
        except ValueError as error:
            raise AwsError("ValidationException", f"Invalid schedule {text}: {error}") from error
    raise AwsError(
        "ValidationException", f"Schedule must be at(...), rate(value unit) or cron(fields), got {text}"
    )


def _zone(name: str) -> datetime.tzinfo:
    if name == "UTC":
        return datetime.UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise AwsError("ValidationException", f"Timezone must be an IANA name, got {name}") from error
