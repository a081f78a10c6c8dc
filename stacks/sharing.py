"""What a foundation lets the environments do that its models are promoted into, and its own models' role."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from stacks.deployment import Deployment
from stacks.fields.managed import ManagedService
from stacks.promotion import Promotions
from tidegate._delivery_permissions import stack_prefix
from tidegate._targets import partition_of


def readers(promotions: Promotions, deployment: Deployment[ManagedService]) -> Sequence[str]:
    """Return the other accounts whose versions are made from those of an environment."""
    return sorted({account for account, _ in _takers(promotions, deployment)})


def share_artifacts(
    bucket: s3.IBucket, promotions: Promotions, deployment: Deployment[ManagedService]
) -> None:
    """Let environments in other accounts that get models from here read the artifacts.

    A copy is made by the environment's delivery role. What is shared is read by its models' role too, and by
    the function that checks it, whose names CloudFormation makes of their stacks' names. The policy names
    the account and, in a condition, the roles: one that names a role itself is refused before there is such
    a role.
    """
    roles: dict[str, list[str]] = {}
    for account, environment in _takers(promotions, deployment):
        roles.setdefault(account, []).extend(_reading(promotions, environment))
    for account, patterns in sorted(roles.items()):
        condition = {"ArnLike": {"aws:PrincipalArn": sorted(set(patterns))}}
        principals: list[iam.IPrincipal] = [iam.AccountPrincipal(account)]
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid=f"ReadArtifacts{account}",
                principals=principals,
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[bucket.arn_for_objects("*")],
                conditions=condition,
            )
        )
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid=f"ListArtifacts{account}",
                principals=principals,
                actions=["s3:ListBucket"],
                resources=[bucket.bucket_arn],
                conditions=condition,
            )
        )


def shared_buckets(deployment: Deployment[ManagedService]) -> Sequence[str]:
    """Return ARN patterns of the buckets of another environment that an environment's models lie in."""
    promotions, part = Promotions.of(deployment), deployment.service.delivery
    if promotions is None or part is None or part.artifact != "share":
        return []
    found, name = [], promotions.source(deployment.environment_name)
    while name is not None:
        # What is shared twice lies where it lay first.
        found.append(promotions.origin(name).bucket)
        name = promotions.source(name)
    return found


def shared_needs(deployment: Deployment[ManagedService]) -> list[iam.PolicyStatement]:
    """Return what the models' role needs to read artifacts that another environment shares."""
    shared = shared_buckets(deployment)
    if not shared:
        return []
    read = ["s3:GetObject", "s3:GetObjectVersion"]
    return [
        iam.PolicyStatement(
            sid="ReadSharedArtifacts", actions=read, resources=[f"{arn}/*" for arn in shared]
        ),
        iam.PolicyStatement(sid="ListSharedArtifacts", actions=["s3:ListBucket"], resources=list(shared)),
    ]


def _takers(promotions: Promotions, deployment: Deployment[ManagedService]) -> Sequence[tuple[str, str]]:
    """Return account and name of the environments in other accounts that read from here."""
    part, own = deployment.service.delivery, deployment.environment.account
    found = list(promotions.takers(deployment.environment_name))
    if part is not None and part.artifact == "share":
        for name in found:
            found += [one for one in promotions.takers(name) if one not in found]
    accounts = [(promotions.delivered.environments[name].account, name) for name in found]
    return [(account, name) for account, name in accounts if account != own]


def _reading(promotions: Promotions, environment: str) -> Sequence[str]:
    """Return ARNs and ARN patterns of the roles that read artifacts for an environment."""
    place, part = promotions.place(environment), promotions.service.delivery
    if part is None or part.artifact == "copy":
        return [place.role]
    account = promotions.delivered.environments[environment].account
    begin = f"arn:{partition_of(place.region)}:iam::{account}:role/"
    return [
        place.role,
        *(f"{begin}{stack_prefix(place.name, kind)}*" for kind in ("foundation", "controller")),
    ]
