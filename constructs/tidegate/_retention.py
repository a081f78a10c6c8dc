"""What a deploy keeps of a live endpoint, in the template."""

from collections.abc import Collection
from typing import Final

from aws_cdk import aws_sagemaker as sagemaker

from tidegate._validation import Faults
from tidegate.variant_property import VariantProperty

# SageMaker's API model calls DataCaptureConfig "not currently supported" here.
_EXCLUDABLE: Final = (VariantProperty.DESIRED_INSTANCE_COUNT, VariantProperty.DESIRED_WEIGHT)


def retain(resource: sagemaker.CfnEndpoint, kept: Collection[VariantProperty]) -> None:
    """Let updates keep these properties, and take the others from the configuration."""
    resource.retain_all_variant_properties = bool(kept)
    resource.exclude_retained_variant_properties = [
        sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type=one.value)
        for one in _EXCLUDABLE
        if kept and one not in kept
    ] or None


def check_retained(faults: Faults, kept: Collection[VariantProperty] | None) -> None:
    """Record a property that is named twice."""
    names = [] if kept is None else [one.value for one in kept]
    faults.rule(
        "retained-properties",
        ok=len(set(names)) == len(names),
        message=f"retain must name each property once, got {names}",
    )


def keep_scaled_count(
    resource: sagemaker.CfnEndpoint, kept: Collection[VariantProperty] | None, *, variant: str
) -> None:
    """Let updates keep the counts that a scaler chose, and the weights of the configuration unless chosen.

    Raises:
        ValueError: when the endpoint was told to take the counts from the configuration.

    """
    faults = Faults(f"scaling of variant {variant!r}")
    faults.rule(
        "retained-count-of-scaled",
        ok=kept is None or VariantProperty.DESIRED_INSTANCE_COUNT in kept,
        message="retain must name DesiredInstanceCount, or nothing be said, "
        f"got {[one.value for one in kept or ()]}",
    )
    faults.raise_if_any()
    retain(resource, kept if kept is not None else [VariantProperty.DESIRED_INSTANCE_COUNT])
