"""A scheduled action: new bounds at given times.

Sources: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html (what is
not given stays, but start and end go) and
https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
(a recurring action runs at its start time, and no more after its end time)
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from botocore.utils import parse_to_aware_datetime

from localcloud.errors import AwsError, NotEmulated
from localcloud.scaling.schedule import At, Schedule, parse_schedule

_ARN = "arn:aws:autoscaling:us-east-1:000000000000:scheduledAction"
_KEPT = ("Schedule", "Timezone", "ScalableTargetAction")


@dataclass(slots=True, kw_only=True)
class ScheduledAction:
    """A scheduled action.

    Attributes:
        params: Schedule, Timezone, StartTime, EndTime and ScalableTargetAction, as they were put.
        end: when it stops, epoch seconds; None for never.
        next_at: its next run, epoch seconds; None when there is none.

    """

    name: str
    arn: str
    created_at: float
    params: dict[str, Any]
    schedule: Schedule
    end: float | None
    next_at: float | None

    @classmethod
    def put(
        cls, given: Mapping[str, Any], before: "ScheduledAction | None", *, resource_id: str, now: float
    ) -> Self:
        """Make an action, or the one that replaces another.

        Raises:
            AwsError: ValidationException, with what was wrong.

        """
        kept = {name: before.params[name] for name in _KEPT if name in before.params} if before else {}
        own = {name: given[name] for name in (*_KEPT, "StartTime", "EndTime") if name in given}
        params = kept | own
        start, end = _epoch(params, "StartTime"), _epoch(params, "EndTime")
        _check(params, start, end)
        schedule = parse_schedule(
            params["Schedule"], params.get("Timezone", "UTC"), anchor=now if start is None else start
        )
        if isinstance(schedule, At) and (start is not None or end is not None):
            raise NotEmulated("Application Auto Scaling StartTime and EndTime with an at() schedule")
        name = given["ScheduledActionName"]
        resource = f"resource/sagemaker/{resource_id}:scheduledActionName/{name}"
        action = cls(
            name=name,
            arn=before.arn if before else f"{_ARN}:{uuid.uuid4()}:{resource}",
            created_at=before.created_at if before else now,
            params=params,
            schedule=schedule,
            end=end,
            next_at=None,
        )
        action.advance(now, start=start)
        return action

    def advance(self, now: float, *, start: float | None = None) -> None:
        """Find the first run after `now`; the start time is one."""
        found = start if start is not None and start > now else self.schedule.after(now)
        is_over = found is None or (self.end is not None and found > self.end)
        self.next_at = None if is_over else found

    def bounds(self, minimum: int, maximum: int) -> tuple[int, int]:
        """Return the new bounds of a target that has these."""
        action = self.params["ScalableTargetAction"]
        return action.get("MinCapacity", minimum), action.get("MaxCapacity", maximum)

    def describe(self) -> dict[str, Any]:
        """Return the structure that DescribeScheduledActions answers, without the target's identity."""
        return {
            "ScheduledActionName": self.name,
            "ScheduledActionARN": self.arn,
            "CreationTime": self.created_at,
            **self.params,
        }


def _epoch(params: dict[str, Any], name: str) -> float | None:
    if name not in params:
        return None
    params[name] = parse_to_aware_datetime(params[name]).timestamp()
    return float(params[name])


def _check(params: Mapping[str, Any], start: float | None, end: float | None) -> None:
    faults = [f"{name} is required" for name in ("Schedule", "ScalableTargetAction") if name not in params]
    action = params.get("ScalableTargetAction", {})
    if "ScalableTargetAction" in params and not action:
        faults.append("MinCapacity or MaxCapacity is required")
    if action.get("MinCapacity", 0) > action.get("MaxCapacity", action.get("MinCapacity", 0)):
        faults.append(f"MaxCapacity must be at least MinCapacity, got {action}")
    if start is not None and end is not None and end <= start:
        faults.append("EndTime must be after StartTime")
    if faults:
        raise AwsError("ValidationException", "; ".join(faults))
