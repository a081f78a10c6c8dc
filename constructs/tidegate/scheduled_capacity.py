"""Capacity by the clock."""

import re
from dataclasses import dataclass
from typing import Final

from tidegate._validation import Faults

_SCHEDULE: Final = re.compile(
    r"cron\(\S+( \S+){5}\)|rate\([1-9]\d* (minute|hour|day)s?\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledCapacity:
    """New bounds of the capacity at given times.

    Attributes:
        name: Short name of the schedule.
        schedule: `cron(...)` of six fields, `rate(...)` or `at(...)`.
        min_capacity: New lower bound; unchanged when None.
        max_capacity: New upper bound; unchanged when None.
        timezone: Name of the time zone of the schedule; UTC by default.

    Raises:
        ValueError: naming every fault at once.

    Example:
        ScheduledCapacity(name="morning", schedule="cron(0 7 ? * MON-FRI *)", min_capacity=4)

    Source:
        https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html

    """

    name: str
    schedule: str
    min_capacity: int | None = None
    max_capacity: int | None = None
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        faults = Faults(f"scheduled capacity {self.name!r}")
        faults.require_name(self.name, field="name")
        faults.rule(
            "schedule",
            ok=_SCHEDULE.fullmatch(self.schedule) is not None,
            message="schedule must be cron(...) of six fields, rate(...) or at(yyyy-mm-ddThh:mm:ss), got "
            f"{self.schedule!r}",
        )
        low, high = self.min_capacity, self.max_capacity
        faults.rule(
            "schedule-bounds",
            ok=low is not None or high is not None,
            message="min_capacity or max_capacity must be set, got neither",
        )
        faults.rule(
            "schedule-bounds",
            ok=low is None or high is None or low <= high,
            message=f"max_capacity must be at least min_capacity ({low}), got {high}",
        )
        faults.raise_if_any()
