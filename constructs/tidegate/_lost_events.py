"""Where events go that came to nothing, and the alarm that says so."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from tidegate._permissions import policy_document

_TWO_WEEKS_SECONDS: Final = 14 * 24 * 3600


class LostEvents(Construct):
    """A queue that keeps events for two weeks, and an alarm as long as it holds one.

    An event gets there when EventBridge could not deliver it within two hours, or when the function that got
    it has failed three times: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        endpoint_name: The endpoint that the events are about; the alarm is called
            `{endpoint_name}-lost-events`.
        alarm_actions: ARNs of what is told.

    """

    def __init__(
        self, scope: Construct, construct_id: str, *, endpoint_name: str, alarm_actions: Sequence[str] = ()
    ) -> None:
        super().__init__(scope, construct_id)
        queue = sqs.CfnQueue(
            self, "Resource", sqs_managed_sse_enabled=True, message_retention_period=_TWO_WEEKS_SECONDS
        )
        self._url = queue.ref
        self.arn: str = queue.attr_arn
        """ARN of the queue."""
        dimension = cloudwatch.CfnAlarm.DimensionProperty(name="QueueName", value=queue.attr_queue_name)
        cloudwatch.CfnAlarm(
            self,
            "Alarm",
            alarm_name=f"{endpoint_name}-lost-events",
            alarm_description="An approval, an alarm or a failure came to nothing: docs/operating.md",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions=[dimension],
            statistic="Maximum",
            period=300,
            evaluation_periods=1,
            threshold=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=list(alarm_actions) or None,
        )

    def accept_from(self, rule_arns: Sequence[str]) -> None:
        """Let these rules put what they could not deliver into the queue; functions use their own role."""
        sqs.CfnQueuePolicy(
            self, "Policy", queues=[self._url], policy_document=_kept_from(rule_arns, self.arn)
        )


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
