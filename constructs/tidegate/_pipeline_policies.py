"""Narrow what CDK Pipelines allows on `*` to what the pipeline has to do with."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from aws_cdk import CfnResource, Stack
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import IConstruct

from tidegate._targets import Place

TOOLKIT = "CDKToolkit"
"""Name of the stack of `cdk bootstrap`, which the CLI asks for."""


def narrow_policies(scope: IConstruct, *, other_regions: Sequence[str]) -> None:
    """Replace `*` in the policies below a built pipeline, where the actions know resources.

    The self-mutation asks CloudFormation for its own stack and for the one of the bootstrap, and lists the
    bootstrap's bucket, in each region that it deploys to. The role of the assets may start its own builds.
    The key of another region is known by an alias only: there it is any key of the account.

    Args:
        scope: The pipeline.
        other_regions: Regions with artifacts besides the pipeline's own.

    """
    stack = Stack.of(scope)
    place = Place.of(stack)
    for policy in policies_below(scope):
        document = stack.resolve(policy.policy_document)
        for number, statement in enumerate(document["Statement"]):
            resources = listed(statement["Resource"])
            instead = list(_instead(scope, listed(statement["Action"]), place, other_regions))
            if "*" in resources and instead:
                path = f"PolicyDocument.Statement.{number}.Resource"
                policy.add_property_override(path, [*(one for one in resources if one != "*"), *instead])


def policies_below(scope: IConstruct) -> Iterator[iam.CfnPolicy]:
    """Yield the policies of roles below a construct."""
    return (cast(iam.CfnPolicy, one) for one in below(scope, "CfnPolicy"))


def below(scope: IConstruct, kind: str) -> Iterator[CfnResource]:
    """Yield the resources of a kind below a construct, by the name of their class."""
    return (cast(CfnResource, one) for one in scope.node.find_all() if type(one).__name__ == kind)


def listed(value: Any) -> list[Any]:
    """Return what a policy says as one value or as a list, as a list."""
    return value if isinstance(value, list) else [value]


def _instead(
    scope: IConstruct, actions: Sequence[str], place: Place, other_regions: Sequence[str]
) -> Iterator[str | Mapping[str, Any]]:
    account, partition = place.account, place.partition
    if "cloudformation:DescribeStacks" in actions:
        for name in (Stack.of(scope).stack_name, TOOLKIT):
            yield f"arn:{partition}:cloudformation:*:{account}:stack/{name}/*"
        yield f"arn:{partition}:s3:::cdk-*-assets-{account}-*"
    elif "codebuild:StartBuild" in actions:
        for project in _projects(scope):
            yield project.attr_arn
    elif "kms:Decrypt" in actions:
        for region in other_regions:
            yield f"arn:{partition}:kms:{region}:{account}:key/*"


def _projects(scope: IConstruct) -> Iterator[codebuild.CfnProject]:
    for project in below(scope, "CfnProject"):
        if "/Assets/" in project.node.path:
            yield cast(codebuild.CfnProject, project)


def secure_support(stack: Stack) -> None:
    """Turn on rotation and versions in the CDK's stack of another region, as in the pipeline's own store."""
    for key in below(stack, "CfnKey"):
        cast(kms.CfnKey, key).enable_key_rotation = True
    for bucket in below(stack, "CfnBucket"):
        bucket.add_property_override("VersioningConfiguration", {"Status": "Enabled"})
