"""What scanners find in what CDK Pipelines makes, each with the reason why it stays."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aws_cdk import Stack
from constructs import IConstruct

from tidegate._pipeline_policies import below, listed, policies_below
from tidegate.findings import Findings

_NAG: Final = "AwsSolutions::AwsSolutions-"

_ACTIONS: Final[Mapping[str, str]] = {
    r"s3:.*": "reading and writing artifacts of the pipeline's own bucket, as the CDK grants it",
    r"kms:.*": "using the key of the pipeline's own bucket, as the CDK grants it",
}
_RESOURCES: Final[Mapping[str, str]] = {
    r"\*": "every action of the statement is one that knows no resource-level permissions",
    r"<.+\.Arn>/\*": "the objects of the pipeline's own bucket",
    r"arn:.+:s3:::[^*]+/\*": "the objects of the pipeline's own bucket in another region",
    r"arn:.+:lambda:.+:\*": "any version of the one function, as the CDK grants it",
    r"<.+>:\*": "any version of the one function, as the CDK grants it",
    r"arn:.+:logs:.+:log-group:/aws/codebuild/.*\*": "CodeBuild chooses the names of its log streams",
    r"arn:.+:codebuild:.+:report-group/.*\*": "a report group is named when a build first reports",
    r"arn:\*:iam::\d+:role/\*": "a condition leaves the roles of cdk bootstrap only",
    r"arn:.+:cloudformation:\*:\d+:stack/.+/\*": "CloudFormation adds an id to the stack's name",
    r"arn:.+:s3:::cdk-\*-assets-\d+-\*": "the bucket of cdk bootstrap, whose qualifier may be another one",
    r"arn:.+:kms:.+:key/\*": "the CDK names the key of another region by an alias, which no policy can",
    r"arn:.+:codebuild:.+:build/.+:\*": "a build gets its id when it starts",
}
"""Resources with a wildcard, as patterns; one of any other kind is a finding."""

_NO_LOG: Final = "the CDK makes this bucket for copies of artifacts, whose own bucket logs access"
_DEFAULT_KEY: Final = "it encrypts with S3's own key, as the pipeline's bucket does in one account"
_NOTHING_KEPT: Final = "it keeps no artifacts; what it logs, CloudWatch Logs encrypts"
_JOINED: Final = "cfn-lint takes a hint about Fn::Join in an action's configuration for an error"


def acknowledge_pipeline(scope: IConstruct, *, support: Sequence[Stack], with_key: bool) -> None:
    """Acknowledge what is known to be found in a built pipeline.

    Args:
        scope: The pipeline.
        support: The CDK's stacks in other regions.
        with_key: Whether the artifacts have a key of their own.

    """
    stack = Stack.of(scope)
    for policy in policies_below(scope):
        document = stack.resolve(policy.policy_document)
        reasons = dict(_wildcards(document))
        for finding, reason in reasons.items():
            Findings.acknowledge(policy, finding, reason=reason)
    for resource in below(scope, "CfnPipeline"):
        Findings.acknowledge(resource, "E3703", "W3005", reason=_JOINED)
    for project in () if with_key else below(scope, "CfnProject"):
        Findings.acknowledge(project, f"{_NAG}CB4", reason=_DEFAULT_KEY)
    for one in support:
        for resource in below(one, "CfnBucket"):
            Findings.acknowledge(resource, f"{_NAG}S1", "CKV_AWS_18", reason=_NO_LOG)


def acknowledge_project(project: IConstruct) -> None:
    """Acknowledge what is known to be found in a build without artifacts."""
    Findings.acknowledge(project, f"{_NAG}CB4", reason=_NOTHING_KEPT)


def _wildcards(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for statement in document["Statement"]:
        for action in listed(statement["Action"]):
            if "*" in action:
                yield from _known(f"Action::{action}", action, _ACTIONS)
        for resource in map(_flat, listed(statement["Resource"])):
            if "*" in resource:
                yield from _known(f"Resource::{resource}", resource, _RESOURCES)


def _known(finding: str, text: str, reasons: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    reason = next((why for kind, why in reasons.items() if re.fullmatch(kind, text)), None)
    if reason is not None:
        yield f"{_NAG}IAM5[{finding}]", reason


def _flat(value: Any) -> str:
    """Return a resource as cdk-nag spells it: references in angle brackets."""
    if isinstance(value, str):
        return value
    (function, arguments), *_ = value.items()
    if function == "Fn::Join":
        return str(arguments[0]).join(map(_flat, arguments[1]))
    return f"<{'.'.join(arguments) if isinstance(arguments, list) else arguments}>"
