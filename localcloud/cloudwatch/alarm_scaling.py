"""Alarm actions that run scaling policies.

Source: Alarm actions,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html (an alarm invokes a scaling
action once a minute for as long as it stays in the state); composite alarms have none:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localcloud.cloudwatch.alarm import ACTIONS, Alarm
from localcloud.cloudwatch.alarm_definition import MetricDefinition
from localcloud.errors import AwsError, NotEmulated

REPEAT_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """What a scaling policy is told of an alarm.

    Attributes:
        alarm_name: the alarm.
        state: the state that it is in.
        threshold: the alarm's threshold.
        rising: whether the alarm goes off above its threshold.
        values: the data points of its evaluation periods, oldest first, without missing ones.

    """

    alarm_name: str
    state: str
    threshold: float
    rising: bool
    values: tuple[float, ...]


RunPolicy = Callable[[str, Breach], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRuns:
    """The scaling policies that an alarm runs at one moment."""

    policy_arns: tuple[str, ...]
    breach: Breach

    @classmethod
    def of(
        cls, alarm: Alarm, definition: MetricDefinition, points: Sequence[tuple[int, float | None]]
    ) -> "PolicyRuns":
        """Return the runs of an alarm in its present state, with the data points of its last evaluation."""
        condition = definition.condition
        values = [value for _, value in points if value is not None][-condition.periods :]
        breach = Breach(
            alarm_name=alarm.name,
            state=alarm.state.value,
            threshold=condition.threshold,
            rising=condition.comparison.startswith("Greater"),
            values=tuple(values),
        )
        return cls(policy_arns=tuple(policy_actions(alarm)), breach=breach)

    def deliver(self, run_policy: RunPolicy | None) -> None:
        """Run the policies."""
        if run_policy is not None:
            for arn in self.policy_arns:
                run_policy(arn, self.breach)


def is_policy(action: str) -> bool:
    """Whether an action is a policy of Application Auto Scaling for SageMaker."""
    return action.startswith("arn:aws:autoscaling:") and ":resource/sagemaker/" in action


def policy_actions(alarm: Alarm) -> list[str]:
    """Return the policies that an alarm runs in its present state."""
    if not alarm.actions_enabled:
        return []
    return [action for action in alarm.actions(alarm.state.value) if is_policy(action)]


def check_actions(params: Mapping[str, Any], *, notifies: bool, scales: bool) -> None:
    """Refuse the actions of an alarm that nothing here carries out.

    Args:
        params: the parameters that make the alarm.
        notifies: whether SNS topics are served.
        scales: whether scaling policies are.

    Raises:
        AwsError: ValidationError, when a composite alarm is to scale.
        NotEmulated: for every other action.

    """
    for name in ACTIONS.values():
        for action in params.get(name) or ():
            if is_policy(action) and scales:
                if "AlarmRule" in params:
                    raise AwsError("ValidationError", f"a composite alarm cannot scale, got {action}")
            elif not action.startswith("arn:aws:sns:"):
                allowed = "only SNS topics and SageMaker's scaling policies"
                raise NotEmulated(f"CloudWatch alarm action {action} in {name}: {allowed}")
            elif not notifies:
                reason = "no notification service is attached"
                raise NotEmulated(f"CloudWatch alarm action {action} in {name}: {reason}")
