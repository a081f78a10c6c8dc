"""An alarm as the registry keeps it, and as DescribeAlarms shows it.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html and
API_CompositeAlarm.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.cloudwatch.alarm_definition import MetricDefinition
from localcloud.cloudwatch.alarm_rule import AlarmRule
from localcloud.cloudwatch.alarm_state import StateValue

ARN_PREFIX = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:"
ACTIONS: Mapping[str, str] = {
    "OK": "OKActions",
    "ALARM": "AlarmActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state with its reason; `at` is when it was entered, epoch seconds of the cloud clock."""

    value: StateValue
    reason: str
    at: float
    reason_data: str | None = None


@dataclass(slots=True, kw_only=True)
class Alarm:
    """A metric alarm or a composite alarm.

    Attributes:
        params: the parameters of the call that made or updated it.
        definition: what decides its state.
        configured_at: when it was made or updated, epoch seconds of the cloud clock.
        evaluated: the number of the evaluation interval that was evaluated last; None means as soon as
            possible.
        acted_at: when it last entered a state or ran scaling policies, epoch seconds of the cloud clock;
            None before its first transition.

    """

    name: str
    params: dict[str, Any]
    definition: MetricDefinition | AlarmRule
    state: State
    configured_at: float
    actions_enabled: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    evaluated: int | None = None
    acted_at: float | None = None

    @property
    def arn(self) -> str:
        """The alarm's ARN."""
        return ARN_PREFIX + self.name

    @property
    def is_composite(self) -> bool:
        """Whether this is a composite alarm."""
        return isinstance(self.definition, AlarmRule)

    def actions(self, state: str) -> list[str]:
        """Return the action ARNs for a transition into a state."""
        return list(self.params.get(ACTIONS[state]) or ())

    def describe(self) -> dict[str, Any]:
        """Return the structure that DescribeAlarms answers."""
        shown = {key: value for key, value in self.params.items() if key != "Tags"}
        defaults: dict[str, Any] = {name: [] for name in ACTIONS.values()}
        if not self.is_composite:
            defaults |= {"TreatMissingData": "missing"}
            if "Metrics" not in shown:
                defaults |= {"Dimensions": []}
        state = {
            "AlarmArn": self.arn,
            "ActionsEnabled": self.actions_enabled,
            "AlarmConfigurationUpdatedTimestamp": self.configured_at,
            "StateValue": self.state.value,
            "StateReason": self.state.reason,
            "StateUpdatedTimestamp": self.state.at,
            "StateTransitionedTimestamp": self.state.at,
        }
        if self.state.reason_data is not None:
            state["StateReasonData"] = self.state.reason_data
        return {**defaults, **shown, **state}
