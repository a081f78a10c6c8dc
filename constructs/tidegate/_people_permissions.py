"""What each kind of people may do, and what none of them may: a table of needs and one of bans.

Actions, resource types and condition keys:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodepipeline.html
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from tidegate._permissions import Statement, allow
from tidegate.guarded_endpoint import Guarded

_VERDICTS: Final = {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]}
_A_VERDICT: Final[Mapping[str, Mapping[str, Any]]] = {"StringEquals": _VERDICTS}
# A request that names no status, as one that only changes metadata, is no verdict either: a negated operator
# matches where the key is not there.
_NO_VERDICT: Final[Mapping[str, Mapping[str, Any]]] = {"StringNotEquals": _VERDICTS}


def _deny(sid: str, actions: Sequence[str], resources: Sequence[str], **more: Any) -> Statement:
    return {**allow(sid, actions, resources), "Effect": "Deny", **more}


def _verbs(service: str, *verbs: str) -> list[str]:
    return [f"{service}:{verb}" for verb in verbs]


_NEEDS: Final[Mapping[str, Callable[[Guarded], Sequence[Statement]]]] = MappingProxyType(
    {
        "read": lambda g: [
            allow(
                "ReadServing",
                _verbs(
                    "sagemaker",
                    "DescribeEndpoint",
                    "DescribeEndpointConfig",
                    "DescribeModel",
                    "DescribeModelPackage",
                )
                + _verbs(
                    "sagemaker", "DescribeModelPackageGroup", "DescribeTrainingJob", "ListModelPackages"
                ),
                [
                    *g.named("sagemaker", "endpoint/{}"),
                    *g.any("sagemaker", "endpoint-config/*"),
                    *g.any("sagemaker", "model/*"),
                    *g.named("sagemaker", "model-package/{}/*"),
                    *g.named("sagemaker", "model-package-group/{}"),
                    *g.any("sagemaker", "training-job/*"),
                ],
            ),
            allow("ReadPointer", ["ssm:GetParameter"], g.pointers),
            allow(
                "ReadLedger",
                _verbs("dynamodb", "GetItem", "Query"),
                g.named("dynamodb", "table/{}-foundation-*"),
            ),
            allow(
                "ReadStacks",
                _verbs(
                    "cloudformation",
                    "DescribeStackEvents",
                    "DescribeStacks",
                    "GetTemplate",
                    "ListStackResources",
                ),
                g.named("cloudformation", "stack/{}-*/*"),
            ),
            allow(
                "ReadRollouts",
                _verbs("states", "DescribeExecution", "GetExecutionHistory", "ListExecutions"),
                [*g.named("states", "stateMachine:{}-*"), *g.named("states", "execution:{}-*")],
            ),
            allow("ReadPlan", ["lambda:GetFunctionConfiguration"], g.named("lambda", "function:{}-*")),
            allow(
                "ReadPipelines",
                _verbs("codepipeline", "GetPipeline", "GetPipelineExecution", "GetPipelineState")
                + _verbs("codepipeline", "ListActionExecutions", "ListPipelineExecutions"),
                g.pipeline_arns,
            ),
            # It knows no resource.
            allow("ReadMetrics", ["cloudwatch:GetMetricData"], ["*"]),
        ],
        "decide": lambda g: [
            {
                **allow(
                    "DecideAboutVersions",
                    ["sagemaker:UpdateModelPackage"],
                    g.named("sagemaker", "model-package/{}/*"),
                ),
                "Condition": _A_VERDICT,
            },
            allow("DecideInPipelines", ["codepipeline:PutApprovalResult"], g.approvals),
        ],
        "deliver": lambda g: [
            allow("StartPipelines", ["codepipeline:StartPipelineExecution"], g.pipeline_arns),
            allow("RetryStages", ["codepipeline:RetryStageExecution"], g.pipeline_stages),
        ],
        "operate": lambda g: [
            allow("Steer", ["lambda:InvokeFunction"], g.named("lambda", "function:{}-operate")),
            allow("RollBack", ["states:StartExecution"], g.named("states", "stateMachine:{}-rollback")),
        ],
    }
)

_BANS: Final[Mapping[str, Callable[[Guarded], Sequence[Statement]]]] = MappingProxyType(
    {
        "serving": lambda g: [
            _deny(
                "NeverServe",
                _verbs(
                    "sagemaker",
                    "CreateEndpoint",
                    "DeleteEndpoint",
                    "UpdateEndpoint",
                    "UpdateEndpointWeightsAndCapacities",
                ),
                g.named("sagemaker", "endpoint/{}"),
            ),
            _deny(
                "NeverDelete",
                _verbs("sagemaker", "DeleteEndpointConfig", "DeleteModel"),
                [*g.any("sagemaker", "endpoint-config/*"), *g.any("sagemaker", "model/*")],
            ),
            _deny(
                "NeverScale",
                [
                    "application-autoscaling:DeregisterScalableTarget",
                    "application-autoscaling:RegisterScalableTarget",
                ],
                g.any("application-autoscaling", "scalable-target/*"),
            ),
            _deny(
                "NeverPoint",
                _verbs("ssm", "DeleteParameter", "DeleteParameters", "PutParameter"),
                g.pointers,
            ),
        ],
        "records": lambda g: [
            _deny(
                "NeverRewrite",
                _verbs(
                    "dynamodb",
                    "BatchWriteItem",
                    "DeleteItem",
                    "DeleteTable",
                    "PutItem",
                    "UpdateItem",
                    "UpdateTable",
                ),
                g.named("dynamodb", "table/{}-foundation-*"),
            ),
            _deny(
                "NeverRegister",
                _verbs("sagemaker", "CreateModelPackage", "DeleteModelPackage", "DeleteModelPackageGroup"),
                [
                    *g.named("sagemaker", "model-package/{}/*"),
                    *g.named("sagemaker", "model-package-group/{}"),
                ],
            ),
        ],
        "stacks": lambda g: [
            _deny(
                "NeverDeploy",
                _verbs(
                    "cloudformation",
                    "CancelUpdateStack",
                    "ContinueUpdateRollback",
                    "CreateChangeSet",
                    "CreateStack",
                    "DeleteStack",
                    "ExecuteChangeSet",
                    "RollbackStack",
                    "SetStackPolicy",
                    "UpdateStack",
                    "UpdateTerminationProtection",
                ),
                g.named("cloudformation", "stack/{}-*/*"),
            ),
            _deny(
                "NeverRewire",
                _verbs("lambda", "DeleteFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration")
                + _verbs("states", "DeleteStateMachine", "StopExecution", "UpdateStateMachine"),
                [
                    *g.named("lambda", "function:{}-*"),
                    *g.named("states", "stateMachine:{}-*"),
                    *g.named("states", "execution:{}-*"),
                ],
            ),
            _deny("NeverRollOut", ["states:StartExecution"], g.named("states", "stateMachine:{}-rollout")),
            # Otherwise anybody in the account could deploy as the CDK does, or act as a pipeline's job.
            _deny("NeverBecome", ["sts:AssumeRole"], g.roles("role/cdk-*") + g.roles("role/*-delivery")),
            _deny(
                "NeverPass",
                _verbs("codepipeline", "DeletePipeline", "DisableStageTransition", "UpdatePipeline"),
                [*g.pipeline_arns, *g.pipeline_stages],
            ),
        ],
        "verdicts": lambda g: [
            _deny(
                "NeverDecide",
                ["sagemaker:UpdateModelPackage", "codepipeline:PutApprovalResult"],
                [*g.named("sagemaker", "model-package/{}/*"), *([f"{arn}/*" for arn in g.pipeline_stages])],
            )
        ],
        "other than verdicts": lambda g: [
            _deny(
                "OnlyDecide",
                ["sagemaker:UpdateModelPackage"],
                g.named("sagemaker", "model-package/{}/*"),
                Condition=_NO_VERDICT,
            )
        ],
    }
)

SETS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "approver": ("read decide", "other than verdicts"),
        "deployer": ("read deliver", "verdicts"),
        "operator": ("read operate", "verdicts"),
        "reader": ("read", "verdicts"),
    }
)
"""Each set: its needs, and its own ban."""

_FENCE: Final = ("serving", "records", "stacks")


def people_statements(which: str, guarded: Guarded) -> list[Statement]:
    """Return the statements of a set; one without any resource is left out."""
    needs, ban = SETS[which]
    found = [statement for need in needs.split() for statement in _NEEDS[need](guarded)]
    return [statement for statement in (*found, *_BANS[ban](guarded)) if statement["Resource"]]


def fence_statements(guarded: Guarded) -> list[Statement]:
    """Return what is denied to the people of every set; a statement without any resource is left out."""
    found = [statement for ban in _FENCE for statement in _BANS[ban](guarded)]
    return [statement for statement in found if statement["Resource"]]
