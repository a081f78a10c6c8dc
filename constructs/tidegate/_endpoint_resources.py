"""What an endpoint configuration is made of."""

from collections.abc import Sequence

from aws_cdk import aws_sagemaker as sagemaker

from tidegate.instance_variant import InstanceVariant
from tidegate.variant_options import VariantOptions


def production_variant(variant: InstanceVariant) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
    """Return the CloudFormation form of a variant; weight 0 stays 0."""
    options = variant.options if variant.options is not None else VariantOptions()
    pools = instance_pools(variant.instance_type, options)
    return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
        variant_name=variant.name,
        model_name=variant.model.model_name,
        instance_type=variant.instance_type if pools is None else None,
        instance_pools=pools,
        initial_instance_count=variant.initial_count,
        initial_variant_weight=variant.weight,
        routing_config=routing(options),
        volume_size_in_gb=options.volume_size_gb,
        model_data_download_timeout_in_seconds=options.download_timeout_seconds,
        container_startup_health_check_timeout_in_seconds=options.startup_timeout_seconds,
        variant_instance_provision_timeout_in_seconds=options.provision_timeout_seconds,
        capacity_reservation_config=reservation(options),
    )


def instance_pools(
    first: str, options: VariantOptions
) -> list[sagemaker.CfnEndpointConfig.InstancePoolProperty] | None:
    """Return one pool for each type in the order they are tried; None when there is one type only."""
    if not options.fallback_types:
        return None
    return [
        sagemaker.CfnEndpointConfig.InstancePoolProperty(instance_type=one, priority=priority)
        for priority, one in enumerate((first, *options.fallback_types), start=1)
    ]


def declared_variants(variants: Sequence[InstanceVariant]) -> list[list[object]]:
    """Return what makes one fleet differ from another; options count only where there are some."""
    return [
        [
            variant.name,
            variant.instance_type,
            variant.initial_count,
            variant.weight,
            variant.model.fingerprint,
            *([] if variant.options is None else [str(variant.options)]),
        ]
        for variant in variants
    ]


def routing(options: VariantOptions) -> sagemaker.CfnEndpointConfig.RoutingConfigProperty | None:
    """Return how requests are spread over the instances; None for SageMaker's own way."""
    if options.routing is None:
        return None
    return sagemaker.CfnEndpointConfig.RoutingConfigProperty(routing_strategy=options.routing.value)


def reservation(
    options: VariantOptions,
) -> sagemaker.CfnEndpointConfig.CapacityReservationConfigProperty | None:
    """Return the capacity that the instances start in; None for any."""
    if options.reservation_arn is None:
        return None
    return sagemaker.CfnEndpointConfig.CapacityReservationConfigProperty(
        capacity_reservation_preference="capacity-reservations-only",
        ml_reservation_arn=options.reservation_arn,
    )


def metrics_config(
    frequency: int | None, *, detailed: bool
) -> sagemaker.CfnEndpointConfig.MetricsConfigProperty:
    """Return the metrics settings, all of them said: SageMaker's defaults have changed before."""
    return sagemaker.CfnEndpointConfig.MetricsConfigProperty(
        enable_enhanced_metrics=frequency is not None,
        metric_publish_frequency_in_seconds=frequency,
        enable_detailed_observability=detailed,
    )
