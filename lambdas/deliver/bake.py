"""The job `bake`: lets some time pass between two waves, and stops the pipeline when an alarm goes off."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from deliver.outcome import Done, Failed, Outcome, Wait
from deliver.request import Request
from tidegate_runtime.alarm_ports import BURNING, NamedAlarms
from tidegate_runtime.errors import RequestInvalid
from tidegate_runtime.ports import Clock

LONGEST_MINUTES: Final = 1_380
"""An hour less than CodePipeline calls a job again: what is baked must also be reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bake:
    """Waits for the declared minutes, by the clock that its token remembers."""

    alarms: NamedAlarms
    clock: Clock

    def __call__(self, request: Request) -> Outcome:
        """Make progress.

        Raises:
            RequestInvalid: the minutes or the alarms' names are not usable.

        """
        minutes, names = _minutes(request), _names(request)
        now = self.clock.now()
        since = float(request.token.get("since", now))
        trouble = self._trouble(names)
        if trouble:
            spent = (now - since) / 60
            return Failed(message=f"after {spent:.0f} of {minutes:g} minutes of baking, {trouble}")
        left = since + 60 * minutes - now
        quiet = f"{len(names)} alarms are quiet" if names else "there is no alarm to watch"
        if left <= 0:
            return Done(summary=f"baked for {minutes:g} minutes; {quiet}")
        return Wait(
            summary=f"{ceil(left / 60)} of {minutes:g} minutes are left; {quiet}", token={"since": since}
        )

    def _trouble(self, names: Sequence[str]) -> str:
        if not names:
            return ""
        found = self.alarms.find(names)
        missing = [name for name in names if name not in found]
        if missing:
            return f"there is no alarm {', '.join(missing)}: nobody would know that something is wrong"
        gone_off = [f"{name} ({found[name].reason})" for name in names if found[name].state == BURNING]
        return f"in ALARM: {'; '.join(gone_off)}" if gone_off else ""


def _minutes(request: Request) -> float:
    value = request.parameters.get("minutes")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LONGEST_MINUTES:
        raise RequestInvalid(f"bake needs minutes above 0 and at most {LONGEST_MINUTES}, got {value!r}")
    return float(value)


def _names(request: Request) -> list[str]:
    value = request.parameters.get("alarms", [])
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise RequestInvalid(f"bake needs alarms as a list of names, got {value!r}")
    return value
