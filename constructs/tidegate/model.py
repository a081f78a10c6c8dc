"""A SageMaker model: what an instance serves, and as whom."""

from collections.abc import Sequence

from aws_cdk import CfnDeletionPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._fingerprint import fingerprint
from tidegate._model_definition import (
    container_definition,
    declared_containers,
    record_tags,
    role_statements,
)
from tidegate._model_traits import ModelTraits
from tidegate._network import Network
from tidegate._role_needs import attach_needs
from tidegate.model_source import ModelSource


class Model(Construct):
    """A SageMaker model, left unnamed so that CloudFormation can replace it.

    A replaced model is retained: the endpoint may still roll back to it. Digests of images and S3 versions of
    artifacts are recorded as tags, which `sagemaker:AddTags` must allow.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        source: Where the model comes from.
        role: The role the containers run as. Creation waits for the role and for its policies. A source of
            containers gives a role that the app defines what they need; add `ModelContainer.statements` to
            an imported role yourself.
        vpc: Network the containers are attached to; SageMaker's own network when None.
        vpc_subnets: Subnets of `vpc`; the private ones when None.
        security_groups: Security groups in `vpc`; a new one without inbound rules when None.
        network_isolation: Whether the containers are cut off from every network. Off by default.

    Raises:
        ValueError: when subnets or security groups are given without a network.

    Example:
        Model(stack, "Model", source=ModelSource.model_package(arn), role=role)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        source: ModelSource,
        role: iam.IRole,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        network_isolation: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        network = Network.of(self, vpc=vpc, vpc_subnets=vpc_subnets, security_groups=security_groups)
        resource = sagemaker.CfnModel(
            self,
            "Resource",
            execution_role_arn=role.role_arn,
            primary_container=_primary(source),
            containers=_several(source),
            inference_execution_config=_execution(source),
            tags=record_tags(source.containers) or None,
            enable_network_isolation=network_isolation,
            vpc_config=None if network is None else _vpc(network),
        )
        resource.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
        resource.cfn_options.deletion_policy = CfnDeletionPolicy.DELETE
        # CreateModel checks the role's permissions: without the policies it races IAM.
        resource.node.add_dependency(role)
        needs = role_statements(source.containers)
        for need in attach_needs(self, [role], needs, purpose="Start the containers of a model"):
            resource.node.add_dependency(need)
        self.model_name: str = resource.attr_model_name
        """Name that CloudFormation gives the model (a deploy-time token)."""
        self.role: iam.IRole = role
        """The role the containers run as."""
        self.fingerprint: str = fingerprint(self, [_declared(source), role.role_arn, network_isolation])
        """Digest of the declaration: it changes when a deploy would make another model."""
        self.traits: ModelTraits = _traits(source, in_vpc=vpc is not None, isolated=network_isolation)
        """What some kinds of endpoint exclude."""


def _vpc(network: Network) -> sagemaker.CfnModel.VpcConfigProperty:
    return sagemaker.CfnModel.VpcConfigProperty(
        security_group_ids=network.security_group_ids, subnets=network.subnets
    )


def _declared(source: ModelSource) -> list[object]:
    plain: list[object] = [
        source.image_uri,
        source.artifact_uri,
        source.model_package_arn,
        dict(source.environment),
    ]
    # Only where there are containers: the digest of the other sources must stay as it was.
    return (
        plain
        if not source.containers
        else [*plain, source.execution, *declared_containers(source.containers)]
    )


def _traits(source: ModelSource, *, in_vpc: bool, isolated: bool) -> ModelTraits:
    images = [source.image_uri, *(container.image.uri for container in source.containers)]
    return ModelTraits(
        in_vpc=in_vpc,
        network_isolated=isolated,
        images=tuple(image for image in images if image is not None),
        containers=max(1, len(source.containers)),
        execution=source.execution,
        multi_model=any(container.multi_model for container in source.containers),
        uncompressed=any(
            container.artifact is not None and container.artifact.uncompressed
            for container in source.containers
        ),
    )


def _several(source: ModelSource) -> list[sagemaker.CfnModel.ContainerDefinitionProperty] | None:
    return None if source.execution is None else [container_definition(one) for one in source.containers]


def _execution(source: ModelSource) -> sagemaker.CfnModel.InferenceExecutionConfigProperty | None:
    if source.execution is None:
        return None
    return sagemaker.CfnModel.InferenceExecutionConfigProperty(mode=source.execution)


def _primary(source: ModelSource) -> sagemaker.CfnModel.ContainerDefinitionProperty | None:
    if source.execution is not None:
        return None
    return container_definition(source.containers[0]) if source.containers else _container(source)


def _container(source: ModelSource) -> sagemaker.CfnModel.ContainerDefinitionProperty:
    return sagemaker.CfnModel.ContainerDefinitionProperty(
        image=source.image_uri,
        model_data_url=source.artifact_uri,
        model_package_name=source.model_package_arn,
        environment=dict(source.environment) or None,
    )
