"""What an endpoint configuration is made of."""

from collections.abc import Sequence

from aws_cdk import aws_sagemaker as sagemaker

from tidegate.instance_variant import InstanceVariant
from tidegate.variant_options import VariantOptions


def production_variant(variant: InstanceVariant) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
    """Return the CloudFormation form of a variant; weight 0 stays 0."""
    options = variant.options if variant.options is not None else VariantOptions()
    return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
        variant_name=variant.name,
        model_name=variant.model.model_name,
        instance_type=variant.instance_type,
        initial_instance_count=variant.initial_count,
        initial_variant_weight=variant.weight,
        routing_config=_routing(options),
        volume_size_in_gb=options.volume_size_gb,
        model_data_download_timeout_in_seconds=options.download_timeout_seconds,
        container_startup_health_check_timeout_in_seconds=options.startup_timeout_seconds,
        variant_instance_provision_timeout_in_seconds=options.provision_timeout_seconds,
        capacity_reservation_config=_reservation(options),
    )


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


def _routing(options: VariantOptions) -> sagemaker.CfnEndpointConfig.RoutingConfigProperty | None:
    if options.routing is None:
        return None
    return sagemaker.CfnEndpointConfig.RoutingConfigProperty(routing_strategy=options.routing.value)


def _reservation(
    options: VariantOptions,
) -> sagemaker.CfnEndpointConfig.CapacityReservationConfigProperty | None:
    if options.reservation_arn is None:
        return None
    return sagemaker.CfnEndpointConfig.CapacityReservationConfigProperty(
        capacity_reservation_preference="capacity-reservations-only",
        ml_reservation_arn=options.reservation_arn,
    )


def metrics_config(frequency: int | None) -> sagemaker.CfnEndpointConfig.MetricsConfigProperty:
    """Return the metrics settings; detailed observability is off, because it scrapes `/metrics`."""
    return sagemaker.CfnEndpointConfig.MetricsConfigProperty(
        enable_enhanced_metrics=frequency is not None,
        metric_publish_frequency_in_seconds=frequency,
        enable_detailed_observability=False,
    )
