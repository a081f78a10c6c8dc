"""Give an execution role what an endpoint needs of it, before the endpoint is made."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct, IDependable


def attach_needs(
    scope: Construct, roles: Sequence[iam.IRole], statements: Sequence[iam.PolicyStatement], *, purpose: str
) -> list[IDependable]:
    """Attach one managed policy with `statements` to those roles that the app itself defines.

    An imported role is left alone: its owner adds the statements.

    Returns:
        What must exist before SageMaker uses the roles.

    """
    own = {role.node.path: role for role in roles if isinstance(role, iam.Role)}
    if not own or not statements:
        return []
    policy = iam.ManagedPolicy(
        scope,
        "RoleNeeds",
        description=purpose,
        statements=list(statements),
        roles=list(own.values()),
    )
    return [policy]
