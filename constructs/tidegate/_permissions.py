"""What each handler may do: a table of needs, and the statement behind each need."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from tidegate._targets import Targets

Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]
Statement = Mapping[str, Any]
"""One statement, in the words of a policy document."""


def allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], conditions: Conditions | None = None
) -> Statement:
    """Return the statement that allows these actions."""
    plain = {} if conditions is None else {"Condition": {k: dict(v) for k, v in conditions.items()}}
    return {"Sid": sid, "Effect": "Allow", "Action": _few(actions), "Resource": _few(resources), **plain}


def _few(values: Sequence[str]) -> str | list[str]:
    """Return a single value by itself, as the CDK writes it."""
    return values[0] if len(values) == 1 else list(values)


def policy_document(statements: Sequence[Statement]) -> dict[str, Any]:
    """Return the document of a policy: as one value, since an object of each statement is a call each."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(service: str, conditions: Conditions | None = None) -> dict[str, Any]:
    """Return the document that lets an AWS service take a role."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    plain = {} if conditions is None else {"Condition": {k: dict(v) for k, v in conditions.items()}}
    return policy_document([{**statement, **plain}])


_SAGEMAKER_SCALING: Final[Conditions] = {
    "StringEqualsIfExists": {"application-autoscaling:service-namespace": "sagemaker"}
}
_FOR_SCALING: Final[Conditions] = {
    "StringEquals": {"iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"}
}
_TO_SAGEMAKER: Final[Conditions] = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}

_NEEDS: Final[Mapping[str, Callable[[Targets], Statement]]] = MappingProxyType(
    {
        "ledger": lambda t: allow(
            "Ledger",
            [f"dynamodb:{verb}" for verb in ("DeleteItem", "GetItem", "PutItem", "Query")],
            [t.ledger_arn],
        ),
        "endpoint": lambda t: allow("ReadEndpoint", ["sagemaker:DescribeEndpoint"], t.endpoint),
        "definitions": lambda t: allow(
            "ReadDefinitions",
            ["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
            [*t.any_config, *t.any_model],
        ),
        "package": lambda t: allow("ReadPackage", ["sagemaker:DescribeModelPackage"], t.packages),
        "artifact": lambda t: allow(
            "ReadArtifact", ["s3:GetObject", "s3:GetObjectVersion"], [f"{arn}/*" for arn in t.bucket_arns]
        ),
        "list_artifacts": lambda t: allow("ListArtifacts", ["s3:ListBucket"], t.bucket_arns),
        "pointer": lambda t: allow("ReadPointer", ["ssm:GetParameter", "ssm:GetParameters"], [t.pointer]),
        "move_pointer": lambda t: allow("MovePointer", ["ssm:PutParameter"], [t.pointer]),
        "create": lambda t: allow(
            "CreateCandidate",
            ["sagemaker:CreateEndpointConfig", "sagemaker:CreateModel"],
            [*t.own_configs, *t.own_models],
        ),
        "pass_role": lambda t: allow(
            "PassExecutionRole", ["iam:PassRole"], [t.execution_role_arn], _TO_SAGEMAKER
        ),
        "update": lambda t: allow(
            "UpdateEndpoint", ["sagemaker:UpdateEndpoint"], [*t.endpoint, *t.any_config]
        ),
        "list_made": lambda _: allow(
            "ListMade", ["sagemaker:ListEndpointConfigs", "sagemaker:ListModels"], ["*"]
        ),
        "delete_made": lambda t: allow(
            "DeleteMade",
            ["sagemaker:DeleteEndpointConfig", "sagemaker:DeleteModel"],
            [*t.own_configs, *t.own_models],
        ),
        "list_abandoned": lambda t: allow(
            "ListAbandoned", ["sagemaker:ListEndpoints"], [] if t.gate_minutes is None else ["*"]
        ),
        "delete_abandoned": lambda t: allow(
            "DeleteAbandoned",
            [f"sagemaker:Delete{what}" for what in ("Endpoint", "EndpointConfig", "Model")],
            [] if t.gate_minutes is None else t.of_validation("endpoint", "endpoint-config", "model"),
        ),
        "weights": lambda t: allow(
            "SetWeights", ["sagemaker:UpdateEndpointWeightsAndCapacities"], t.endpoint
        ),
        "invoke": lambda t: allow("AskCandidate", ["sagemaker:InvokeEndpoint"], t.endpoint),
        "scaling": lambda _: allow(
            "ReadScaling",
            ["application-autoscaling:DescribeScalableTargets"],
            ["*"],
        ),
        "suspend": lambda t: allow(
            "SuspendScaling",
            ["application-autoscaling:RegisterScalableTarget"],
            [t.scalable_targets],
            _SAGEMAKER_SCALING,
        ),
        "types": lambda t: allow("ReadTypes", ["sagemaker:DescribeEndpointConfig"], t.any_config),
        "attachments": lambda _: allow(
            "ReadAttachments",
            [
                f"application-autoscaling:Describe{what}"
                for what in ("ScalableTargets", "ScalingPolicies", "ScheduledActions")
            ],
            ["*"],
        ),
        "alarms": lambda t: allow("ReadScalingAlarms", ["cloudwatch:DescribeAlarms"], t.scaling_alarms),
        "floors": lambda t: allow("ReadAlarms", ["cloudwatch:DescribeAlarms"], t.floors("candidate", "live")),
        "live_floors": lambda t: allow("ReadLiveAlarms", ["cloudwatch:DescribeAlarms"], t.floors("live")),
        "detach": lambda t: allow(
            "Detach",
            ["application-autoscaling:DeregisterScalableTarget"],
            [t.scalable_targets],
            _SAGEMAKER_SCALING,
        ),
        "attach": lambda t: allow(
            "Attach",
            [
                f"application-autoscaling:{what}"
                for what in (
                    "DeleteScalingPolicy",
                    "DeleteScheduledAction",
                    "PutScalingPolicy",
                    "PutScheduledAction",
                    "RegisterScalableTarget",
                )
            ],
            [t.scalable_targets],
            _SAGEMAKER_SCALING,
        ),
        # Application Auto Scaling asks for these on behalf of its caller:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html
        "put_alarms": lambda t: allow(
            "ScalingAlarms",
            ["cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"],
            [*t.scaling_alarms, *t.tracking_alarms],
        ),
        "linked_role": lambda t: allow(
            "ScalingRole", ["iam:CreateServiceLinkedRole"], [t.scaling_role], _FOR_SCALING
        ),
        "metrics": lambda _: allow("ReadMetrics", ["cloudwatch:GetMetricData"], ["*"]),
        "stack": lambda t: allow(
            "ReadStack",
            ["cloudformation:DescribeStackResources", "cloudformation:DescribeStacks"],
            [t.hosting],
        ),
        "update_stack": lambda t: allow("UpdateStack", ["cloudformation:UpdateStack"], [t.hosting]),
        "start_rollout": lambda t: allow("StartRollout", ["states:StartExecution"], [t.rollout_machine]),
        "start_rollback": lambda t: allow("StartRollback", ["states:StartExecution"], [t.rollback_machine]),
        "list_runs": lambda t: allow(
            "ListExecutions", ["states:ListExecutions"], [t.rollout_machine, t.rollback_machine]
        ),
        "describe_runs": lambda t: allow(
            "DescribeExecutions",
            ["states:DescribeExecution"],
            [t.executions("rollout"), t.executions("rollback")],
        ),
        "stop_rollout": lambda t: allow("StopRollout", ["states:StopExecution"], [t.executions("rollout")]),
        # A token says which task it is: the action knows no resource.
        "answer_task": lambda _: allow("AnswerTask", ["states:SendTaskSuccess"], ["*"]),
        "ask_gates": lambda t: allow("AskGates", ["lambda:InvokeFunction"], t.gate_functions),
        "call_hooks": lambda t: allow("CallHooks", ["lambda:InvokeFunction"], t.hook_functions),
        "publish": lambda t: allow("PublishEnd", ["events:PutEvents"], [t.bus]),
        "notify": lambda t: allow("Notify", ["sns:Publish"], t.topic_arns),
        "encrypt": lambda t: allow("EncryptNotice", ["kms:Decrypt", "kms:GenerateDataKey"], t.topic_key_arns),
    }
)

HANDLERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "first_version": "ledger package pointer move_pointer",
        "check": "ledger endpoint definitions package artifact list_artifacts pointer stack scaling floors",
        "prepare": "ledger endpoint definitions package create pass_role update scaling suspend",
        "try_samples": "ledger endpoint invoke",
        "shift": "ledger endpoint weights",
        "judge": "ledger endpoint metrics live_floors",
        "hook": "ledger call_hooks",
        "gate": "ledger answer_task ask_gates notify encrypt",
        "promote": "ledger endpoint weights pointer move_pointer stack update_stack",
        "roll_back": "ledger endpoint weights update pointer move_pointer stack update_stack scaling suspend "
        "stop_rollout",
        "watchdog": "ledger live_floors list_runs describe_runs start_rollback stack endpoint types weights "
        "attachments list_made delete_made list_abandoned delete_abandoned attach put_alarms linked_role "
        "start_rollout publish notify encrypt",
        "start_on_approval": "ledger pointer package start_rollout start_rollback publish notify encrypt",
        "operate": "ledger answer_task",
        "end": "ledger scaling suspend start_rollout publish notify encrypt",
        "guard": "ledger pointer stack endpoint types attachments alarms detach",
        "attach": "ledger stack endpoint types weights attachments attach detach put_alarms linked_role",
    }
)
"""Every handler by folder, with its needs; `gate` and `hook` only where the plan has one."""


def statements(folder: str, targets: Targets) -> list[Statement]:
    """Return the statements of one handler; a need without any resource is left out."""
    needed = [_NEEDS[need](targets) for need in HANDLERS[folder].split()]
    return [statement for statement in needed if statement["Resource"]]
