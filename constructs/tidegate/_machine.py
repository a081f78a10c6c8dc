"""Building blocks of both state machines: tasks with retries, and the loop of task and wait."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from tidegate._handlers import LOG_RETENTION

# `Transient` is the handlers' own word for "ask again"; the others are Lambda's.
_TRANSIENT: Final = (
    "Transient",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.SdkClientException",
    "Lambda.AWSLambdaException",
)
# Out of memory and time-outs: handlers are convergent, so trying again is safe, but it seldom helps.
_CRASHED: Final = ("Lambda.Unknown", "Sandbox.Timedout")
_FIRST_INTERVAL: Final = Duration.seconds(1)
_LONGEST_INTERVAL: Final = Duration.seconds(30)


def task(
    scope: Construct, name: str, function: lambda_.IFunction, *, never_give_up: bool = False
) -> tasks.LambdaInvoke:
    """Return a state that hands the whole state to `function` and goes on with what it returns.

    Args:
        scope: Parent of the state.
        name: Name of the state.
        function: The handler.
        never_give_up: Retry every error until the machine's own time-out.

    """
    state = tasks.LambdaInvoke(
        scope,
        name,
        lambda_function=function,
        payload_response_only=True,
        retry_on_service_exceptions=False,
    )
    if never_give_up:
        _retry(state, ("States.ALL",), max_attempts=10_000)
    else:
        _retry(state, _TRANSIENT, max_attempts=8)
        _retry(state, _CRASHED, max_attempts=2)
    return state


def route(
    scope: Construct,
    state: tasks.LambdaInvoke,
    routes: Mapping[str, sfn.IChainable],
    *,
    otherwise: sfn.IChainable,
    wait_on: Sequence[str] = ("WAIT",),
) -> None:
    """Send `state` on by its `status`: wait and ask again, follow `routes`, or else `otherwise`.

    Args:
        scope: Parent of the states.
        state: The task that was asked.
        routes: Next state by status.
        otherwise: Where any other status leads, so that an unknown answer never goes forward.
        wait_on: Statuses that mean "ask again in `wait_seconds`".

    """
    name = state.id
    wait = sfn.Wait(scope, f"{name}Wait", time=_as_answered()).next(state)
    choice = sfn.Choice(scope, f"{name}Status")
    for status in wait_on:
        choice.when(_status_is(status), wait)
    for status, following in routes.items():
        choice.when(_status_is(status), following)
    choice.otherwise(otherwise)
    state.next(choice)


class Machine(Construct):
    """A standard state machine with logging, tracing, a time-out and a role of exactly these permissions.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        name: Physical name of the machine.
        start: First state.
        functions: The functions its tasks invoke.
        timeout: When an execution is ended by force.
        may_start: ARNs of machines that it starts.
        statements: What its tasks may do besides; nothing by default.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        start: sfn.IChainable,
        functions: Sequence[lambda_.IFunction],
        timeout: Duration,
        may_start: Sequence[str] = (),
        statements: Sequence[iam.PolicyStatement] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        # Below /aws/vendedlogs/, deliveries do not count against the size of the account's log policy.
        log_group = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/vendedlogs/states/{name}",
            retention=LOG_RETENTION,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.policy = iam.ManagedPolicy(
            self, "Policy", statements=[*statements, *_statements(functions, may_start)]
        )
        role = iam.Role(self, "Role", assumed_by=_trust(self, name), managed_policies=[self.policy])
        self.machine = sfn.StateMachine(
            self,
            "Resource",
            state_machine_name=name,
            definition_body=sfn.DefinitionBody.from_chainable(start),
            role=role.without_policy_updates(),
            timeout=timeout,
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ALL, include_execution_data=True),
        )


def machine_arn(scope: Construct, name: str) -> str:
    """Return the ARN of the machine with this name, without a reference that would close a circle."""
    return Stack.of(scope).format_arn(
        service="states",
        resource="stateMachine",
        resource_name=name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def _retry(state: tasks.LambdaInvoke, errors: Sequence[str], *, max_attempts: int) -> None:
    state.add_retry(
        errors=list(errors),
        interval=_FIRST_INTERVAL,
        backoff_rate=2,
        max_attempts=max_attempts,
        max_delay=_LONGEST_INTERVAL,
        jitter_strategy=sfn.JitterType.FULL,
    )


# Values without a state, made once for all machines: each one is a call to Node.js.
@cache
def _as_answered() -> sfn.WaitTime:
    return sfn.WaitTime.seconds_path("$.wait_seconds")


@cache
def _status_is(status: str) -> sfn.Condition:
    return sfn.Condition.string_equals("$.status", status)


def _trust(scope: Construct, name: str) -> iam.IPrincipal:
    return iam.ServicePrincipal(
        "states.amazonaws.com",
        conditions={"ArnEquals": {"aws:SourceArn": machine_arn(scope, name)}},
    )


def _statements(
    functions: Sequence[lambda_.IFunction], may_start: Sequence[str]
) -> list[iam.PolicyStatement]:
    invoke = iam.PolicyStatement(
        sid="InvokeHandlers",
        actions=["lambda:InvokeFunction"],
        resources=[function.function_arn for function in functions],
    )
    start = iam.PolicyStatement(
        sid="StartMachines", actions=["states:StartExecution"], resources=list(may_start)
    )
    return [*([invoke] if functions else []), *([start] if may_start else []), *_delivery()]


def _delivery() -> list[iam.PolicyStatement]:
    # Neither log deliveries nor traces know resource-level permissions.
    return [
        iam.PolicyStatement(
            sid="DeliverLogs",
            actions=[
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ],
            resources=["*"],
        ),
        iam.PolicyStatement(
            sid="Trace",
            actions=[
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ],
            resources=["*"],
        ),
    ]
