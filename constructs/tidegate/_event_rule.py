"""An EventBridge rule that calls one function."""

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

Pattern = Mapping[str, Any]


class EventRule(Construct):
    """A rule, and the permission to call its function.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        function_arn: The function.
        undelivered: ARN of the queue that keeps what could not be delivered within two hours. When None, it
            is not tried again: for clocks, whose next event comes anyway.
        rule: `event_pattern`, or `schedule_expression`; `description`; `event_bus_name`.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function_arn: str,
        undelivered: str | None = None,
        **rule: Any,
    ) -> None:
        super().__init__(scope, construct_id)
        target = events.CfnRule.TargetProperty(
            arn=function_arn,
            id="Function",
            dead_letter_config=_kept_in(undelivered),
            retry_policy=_ONCE if undelivered is None else _FOR_TWO_HOURS,
        )
        self.arn: str = events.CfnRule(self, "Resource", state="ENABLED", targets=[target], **rule).attr_arn
        """ARN of the rule."""
        lambda_.CfnPermission(
            self,
            "Permission",
            action="lambda:InvokeFunction",
            function_name=function_arn,
            principal="events.amazonaws.com",
            source_arn=self.arn,
        )


def registry_pattern(group_name: str) -> Pattern:
    """Return the pattern of approvals and rejections in a model package group."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": [group_name], "ModelApprovalStatus": ["Approved", "Rejected"]},
    }


_ONCE: Final = events.CfnRule.RetryPolicyProperty(maximum_retry_attempts=0)
_FOR_TWO_HOURS: Final = events.CfnRule.RetryPolicyProperty(
    maximum_event_age_in_seconds=2 * 3600, maximum_retry_attempts=60
)


def _kept_in(queue_arn: str | None) -> events.CfnRule.DeadLetterConfigProperty | None:
    return None if queue_arn is None else events.CfnRule.DeadLetterConfigProperty(arn=queue_arn)
