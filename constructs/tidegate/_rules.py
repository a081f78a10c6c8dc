"""The events that start a rollout, or end it."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct


class RolloutRules(Construct):
    """Approvals start a rollout; alarms, broken executions and the clock wake the watchdog.

    Events that could not be delivered are kept for two weeks in a queue.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        group_name: Model package group whose approvals count.
        rollout_machine_arn: ARN of the machine whose failures count.
        alarms: The candidate's alarms.
        start_on_approval: The handler that starts a rollout.
        watchdog: The handler that starts a rollback.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group_name: str,
        rollout_machine_arn: str,
        alarms: Sequence[cloudwatch.Alarm],
        start_on_approval: lambda_.IFunction,
        watchdog: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self.undelivered = sqs.Queue(
            self,
            "Undelivered",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self._on("Approval", _approval(group_name), start_on_approval)
        self._on("Alarm", _alarm(alarms), watchdog)
        self._on("Execution", _execution(rollout_machine_arn), watchdog)
        events.Rule(
            self,
            "Schedule",
            description="Looks for rollouts that nobody drives any more",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            # A minute later the next event comes: no need to keep this one.
            targets=[targets.LambdaFunction(watchdog, retry_attempts=0)],
        )

    def _on(self, name: str, pattern: events.EventPattern, handler: lambda_.IFunction) -> None:
        target = targets.LambdaFunction(
            handler, dead_letter_queue=self.undelivered, max_event_age=Duration.hours(2), retry_attempts=60
        )
        events.Rule(self, name, event_pattern=pattern, targets=[target])


def _approval(group_name: str) -> events.EventPattern:
    return events.EventPattern(
        source=["aws.sagemaker"],
        detail_type=["SageMaker Model Package State Change"],
        detail={"ModelPackageGroupName": [group_name], "ModelApprovalStatus": ["Approved"]},
    )


def _alarm(alarms: Sequence[cloudwatch.Alarm]) -> events.EventPattern:
    return events.EventPattern(
        source=["aws.cloudwatch"],
        detail_type=["CloudWatch Alarm State Change"],
        detail={"alarmName": [alarm.alarm_name for alarm in alarms], "state": {"value": ["ALARM"]}},
    )


def _execution(machine_arn: str) -> events.EventPattern:
    detail: Mapping[str, Sequence[str]] = {
        "stateMachineArn": [machine_arn],
        "status": ["FAILED", "TIMED_OUT", "ABORTED"],
    }
    return events.EventPattern(
        source=["aws.states"],
        detail_type=["Step Functions Execution Status Change"],
        detail=detail,
    )
