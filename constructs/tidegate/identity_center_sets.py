"""Permission sets of IAM Identity Center, by which people of a company get the policies in an account."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import aws_sso as sso
from constructs import Construct

from tidegate._validation import Faults

_LONGEST_NAME: Final = 32


class IdentityCenterSets(Construct):
    """One permission set for each set of a `PermissionSets`, with its managed policies and nothing else.

    It names the policies; they must be in every account that the set is assigned in. It belongs into the
    account and region of the Identity Center's instance, and assigns nobody: who is in which group is the
    directory's.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        instance_arn: ARN of the Identity Center's instance.
        policy_names: Names of the policies of each set of people; the first one names the set.

    Raises:
        ValueError: when a name is longer than Identity Center takes, or the ARN is none of an instance.

    Example:
        IdentityCenterSets(stack, "Sets", instance_arn=instance, policy_names=people.policy_names)

    Source:
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sso-permissionset.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        instance_arn: str,
        policy_names: Mapping[str, Sequence[str]],
    ) -> None:
        super().__init__(scope, construct_id)
        faults = Faults("Identity Center sets")
        faults.require(
            ok=":sso:::instance/" in instance_arn,
            message=f"instance_arn must be arn:...:sso:::instance/..., got {instance_arn!r}",
        )
        for name, *_ in policy_names.values():
            faults.require(
                ok=len(name) <= _LONGEST_NAME,
                message=f"the name of a permission set has at most {_LONGEST_NAME} characters, got {name!r}",
            )
        faults.raise_if_any()
        for which, names in policy_names.items():
            sso.CfnPermissionSet(
                self,
                which.capitalize(),
                instance_arn=instance_arn,
                name=names[0],
                session_duration="PT4H",
                customer_managed_policy_references=[
                    sso.CfnPermissionSet.CustomerManagedPolicyReferenceProperty(name=name, path="/")
                    for name in names
                ],
            )
