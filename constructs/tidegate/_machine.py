"""A state machine with its log, its role and its policy."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from tidegate._handlers import LOG_RETENTION_DAYS
from tidegate._permissions import Statement, allow, policy_document, trust
from tidegate._targets import Place

# Neither log deliveries nor traces know resource-level permissions.
_DELIVER: Final = (
    allow(
        "DeliverLogs",
        [
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
        ],
        ["*"],
    ),
    allow(
        "Trace",
        [
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ],
        ["*"],
    ),
)


class Machine(Construct):
    """A standard state machine with logging, tracing and a role of exactly these permissions.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        name: Physical name of the machine.
        place: Where it lies.
        definition: Start, time-out and states, in Amazon States Language.
        statements: What its tasks may do.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        place: Place,
        definition: Mapping[str, Any],
        statements: Sequence[Statement],
    ) -> None:
        super().__init__(scope, construct_id)
        # Below /aws/vendedlogs/, deliveries do not count against the size of the account's log policy.
        log_group = logs.CfnLogGroup(
            self,
            "Log",
            log_group_name=f"/aws/vendedlogs/states/{name}",
            retention_in_days=LOG_RETENTION_DAYS,
        )
        self.arn: str = sfn.CfnStateMachine(
            self,
            "Resource",
            state_machine_name=name,
            definition_string=Stack.of(self).to_json_string(definition),
            role_arn=self._role(place.machine(name), statements).attr_arn,
            tracing_configuration=sfn.CfnStateMachine.TracingConfigurationProperty(enabled=True),
            logging_configuration=_logging(log_group.attr_arn),
        ).ref
        """ARN of the machine, as a reference to it."""

    def _role(self, machine_arn: str, statements: Sequence[Statement]) -> iam.CfnRole:
        policy = iam.CfnManagedPolicy(
            self, "Policy", policy_document=policy_document([*statements, *_DELIVER])
        )
        condition = {"ArnEquals": {"aws:SourceArn": machine_arn}}
        return iam.CfnRole(
            self,
            "Role",
            assume_role_policy_document=trust("states.amazonaws.com", condition),
            managed_policy_arns=[policy.ref],
        )


def invoke(function_arns: Sequence[str]) -> Statement:
    """Return the statement that lets a machine call its handlers."""
    return allow("InvokeHandlers", ["lambda:InvokeFunction"], function_arns)


def _logging(log_group_arn: str) -> sfn.CfnStateMachine.LoggingConfigurationProperty:
    destination = sfn.CfnStateMachine.LogDestinationProperty(
        cloud_watch_logs_log_group=sfn.CfnStateMachine.CloudWatchLogsLogGroupProperty(
            log_group_arn=log_group_arn
        )
    )
    return sfn.CfnStateMachine.LoggingConfigurationProperty(
        destinations=[destination], include_execution_data=True, level="ALL"
    )
