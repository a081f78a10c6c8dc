"""The Lambda functions of a rollout: one runtime, one role and one log group each."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from tidegate._assets import function_code
from tidegate._permissions import Statement, allow, policy_document, trust
from tidegate._rollout_plan_rules import HANDLER_TIMEOUT_SECONDS

LAMBDA_RUNTIME: Final = "python3.14"
LOG_RETENTION_DAYS: Final = 30
# Importing boto3 is CPU work, and Lambda gives CPU by memory.
_MEMORY_MIB: Final = 512


class Handler(Construct):
    """One function of the controller, with exactly the permissions given.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        folder: Folder of the function below `lambdas/`.
        environment: Environment variables.
        statements: What the function may do, besides writing its own log.
        function_name: Fixed name, when something outside of the stack must know it.
        beside: Further files of the function's archive, by name.
        lost_events: ARN of the queue for events that the function has failed on three times. When None, they
            are gone: for functions whose caller waits for the answer.
        role_name: Fixed name of the role, when roles of other accounts trust it.
        timeout_seconds: How long a call may last.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        folder: str,
        environment: Mapping[str, str],
        statements: Sequence[Statement],
        function_name: str | None = None,
        beside: Mapping[str, bytes] | None = None,
        lost_events: str | None = None,
        role_name: str | None = None,
        timeout_seconds: int = HANDLER_TIMEOUT_SECONDS,
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.CfnLogGroup(self, "Log", retention_in_days=LOG_RETENTION_DAYS)
        write_log = allow("WriteLog", ["logs:CreateLogStream", "logs:PutLogEvents"], [log_group.attr_arn])
        own = [write_log] if lost_events is None else [write_log, _keep(lost_events)]
        policy = iam.CfnManagedPolicy(self, "Policy", policy_document=policy_document([*own, *statements]))
        # The role names its policy, and the function its role: neither is there before what it needs.
        role = iam.CfnRole(
            self,
            "Role",
            role_name=role_name,
            assume_role_policy_document=trust("lambda.amazonaws.com"),
            managed_policy_arns=[policy.ref],
        )
        self.function_arn: str = lambda_.CfnFunction(
            self,
            "Resource",
            function_name=function_name,
            code=function_code(self, folder, beside),
            handler=f"{folder}.handler.handle",
            runtime=LAMBDA_RUNTIME,
            architectures=["arm64"],
            memory_size=_MEMORY_MIB,
            timeout=timeout_seconds,
            environment=lambda_.CfnFunction.EnvironmentProperty(variables=dict(environment)),
            logging_config=lambda_.CfnFunction.LoggingConfigProperty(log_group=log_group.ref),
            role=role.attr_arn,
            dead_letter_config=_dead_letters(lost_events),
        ).attr_arn
        """ARN of the function, as a reference to it."""


def _keep(queue_arn: str) -> Statement:
    return allow("KeepLostEvents", ["sqs:SendMessage"], [queue_arn])


def _dead_letters(queue_arn: str | None) -> lambda_.CfnFunction.DeadLetterConfigProperty | None:
    return None if queue_arn is None else lambda_.CfnFunction.DeadLetterConfigProperty(target_arn=queue_arn)
