"""The user's network, to which containers are attached."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from tidegate.compatibility_numbers import refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Ids of the subnets and security groups, as CloudFormation wants them."""

    subnets: list[str]
    security_group_ids: list[str]

    @classmethod
    def of(
        cls,
        scope: Construct,
        *,
        vpc: ec2.IVpc | None,
        vpc_subnets: ec2.SubnetSelection | None,
        security_groups: Sequence[ec2.ISecurityGroup] | None,
    ) -> Self | None:
        """Return the private subnets and a new security group unless chosen; None without a network.

        Raises:
            ValueError: when subnets or security groups are given without a network.

        """
        if vpc is None:
            if vpc_subnets is not None or security_groups is not None:
                raise ValueError(
                    refusal("model-network", "vpc_subnets and security_groups need a vpc, got none")
                )
            return None
        chosen = (
            security_groups
            if security_groups is not None
            else [ec2.SecurityGroup(scope, "SecurityGroup", vpc=vpc)]
        )
        selection = vpc_subnets if vpc_subnets is not None else ec2.SubnetSelection()
        return cls(
            security_group_ids=[group.security_group_id for group in chosen],
            subnets=vpc.select_subnets(
                subnet_type=selection.subnet_type,
                subnets=selection.subnets,
                subnet_group_name=selection.subnet_group_name,
            ).subnet_ids,
        )
