from collections.abc import Callable

import pytest
from aws_cdk import Annotations as CdkAnnotations
from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match

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


def warnings(stack: Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [str(one.entry.data) for one in found]


def test_a_variant_with_one_instance_is_warned_of(stack: Stack, variant: Make) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant(initial_count=1), variant(name="other")])
    (warning,) = warnings(stack)
    assert "variant 'live' starts with one instance" in warning
    assert "[one-instance: https://docs.aws.amazon.com/securityhub" in warning


def test_the_warning_of_one_instance_can_be_acknowledged(stack: Stack, variant: Make) -> None:
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[variant(initial_count=1)])
    CdkAnnotations.of(endpoint).acknowledge_warning("tidegate:one-instance", "a demonstration")
    assert warnings(stack) == []
