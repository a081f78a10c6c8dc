"""The events that start a rollout, or end it."""

from collections.abc import Sequence

from constructs import Construct

from tidegate._event_rule import EventRule, Pattern, registry_pattern
from tidegate._lost_events import LostEvents


class RolloutRules(Construct):
    """Approvals start a rollout, rejections stop it; alarms, failures and the clock wake the watchdog.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        group_name: Model package group whose approvals count.
        rollout_machine_arn: ARN of the machine whose failures count.
        alarm_names: The candidate's alarms.
        start_on_approval: ARN of the handler that starts a rollout.
        watchdog: ARN of the handler that starts a rollback.
        lost: Keeps events that could not be delivered.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group_name: str,
        rollout_machine_arn: str,
        alarm_names: Sequence[str],
        start_on_approval: str,
        watchdog: str,
        lost: LostEvents,
    ) -> None:
        super().__init__(scope, construct_id)
        self._lost_arn = lost.arn
        rules = [
            self._on("Approval", registry_pattern(group_name), start_on_approval),
            self._on("Alarm", _alarm(alarm_names), watchdog),
            self._on("Execution", _execution(rollout_machine_arn), watchdog),
        ]
        lost.accept_from(rules)
        EventRule(
            self,
            "Schedule",
            description="Looks for rollouts that nobody drives any more",
            schedule_expression="rate(1 minute)",
            function_arn=watchdog,
        )

    def _on(self, name: str, pattern: Pattern, handler: str) -> str:
        rule = EventRule(self, name, event_pattern=pattern, function_arn=handler, undelivered=self._lost_arn)
        return rule.arn


def _alarm(alarm_names: Sequence[str]) -> Pattern:
    return {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": list(alarm_names), "state": {"value": ["ALARM"]}},
    }


def _execution(machine_arn: str) -> Pattern:
    return {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [machine_arn], "status": ["FAILED", "TIMED_OUT", "ABORTED"]},
    }
