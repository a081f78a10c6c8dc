"""What an endpoint configuration is made of, and what it refuses."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Annotations
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._validation import Faults
from tidegate.compatibility import Feature, Fleet, Mode, Severity, check
from tidegate.instance_variant import InstanceVariant
from tidegate.variant_options import VariantOptions

METRICS_FREQUENCIES_SECONDS: Final = (10, 30, 60, 120, 180, 240, 300)
MOST_VARIANTS: Final = 10


def check_endpoint(
    variants: Sequence[InstanceVariant], name: str | None, frequency: int | None, *, encrypted: bool
) -> None:
    """Refuse an endpoint that SageMaker would refuse.

    Raises:
        ValueError: naming every fault at once.

    """
    faults = Faults("endpoint" if name is None else f"endpoint {name!r}")
    if name is not None:
        faults.require_name(name, field="endpoint_name")
    _check_variants(faults, variants, encrypted=encrypted)
    faults.require(
        ok=frequency is None or frequency in METRICS_FREQUENCIES_SECONDS,
        message=f"metrics_frequency_seconds must be one of {METRICS_FREQUENCIES_SECONDS}, got {frequency}",
    )
    faults.raise_if_any()


def _check_variants(faults: Faults, variants: Sequence[InstanceVariant], *, encrypted: bool) -> None:
    faults.require(
        ok=1 <= len(variants) <= MOST_VARIANTS,
        message=f"variants must be 1 to {MOST_VARIANTS}, got {len(variants)}",
    )
    names = [variant.name for variant in variants]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.require(ok=False, message=f"variants must differ in name, got {name!r} twice")
    faults.require(
        ok=not variants or any(variant.weight > 0 for variant in variants),
        message="at least one variant must have a weight above 0, got none",
    )
    features = {Feature.VOLUME_KEY} if encrypted else ()
    for finding in check(Mode.REAL_TIME, features, fleets=_fleets(variants)):
        # How many variants there may be is said above.
        refused = finding.severity is Severity.ERROR and finding.rule != "variant-count"
        faults.require(ok=not refused, message=str(finding))


def warn_about(endpoint: Construct, variants: Sequence[InstanceVariant]) -> None:
    """Warn of what works and should not be; `Annotations.of(endpoint).acknowledge_warning(id)` accepts it."""
    for finding in check(Mode.REAL_TIME, fleets=_fleets(variants)):
        if finding.severity is Severity.WARNING:
            Annotations.of(endpoint).add_warning_v2(f"tidegate:{finding.rule}", str(finding))


def _fleets(variants: Sequence[InstanceVariant]) -> list[Fleet]:
    return [
        Fleet(name=variant.name, instance_type=variant.instance_type, instances=variant.initial_count)
        for variant in variants
    ]


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
