"""The `NamedAlarms` port on CloudWatch's DescribeAlarms."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.alarm_ports import NamedAlarm

_MOST_NAMES: Final = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""

_KINDS: Final = ("MetricAlarm", "CompositeAlarm")


class CloudWatchNamedAlarms:
    """Alarms of one account and region."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def find(self, names: Sequence[str]) -> Mapping[str, NamedAlarm]:
        """Return the alarms that there are, by name."""
        found: dict[str, NamedAlarm] = {}
        for first in range(0, len(names), _MOST_NAMES):
            with translated():
                answer = self._client.describe_alarms(
                    AlarmNames=list(names[first : first + _MOST_NAMES]), AlarmTypes=list(_KINDS)
                )
            for alarm in (*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())):
                reason = alarm.get("StateReason", "")
                found[alarm["AlarmName"]] = NamedAlarm(state=alarm["StateValue"], reason=reason)
        return found
