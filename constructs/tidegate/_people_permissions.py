"""What each kind of people may do, and which verdicts it is denied: a table of needs.

Actions, resource types and condition keys:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodepipeline.html
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from tidegate._people_fence import BANS, VERDICTS, verbs
from tidegate._permissions import Statement, allow
from tidegate.guarded_endpoint import Guarded

_A_VERDICT: Final[Mapping[str, Mapping[str, Any]]] = {"StringEquals": VERDICTS}

_NEEDS: Final[Mapping[str, Callable[[Guarded], Sequence[Statement]]]] = MappingProxyType(
    {
        "read": lambda g: [
            allow(
                "ReadServing",
                verbs(
                    "sagemaker",
                    "DescribeEndpoint",
                    "DescribeEndpointConfig",
                    "DescribeModel",
                    "DescribeModelPackage",
                )
                + verbs("sagemaker", "DescribeModelPackageGroup", "DescribeTrainingJob", "ListModelPackages"),
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
                verbs("dynamodb", "GetItem", "Query"),
                g.named("dynamodb", "table/{}-foundation-*"),
            ),
            allow(
                "ReadStacks",
                verbs(
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
                verbs("states", "DescribeExecution", "GetExecutionHistory", "ListExecutions"),
                [*g.named("states", "stateMachine:{}-*"), *g.named("states", "execution:{}-*")],
            ),
            allow("ReadPlan", ["lambda:GetFunctionConfiguration"], g.named("lambda", "function:{}-*")),
            allow(
                "ReadPipelines",
                verbs("codepipeline", "GetPipeline", "GetPipelineExecution", "GetPipelineState")
                + verbs("codepipeline", "ListActionExecutions", "ListPipelineExecutions"),
                g.pipeline_arns,
            ),
            # These know no resource.
            allow("ReadAll", ["cloudwatch:GetMetricData", "codepipeline:ListPipelines"], ["*"]),
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

SETS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "approver": ("read decide", "other than verdicts"),
        "deployer": ("read deliver", "verdicts"),
        "operator": ("read operate", "verdicts"),
        "reader": ("read", "verdicts"),
    }
)
"""Each set: its needs, and its own ban."""


def people_statements(which: str, guarded: Guarded) -> list[Statement]:
    """Return the statements of a set; one without any resource is left out."""
    needs, ban = SETS[which]
    found = [statement for need in needs.split() for statement in _NEEDS[need](guarded)]
    return [statement for statement in (*found, *BANS[ban](guarded)) if statement["Resource"]]
