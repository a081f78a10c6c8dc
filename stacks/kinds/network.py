"""The user's own network, which containers are attached to."""

from typing import Any, Final

from aws_cdk import Annotations, Stack
from aws_cdk import aws_ec2 as ec2

from stacks.fields.model import NetworkPart

_ANY_ZONE: Final = "any"
_NO_ROUTES: Final = "@aws-cdk/aws-ec2:noSubnetRouteTableId"


def network_of(stack: Stack, construct_id: str, part: NetworkPart) -> dict[str, Any]:
    """Return network, subnets and security groups, as `Model` takes them.

    Args:
        stack: The hosting stack.
        construct_id: Begin of the ids.
        part: What the file says.

    """
    return {
        "vpc": _vpc(stack, construct_id, part),
        "vpc_subnets": _subnets(stack, construct_id, part),
        "security_groups": _groups(stack, construct_id, part),
    }


def _vpc(stack: Stack, construct_id: str, part: NetworkPart) -> ec2.IVpc:
    # The CDK wants zones, and uses them for nothing: the subnets are named one by one.
    return ec2.Vpc.from_vpc_attributes(
        stack, f"{construct_id}Vpc", vpc_id=part.vpc, availability_zones=[_ANY_ZONE]
    )


def _subnets(stack: Stack, construct_id: str, part: NetworkPart) -> ec2.SubnetSelection:
    found = [
        ec2.Subnet.from_subnet_attributes(
            stack, f"{construct_id}Subnet{number}", subnet_id=subnet, availability_zone=_ANY_ZONE
        )
        for number, subnet in enumerate(part.subnets, start=1)
    ]
    for subnet in found:
        Annotations.of(subnet).acknowledge_warning(_NO_ROUTES, "no routes are read here")
    return ec2.SubnetSelection(subnets=found)


def _groups(stack: Stack, construct_id: str, part: NetworkPart) -> list[ec2.ISecurityGroup]:
    return [
        ec2.SecurityGroup.from_security_group_id(stack, f"{construct_id}Group{number}", group)
        for number, group in enumerate(part.security_groups, start=1)
    ]
