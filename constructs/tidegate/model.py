"""A SageMaker model: what an instance serves, and as whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self

from aws_cdk import CfnDeletionPolicy, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._fingerprint import fingerprint
from tidegate._model_traits import ModelTraits
from tidegate._validation import Faults

_NO_ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """Where a model comes from: a container image with an artifact, or a model package version.

    Use the factories; exactly one kind of source is set.

    Attributes:
        image_uri: Address of the container image in ECR.
        artifact_uri: `s3://` address of the `model.tar.gz`; None when the image holds the model.
        model_package_arn: ARN of a model package version, may be a token.
        environment: Environment variables of the container.

    """

    image_uri: str | None = None
    artifact_uri: str | None = None
    model_package_arn: str | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: _NO_ENVIRONMENT)

    def __post_init__(self) -> None:
        faults = Faults("model source")
        faults.require(
            ok=(self.image_uri is None) != (self.model_package_arn is None),
            message="exactly one of image_uri and model_package_arn must be set, "
            f"got {self.image_uri!r} and {self.model_package_arn!r}",
        )
        faults.require(
            ok=_starts(self.artifact_uri, "s3://"),
            message=f"artifact_uri must start with s3://, got {self.artifact_uri!r}",
        )
        faults.require(
            ok=_starts(self.model_package_arn, "arn:"),
            message=f"model_package_arn must be an ARN, got {self.model_package_arn!r}",
        )
        faults.raise_if_any()

    @classmethod
    def image(
        cls,
        image_uri: str,
        *,
        artifact_uri: str | None = None,
        environment: Mapping[str, str] = _NO_ENVIRONMENT,
    ) -> Self:
        """Return the source of a model in a container image, with its artifact in S3."""
        return cls(image_uri=image_uri, artifact_uri=artifact_uri, environment=environment)

    @classmethod
    def model_package(
        cls, model_package_arn: str, *, environment: Mapping[str, str] = _NO_ENVIRONMENT
    ) -> Self:
        """Return the source of a registered model package version; the ARN may be a deploy-time token."""
        return cls(model_package_arn=model_package_arn, environment=environment)


class Model(Construct):
    """A SageMaker model, left unnamed so that CloudFormation can replace it.

    A replaced model is retained: the endpoint may still roll back to it.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        source: Where the model comes from.
        role: The role the containers run as. Creation waits for the role and for its policies.
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
        if vpc is None and (vpc_subnets is not None or security_groups is not None):
            raise ValueError("vpc_subnets and security_groups need a vpc, got none")
        resource = sagemaker.CfnModel(
            self,
            "Resource",
            execution_role_arn=role.role_arn,
            primary_container=_container(source),
            enable_network_isolation=network_isolation,
            vpc_config=None if vpc is None else self._network(vpc, vpc_subnets, security_groups),
        )
        resource.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
        resource.cfn_options.deletion_policy = CfnDeletionPolicy.DELETE
        # CreateModel checks the role's permissions: without the policies it races IAM.
        resource.node.add_dependency(role)
        self.model_name: str = resource.attr_model_name
        """Name that CloudFormation gives the model (a deploy-time token)."""
        self.role: iam.IRole = role
        """The role the containers run as."""
        self.fingerprint: str = fingerprint(self, [_declared(source), role.role_arn, network_isolation])
        """Digest of the declaration: it changes when a deploy would make another model."""
        self.traits: ModelTraits = ModelTraits(
            in_vpc=vpc is not None,
            network_isolated=network_isolation,
            images=(source.image_uri,) if source.image_uri is not None else (),
        )
        """What some kinds of endpoint exclude."""

    def _network(
        self,
        vpc: ec2.IVpc,
        subnets: ec2.SubnetSelection | None,
        groups: Sequence[ec2.ISecurityGroup] | None,
    ) -> sagemaker.CfnModel.VpcConfigProperty:
        chosen = groups if groups is not None else [ec2.SecurityGroup(self, "SecurityGroup", vpc=vpc)]
        selection = subnets if subnets is not None else ec2.SubnetSelection()
        return sagemaker.CfnModel.VpcConfigProperty(
            security_group_ids=[group.security_group_id for group in chosen],
            subnets=vpc.select_subnets(
                subnet_type=selection.subnet_type,
                subnets=selection.subnets,
                subnet_group_name=selection.subnet_group_name,
            ).subnet_ids,
        )


def _declared(source: ModelSource) -> list[object]:
    return [source.image_uri, source.artifact_uri, source.model_package_arn, dict(source.environment)]


def _container(source: ModelSource) -> sagemaker.CfnModel.ContainerDefinitionProperty:
    return sagemaker.CfnModel.ContainerDefinitionProperty(
        image=source.image_uri,
        model_data_url=source.artifact_uri,
        model_package_name=source.model_package_arn,
        environment=dict(source.environment) or None,
    )


def _starts(value: str | None, prefix: str) -> bool:
    return value is None or Token.is_unresolved(value) or value.startswith(prefix)
