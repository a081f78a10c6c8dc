"""The events that start a rollout, or end it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import aws_sqs as sqs
from constructs import Construct

from tidegate._event_rule import EventRule
from tidegate._permissions import policy_document

Pattern = Mapping[str, Any]
_TWO_WEEKS_SECONDS: Final = 14 * 24 * 3600


class RolloutRules(Construct):
    """Approvals start a rollout; alarms, broken executions and the clock wake the watchdog.

    Events that could not be delivered are kept for two weeks in a queue.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        group_name: Model package group whose approvals count.
        rollout_machine_arn: ARN of the machine whose failures count.
        alarm_names: The candidate's alarms.
        start_on_approval: ARN of the handler that starts a rollout.
        watchdog: ARN of the handler that starts a rollback.

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
    ) -> None:
        super().__init__(scope, construct_id)
        queue = sqs.CfnQueue(
            self, "Undelivered", sqs_managed_sse_enabled=True, message_retention_period=_TWO_WEEKS_SECONDS
        )
        self._queue_arn = queue.attr_arn
        rules = [
            self._on("Approval", _approval(group_name), start_on_approval),
            self._on("Alarm", _alarm(alarm_names), watchdog),
            self._on("Execution", _execution(rollout_machine_arn), watchdog),
        ]
        sqs.CfnQueuePolicy(
            self, "UndeliveredPolicy", queues=[queue.ref], policy_document=_kept_from(rules, self._queue_arn)
        )
        EventRule(
            self,
            "Schedule",
            description="Looks for rollouts that nobody drives any more",
            schedule_expression="rate(1 minute)",
            function_arn=watchdog,
        )

    def _on(self, name: str, pattern: Pattern, handler: str) -> str:
        rule = EventRule(self, name, event_pattern=pattern, function_arn=handler, undelivered=self._queue_arn)
        return rule.arn


def _kept_from(rule_arns: Sequence[str], queue_arn: str) -> Mapping[str, Any]:
    return policy_document(
        [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "sqs:*",
                "Resource": queue_arn,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Sid": "KeepUndelivered",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue_arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": list(rule_arns)}},
            },
        ]
    )


def _approval(group_name: str) -> Pattern:
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": [group_name], "ModelApprovalStatus": ["Approved"]},
    }


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
