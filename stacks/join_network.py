"""What an execution role may do in the user's own network."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from stacks.fields.model import SurroundingsPart

_JOIN: Final = (
    "CreateNetworkInterface",
    "CreateNetworkInterfacePermission",
    "DeleteNetworkInterface",
    "DeleteNetworkInterfacePermission",
)
_READ: Final = (
    "DescribeDhcpOptions",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcs",
)


def join_network(stack: Stack, models: Sequence[SurroundingsPart]) -> list[iam.PolicyStatement]:
    """Return what the execution role needs to attach containers to the user's own network, if there is one.

    Args:
        stack: The stack of the role.
        models: What the file says of each model.

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html

    """
    networks = [model.network for model in models if model.network is not None]
    if not networks:
        return []
    # Network interfaces get their ids when they are made; what they join is known.
    names = ["network-interface/*"]
    names += [f"subnet/{one}" for network in networks for one in network.subnets]
    names += [f"security-group/{one}" for network in networks for one in network.security_groups]
    arns = [
        stack.format_arn(service="ec2", resource=kind, resource_name=name)
        for kind, name in (one.split("/") for one in dict.fromkeys(names))
    ]
    return [
        iam.PolicyStatement(sid="JoinNetwork", actions=[f"ec2:{one}" for one in _JOIN], resources=arns),
        iam.PolicyStatement(sid="ReadNetwork", actions=[f"ec2:{one}" for one in _READ], resources=["*"]),
    ]
