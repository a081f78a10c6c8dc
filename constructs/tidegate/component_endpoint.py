"""A fleet of instances that several inference components share."""

from collections.abc import Iterator, Sequence
from typing import Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._compatibility_values import broken
from tidegate._endpoint_resources import instance_pools, metrics_config, reservation, routing
from tidegate._endpoint_rules import check_frequency, warn
from tidegate._hosted_endpoint import HostedEndpoint
from tidegate._network import Network
from tidegate._validation import INSTANCE_TYPE_PATTERN, Faults
from tidegate.compatibility import Feature, Finding, Fleet, Mode, check
from tidegate.instance_families import has_local_disk
from tidegate.variant_options import RoutingStrategy, VariantOptions

_DEFAULT: Final = VariantOptions(routing=RoutingStrategy.LEAST_OUTSTANDING_REQUESTS)


class ComponentEndpoint(HostedEndpoint):
    """An endpoint without models of its own: inference components bring them, and share its instances.

    SageMaker keeps as many instances as the copies need, between the two bounds.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        role: Execution role of the endpoint; creation waits for the role and its policies.
        instance_type: SageMaker instance type, for example `ml.m5.xlarge`.
        min_instances: Fewest instances. With 0, which is warned of, the fleet starts with one instance and
            has none once no component has a copy.
        max_instances: Most instances, at least 1 and at least `min_instances`.
        variant_name: Stable name of the only variant, `live` by default.
        endpoint_name: Stable name, at most 63 characters; CloudFormation's choice when None.
        kms_key: Key for the instances' storage volumes; an AWS key when None.
        options: Routing, disk, timeouts, reserved capacity and further instance types; requests go to the
            instance with the fewest of them when None.
        metrics_frequency_seconds: How often metrics are published: one of 10, 30, 60, 120, 180, 240, 300;
            given, SageMaker also publishes enhanced metrics. Its default of 60 when None.
        detailed_observability: Whether SageMaker also scrapes the containers' `/metrics` and publishes
            metrics of each instance and GPU. Off by default.
        vpc: Network that all copies are attached to; SageMaker's own network when None.
        vpc_subnets: Subnets of `vpc`; the private ones when None.
        security_groups: Security groups in `vpc`; a new one without inbound rules when None.
        network_isolation: Whether all copies are cut off from every network. Off by default.

    Raises:
        ValueError: naming every fault at once.

    Example:
        fleet = ComponentEndpoint(
            stack, "Fleet", role=role, instance_type="ml.m5.xlarge", min_instances=2, max_instances=4
        )
        InferenceComponent(stack, "Digits", endpoint=fleet, model=model, copies=2, compute=compute)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        role: iam.IRole,
        instance_type: str,
        min_instances: int,
        max_instances: int,
        variant_name: str = "live",
        endpoint_name: str | None = None,
        kms_key: kms.IKey | None = None,
        options: VariantOptions | None = None,
        metrics_frequency_seconds: int | None = None,
        detailed_observability: bool = False,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        network_isolation: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        chosen = options if options is not None else _DEFAULT
        faults = Faults("component endpoint")
        faults.require_name(variant_name, field="variant_name")
        if endpoint_name is not None:
            faults.require_endpoint_name(endpoint_name)
        _check_fleet(faults, [instance_type, *chosen.fallback_types], min_instances, max_instances)
        found = dict.fromkeys(
            _findings(variant_name, instance_type, min_instances, chosen, encrypted=kms_key is not None)
        )
        faults.add(found)
        check_frequency(faults, metrics_frequency_seconds)
        faults.raise_if_any()
        warn(self, found)
        network = Network.of(self, vpc=vpc, vpc_subnets=vpc_subnets, security_groups=security_groups)
        self.variant_name: str = variant_name
        """Name of the only variant."""
        self.role: iam.IRole = role
        """The execution role of the endpoint."""
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            execution_role_arn=role.role_arn,
            production_variants=[_variant(variant_name, instance_type, min_instances, max_instances, chosen)],
            kms_key_id=kms_key.key_arn if kms_key is not None else None,
            metrics_config=metrics_config(metrics_frequency_seconds, detailed=detailed_observability),
            vpc_config=None if network is None else _vpc(network),
            enable_network_isolation=True if network_isolation else None,
        )
        config.node.add_dependency(role)
        self.resource_name = self._serve(config, endpoint_name=endpoint_name).attr_endpoint_name
        """Name of the endpoint as a reference, so that what names it waits for it."""

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` invoke every component of this endpoint; SageMaker checks the endpoint's ARN."""
        return self._grant(grantee, ["sagemaker:InvokeEndpoint"])


def _vpc(network: Network) -> sagemaker.CfnEndpointConfig.VpcConfigProperty:
    return sagemaker.CfnEndpointConfig.VpcConfigProperty(
        security_group_ids=network.security_group_ids, subnets=network.subnets
    )


def _check_fleet(faults: Faults, types: Sequence[str], least: int, most: int) -> None:
    for instance_type in types:
        faults.rule(
            "instance-type",
            ok=INSTANCE_TYPE_PATTERN.fullmatch(instance_type) is not None,
            message=f"instance_type must look like ml.m5.large, got {instance_type!r}",
        )
    faults.rule(
        "component-fleet",
        ok=0 <= least <= most >= 1,
        message=f"min_instances must be 0 to max_instances ({most}), which must be at least 1, got {least}",
    )


def _findings(
    name: str, instance_type: str, count: int, options: VariantOptions, *, encrypted: bool
) -> Iterator[Finding]:
    wanted = {
        Feature.MANAGED_INSTANCE_SCALING: True,
        Feature.VOLUME_KEY: encrypted,
        Feature.INSTANCE_POOLS: bool(options.fallback_types),
    }
    if count == 0:
        yield broken("component-fleet-zero", "min_instances is 0")
    features = {feature for feature, given in wanted.items() if given}
    for one in (instance_type, *options.fallback_types):
        fleet = Fleet(name=name, instance_type=one, instances=count)
        yield from check(Mode.COMPONENTS, features, fleets=[fleet])
        if options.volume_size_gb is not None and has_local_disk(one):
            yield broken("volume-size-local-disk", f"volume_size_gb cannot be set for {one}")


def _variant(
    name: str, instance_type: str, least: int, most: int, options: VariantOptions
) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
    pools = instance_pools(instance_type, options)
    # Without a model name: the components bring the models.
    return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
        variant_name=name,
        instance_type=instance_type if pools is None else None,
        instance_pools=pools,
        initial_instance_count=max(1, least),
        managed_instance_scaling=sagemaker.CfnEndpointConfig.ManagedInstanceScalingProperty(
            status="ENABLED", min_instance_count=least, max_instance_count=most
        ),
        routing_config=routing(options),
        volume_size_in_gb=options.volume_size_gb,
        model_data_download_timeout_in_seconds=options.download_timeout_seconds,
        container_startup_health_check_timeout_in_seconds=options.startup_timeout_seconds,
        variant_instance_provision_timeout_in_seconds=options.provision_timeout_seconds,
        capacity_reservation_config=reservation(options),
    )
