"""The Lambda functions of a rollout: one runtime, one role and one log group each."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from tidegate._assets import function_code
from tidegate._permissions import Statement, allow
from tidegate.rollout_plan import HANDLER_TIMEOUT_SECONDS

LAMBDA_RUNTIME: Final = lambda_.Runtime.PYTHON_3_14
_ARCHITECTURE: Final = lambda_.Architecture.ARM_64
_TRUSTED: Final = iam.ServicePrincipal("lambda.amazonaws.com")
LOG_RETENTION: Final = logs.RetentionDays.ONE_MONTH
# Importing boto3 is CPU work, and Lambda gives CPU by memory.
_MEMORY_MIB: Final = 512
_TIMEOUT: Final = Duration.seconds(HANDLER_TIMEOUT_SECONDS)


class Handler(Construct):
    """One function of the controller, with exactly the permissions given.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        folder: Folder of the function below `lambdas/`.
        environment: Environment variables.
        statements: What the function may do, besides writing its own log.
        function_name: Fixed name, when something outside of the stack must know it.

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
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.LogGroup(self, "Log", retention=LOG_RETENTION, removal_policy=RemovalPolicy.DESTROY)
        self.policy = self._policy(log_group, statements)
        role = iam.Role(
            self,
            "Role",
            assumed_by=_TRUSTED,
            managed_policies=[self.policy],
        )
        self.function = lambda_.Function(
            self,
            "Resource",
            function_name=function_name,
            code=function_code(folder),
            handler=f"{folder}.handler.handle",
            runtime=LAMBDA_RUNTIME,
            architecture=_ARCHITECTURE,
            memory_size=_MEMORY_MIB,
            timeout=_TIMEOUT,
            environment=dict(environment),
            log_group=log_group,
            # Nothing may widen the role behind the back of the table of permissions.
            role=role.without_policy_updates(),
        )

    def _policy(self, log_group: logs.ILogGroup, statements: Sequence[Statement]) -> iam.ManagedPolicy:
        actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
        write_log = allow("WriteLog", actions, [log_group.log_group_arn])
        # As one document: an object for each statement would be a call to Node.js each.
        document = iam.PolicyDocument.from_json(
            {"Version": "2012-10-17", "Statement": [write_log, *statements]}
        )
        return iam.ManagedPolicy(self, "Policy", document=document)
