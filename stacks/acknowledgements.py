"""Findings of cdk-nag that stay: each one by itself, on its own construct, with its reason."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import IConstruct

_OBJECTS: Final = "the objects of the service's own artifact bucket"

# Why a wildcard in a resource stays, by the resource. One of any other kind is a finding.
_WILDCARDS: Final[Mapping[str, str]] = {
    r"\*": "every action of the statement is one that knows no resource-level permissions",
    r".*:endpoint-config/\*": "CloudFormation chooses the names of the stack's own configurations",
    r".*:model/\*": "CloudFormation chooses the names of the stack's own models",
    r".*:(endpoint-config|model)/.+-\*": "the controller names what it makes by a hash of its content",
    r".*:model-package/.+/\*": "a version's number is known at run time only",
    r".*:stack/.+/\*": "CloudFormation adds an id to the stack's name",
    r".*:execution:.+:\*": "an execution is named after its rollout, at run time",
    r".*:alarm:.+-\*": "the endpoint's own alarms, whose names begin with its name",
    r".*:alarm:TargetTracking-endpoint/.+/variant/\*": "Application Auto Scaling names these alarms",
    r".*:transform-job/.+-\*": "the state machine names each job by a digest of its execution",
    r".*:log-group:/aws/sagemaker/InferenceComponents/.+-\*": "the endpoint's own components, whose names "
    "begin with its name",
    r"arn:[^:]+:s3:::[^*]+\*": "the objects of a bucket or below a prefix that the service file names",
    r".*:scalable-target/\*": "Application Auto Scaling chooses the ids; the namespace is a condition",
    r".*:log-group:/aws/sagemaker/.+:\*": "SageMaker chooses the names of the log streams",
    r"<Artifacts.+\.Arn>/\*": _OBJECTS,
}


def acknowledge_findings(stack: Stack, *, imported: Sequence[str] = ()) -> None:
    """Acknowledge each wildcard that has a reason, and the queue that is a dead-letter queue itself.

    Args:
        stack: Where to look.
        imported: ARNs of buckets of another stack, as tokens of that stack's exports.

    """
    names = [stack.resolve(arn)["Fn::ImportValue"] for arn in imported]
    for construct in stack.node.find_all():
        if isinstance(construct, iam.ManagedPolicy):
            _acknowledge_wildcards(stack, construct, names)
        elif isinstance(construct, sqs.Queue):
            _acknowledge(construct, {"SQS3": "it is itself where undelivered events go"})


def _acknowledge_wildcards(stack: Stack, policy: iam.ManagedPolicy, imported: Sequence[str]) -> None:
    reasons: dict[str, str] = {}
    for resource in sorted(set(_resources(stack.resolve(policy.document)))):
        reason = _reason(resource)
        if reason is None:
            continue
        reasons[f"IAM5[Resource::{resource}]"] = reason
        if reason == _OBJECTS:
            # cdk-nag sees either name, depending on whether references across stacks are resolved yet.
            reasons |= {f"IAM5[Resource::{name}/*]": reason for name in imported}
    _acknowledge(policy, reasons)


def _acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Acknowledge findings of one construct, each with its reason."""
    rules = [
        Acknowledgment(id=f"AwsSolutions::AwsSolutions-{finding}", reason=reason)
        for finding, reason in reasons.items()
    ]
    if rules:
        Validations.of(construct).acknowledge(*rules)


def _reason(resource: str) -> str | None:
    return next((reason for kind, reason in _WILDCARDS.items() if re.fullmatch(kind, resource)), None)


def _resources(document: Mapping[str, Any]) -> Iterator[str]:
    for statement in document["Statement"]:
        found = statement["Resource"]
        yield from map(_flat, found if isinstance(found, list) else [found])


def _flat(value: Any) -> str:
    """Return the resource as cdk-nag spells it: references in angle brackets."""
    if isinstance(value, str):
        return value
    (function, arguments), *_ = value.items()
    if function == "Fn::Join":
        return str(arguments[0]).join(map(_flat, arguments[1]))
    return f"<{'.'.join(arguments) if isinstance(arguments, list) else arguments}>"
