"""What nobody does by hand in an environment: a table of bans, each a statement that denies."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from tidegate._permissions import Statement, allow
from tidegate.guarded_endpoint import Guarded

VERDICTS: Final[Mapping[str, Sequence[str]]] = {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]}
"""The statuses that are a verdict about a version."""
# A request that names no status, as one that only changes metadata, is no verdict either: a negated operator
# matches where the key is not there.
_NO_VERDICT: Final[Mapping[str, Mapping[str, Any]]] = {"StringNotEquals": VERDICTS}
_FENCE: Final = ("serving", "records", "stacks")


def _deny(sid: str, actions: Sequence[str], resources: Sequence[str], **more: Any) -> Statement:
    return {**allow(sid, actions, resources), "Effect": "Deny", **more}


def verbs(service: str, *names: str) -> list[str]:
    """Return actions of a service."""
    return [f"{service}:{name}" for name in names]


BANS: Final[Mapping[str, Callable[[Guarded], Sequence[Statement]]]] = MappingProxyType(
    {
        "serving": lambda g: [
            _deny(
                "NeverServe",
                verbs(
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
                verbs("sagemaker", "DeleteEndpointConfig", "DeleteModel"),
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
                verbs("ssm", "DeleteParameter", "DeleteParameters", "PutParameter"),
                g.pointers,
            ),
        ],
        "records": lambda g: [
            _deny(
                "NeverRewrite",
                verbs(
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
                verbs("sagemaker", "CreateModelPackage", "DeleteModelPackage", "DeleteModelPackageGroup"),
                [
                    *g.named("sagemaker", "model-package/{}/*"),
                    *g.named("sagemaker", "model-package-group/{}"),
                ],
            ),
        ],
        "stacks": lambda g: [
            _deny(
                "NeverDeploy",
                verbs(
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
                verbs("lambda", "DeleteFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration")
                + verbs("states", "DeleteStateMachine", "StopExecution", "UpdateStateMachine"),
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
                verbs("codepipeline", "DeletePipeline", "DisableStageTransition", "UpdatePipeline"),
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
"""Bans by name: those of the fence, and the two about verdicts, of which each set has one."""


def fence_statements(guarded: Guarded) -> list[Statement]:
    """Return what is denied to the people of every set; a statement without any resource is left out."""
    found = [statement for ban in _FENCE for statement in BANS[ban](guarded)]
    return [statement for statement in found if statement["Resource"]]
