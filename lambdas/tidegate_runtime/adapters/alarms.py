"""The `Alarms` port on CloudWatch's DescribeAlarms."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tidegate_runtime.adapters.aws import translated
from tidegate_runtime.plan import Plan

_MOST_NAMES: Final = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""


class CloudWatchAlarms:
    """The alarms that the controller's stack has put up, found by their names."""

    def __init__(self, client: Any, *, endpoint_name: str, plan: Plan) -> None:
        self._client = client
        self._endpoint_name = endpoint_name
        self._signals = [signal.name for signal in plan.signals]

    def states(self, variants: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Return by variant and name the state of each alarm; empty where there is no such alarm."""
        names = {variant: self._names(variant) for variant in variants}
        wanted = [name for ours in names.values() for name in ours]
        found: dict[str, str] = {}
        for first in range(0, len(wanted), _MOST_NAMES):
            with translated():
                answer = self._client.describe_alarms(AlarmNames=wanted[first : first + _MOST_NAMES])
            found |= {alarm["AlarmName"]: alarm["StateValue"] for alarm in answer["MetricAlarms"]}
        return {variant: {name: found.get(name, "") for name in ours} for variant, ours in names.items()}

    def _names(self, variant: str) -> list[str]:
        return [f"{self._endpoint_name}-{variant}-{signal}" for signal in self._signals]
