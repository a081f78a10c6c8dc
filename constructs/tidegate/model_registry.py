"""The model package group whose approved versions are rolled out."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._permissions import policy_document
from tidegate._targets import Place
from tidegate._validation import Faults


class ModelRegistry(Construct):
    """A model package group that stays when the stack goes.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        group_name: Name of the group, at most 63 characters.
        description: What the versions have in common.
        readers: Accounts that may read the versions, because their own are made from them; none by default.

    Raises:
        ValueError: when the name is not a SageMaker name.

    Example:
        ModelRegistry(stack, "Registry", group_name="digits-production", description="Handwritten digits")

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry.html
        https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group_name: str,
        description: str | None = None,
        readers: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        faults = Faults("model registry")
        faults.require_name(group_name, field="group_name")
        faults.raise_if_any()
        sagemaker.CfnModelPackageGroup(
            self,
            "Resource",
            model_package_group_name=group_name,
            model_package_group_description=description,
            model_package_group_policy=self._policy(group_name, readers) if readers else None,
        ).apply_removal_policy(RemovalPolicy.RETAIN)
        self.group_name: str = group_name
        """Name of the group, as given."""

    def _policy(self, group_name: str, readers: Sequence[str]) -> dict[str, Any]:
        place = Place.of(Stack.of(self))
        statement = {
            "Sid": "ReadVersions",
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:{place.partition}:iam::{one}:root" for one in sorted(set(readers))]},
            "Action": [
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
                "sagemaker:ListModelPackages",
            ],
            "Resource": [
                place.arn("sagemaker", f"model-package-group/{group_name.lower()}"),
                place.arn("sagemaker", f"model-package/{group_name.lower()}/*"),
            ],
        }
        return policy_document([statement])
