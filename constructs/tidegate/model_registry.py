"""The model package group whose approved versions are rolled out."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._validation import Faults


class ModelRegistry(Construct):
    """A model package group that stays when the stack goes.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        group_name: Name of the group, at most 63 characters.
        description: What the versions have in common.

    Raises:
        ValueError: when the name is not a SageMaker name.

    Example:
        ModelRegistry(stack, "Registry", group_name="digits-production", description="Handwritten digits")

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry.html

    """

    def __init__(
        self, scope: Construct, construct_id: str, *, group_name: str, description: str | None = None
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
        ).apply_removal_policy(RemovalPolicy.RETAIN)
        self.group_name: str = group_name
        """Name of the group, as given."""
