from collections.abc import Callable

import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms

from tidegate import InstanceVariant, RealTimeEndpoint, TargetTracking

Make = Callable[..., InstanceVariant]
TRACKING = TargetTracking(min_capacity=2, max_capacity=4, invocations_per_instance_per_minute=6000)


def test_rejects_an_elastic_inference_variant_with_rule_and_page(variant: Make) -> None:
    refusal = r"retired, got ml.eia2.medium; use .*\[elastic-inference-retired: https"
    with pytest.raises(ValueError, match=refusal):
        variant(instance_type="ml.eia2.medium")


@pytest.mark.parametrize("instance_type", ["ml.p5en.48xlarge", "ml.dl1.24xlarge", "ml.p6-b200.48xlarge"])
def test_rejects_a_volume_key_on_every_family_with_a_local_disk(
    stack: Stack, variant: Make, instance_type: str
) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:000000000000:key/k")
    with pytest.raises(ValueError, match=rf"disk of {instance_type} .*\[volume-key-local-disk: https://docs"):
        RealTimeEndpoint(stack, "Endpoint", variants=[variant(instance_type=instance_type)], kms_key=key)


def test_a_volume_key_is_allowed_where_the_storage_is_a_volume(stack: Stack, variant: Make) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:000000000000:key/k")
    RealTimeEndpoint(stack, "Endpoint", variants=[variant(instance_type="ml.inf2.xlarge")], kms_key=key)


def test_trainium_is_not_taken_for_burstable(stack: Stack, variant: Make) -> None:
    trainium = variant(instance_type="ml.trn1.2xlarge")
    RealTimeEndpoint(stack, "Endpoint", variants=[trainium]).add_scaling(trainium, tracking=TRACKING)
