"""Findings of cdk-nag that stay: each one by itself, on its own construct, with its reason."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import IConstruct

# Why a wildcard in a resource stays, by what the resource contains. A wildcard of any other kind is a finding.
_WILDCARDS: Final[Mapping[str, str]] = {
    "endpoint-config/": "CloudFormation chooses the names of the stack's own configurations",
    "model-package/": "a version's number is known at run time only",
    ":model/": "CloudFormation chooses the names of the stack's own models",
    ":stack/": "CloudFormation adds an id to the stack's name",
    ":execution:": "an execution is named after its rollout, at run time",
    ":alarm:": "the endpoint's own alarms, whose names begin with its name",
    ":scalable-target/": "Application Auto Scaling chooses the ids; the namespace is a condition",
    ":log-group:/aws/sagemaker/": "SageMaker chooses the names of the log streams",
    ".Arn>/*": "the objects of the service's own artifact bucket",
}
_UNSCOPED: Final = "every action of the statement is one that knows no resource-level permissions"


def acknowledge_findings(stack: Stack) -> None:
    """Acknowledge each wildcard that has a reason, and the queue that is a dead-letter queue itself."""
    for construct in stack.node.find_all():
        if isinstance(construct, iam.ManagedPolicy):
            _acknowledge_wildcards(stack, construct)
        elif isinstance(construct, sqs.Queue):
            _acknowledge(construct, "SQS3", "it is itself where undelivered events go")


def _acknowledge_wildcards(stack: Stack, policy: iam.ManagedPolicy) -> None:
    for resource in sorted(set(_resources(stack.resolve(policy.document)))):
        if "*" not in resource:
            continue
        reason = _UNSCOPED if resource == "*" else _reason(resource)
        if reason is not None:
            _acknowledge(policy, f"IAM5[Resource::{resource}]", reason)


def _acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    rule = Acknowledgment(id=f"AwsSolutions::AwsSolutions-{finding}", reason=reason)
    Validations.of(construct).acknowledge(rule)


def _reason(resource: str) -> str | None:
    return next((reason for part, reason in _WILDCARDS.items() if part in resource), None)


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
