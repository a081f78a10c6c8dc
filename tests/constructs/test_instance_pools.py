from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

from tidegate import (
    ComponentEndpoint,
    ContainerImage,
    InstanceVariant,
    Model,
    ModelArtifact,
    ModelContainer,
    ModelSource,
    RealTimeEndpoint,
    TargetTracking,
    TrackingPolicy,
    VariantOptions,
)

Make = Callable[..., InstanceVariant]
Render = Callable[[], Template]
POOLS = VariantOptions(fallback_types=("ml.m6i.large", "ml.m7i.large"))
RESERVATION = "arn:aws:sagemaker:us-east-1:000000000000:training-plan/mine"
EXPECTED = [
    {"InstanceType": "ml.m5.large", "Priority": 1},
    {"InstanceType": "ml.m6i.large", "Priority": 2},
    {"InstanceType": "ml.m7i.large", "Priority": 3},
]


def production(template: Template) -> Any:
    (config,) = template.find_resources("AWS::SageMaker::EndpointConfig").values()
    (variant,) = config["Properties"]["ProductionVariants"]
    return variant


def test_the_types_are_tried_in_order_and_replace_the_one_type(
    stack: Stack, variant: Make, template: Render
) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant(options=POOLS)])
    found = production(template())
    assert found["InstancePools"] == EXPECTED
    assert "InstanceType" not in found


def test_a_shared_fleet_has_pools_too(stack: Stack, role: iam.IRole, template: Render) -> None:
    ComponentEndpoint(
        stack,
        "Fleet",
        role=role,
        instance_type="ml.m5.large",
        min_instances=2,
        max_instances=4,
        options=POOLS,
    )
    assert production(template())["InstancePools"] == EXPECTED


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"fallback_types": tuple(f"ml.m5.{n}xlarge" for n in (1, 2, 4, 12, 24))}, "instance-pools"),
        ({"fallback_types": ("ml.m5.xlarge", "ml.m5.xlarge")}, "instance-pools"),
        ({"fallback_types": ("m5.large",)}, "instance-type"),
        (
            {"fallback_types": ("ml.m5.xlarge",), "reservation_arn": RESERVATION},
            "instance-pools-reservation",
        ),
    ],
)
def test_rejects_pools_that_sagemaker_refuses(options: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rf"\[{rule}: https://docs"):
        VariantOptions(**options)


def test_rejects_the_variants_own_type_as_its_fallback(variant: Make) -> None:
    with pytest.raises(ValueError, match=r"got ml.m6i.large twice.*\[instance-pools"):
        variant(instance_type="ml.m6i.large", options=POOLS)


def test_rejects_pools_of_a_model_of_many(stack: Stack, role: iam.IRole, variant: Make) -> None:
    container = ModelContainer(
        image=ContainerImage.scikit_learn("1.2-1", region="us-east-1"),
        artifact=ModelArtifact.many_models("s3://models/many/"),
    )
    many = Model(stack, "Many", source=ModelSource.container(container), role=role)
    with pytest.raises(ValueError, match=r"\[multi-model/instance-pools: https://docs"):
        RealTimeEndpoint(stack, "Endpoint", variants=[variant(model=many, options=POOLS)])


def test_rejects_a_fallback_for_what_its_type_cannot_do(stack: Stack, variant: Make) -> None:
    disk = variant(options=VariantOptions(fallback_types=("ml.g5.xlarge",)))
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:000000000000:key/k")
    with pytest.raises(ValueError, match=r"disk of ml.g5.xlarge .*\[volume-key-local-disk"):
        RealTimeEndpoint(stack, "Encrypted", variants=[disk], kms_key=key)
    with pytest.raises(ValueError, match=r"volume_size_gb cannot be set for ml.g5.xlarge"):
        variant(options=VariantOptions(fallback_types=("ml.g5.xlarge",), volume_size_gb=50))
    burstable = variant(options=VariantOptions(fallback_types=("ml.t3.large",)))
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[burstable])
    tracking = TargetTracking(min_capacity=2, max_capacity=4, invocations_per_instance_per_minute=60)
    with pytest.raises(ValueError, match=r"got ml.t3.large .*burstable-scaling"):
        endpoint.add_scaling(burstable, tracking=tracking)
    policies = [TrackingPolicy.concurrent_requests(per_model=4)]
    with pytest.raises(ValueError, match=r"got ml.t3.large .*burstable-scaling"):
        RealTimeEndpoint(stack, "Other", variants=[burstable]).add_capacity_scaling(
            burstable, min_capacity=2, max_capacity=4, policies=policies
        )


def test_rejects_a_target_that_a_smaller_fallback_cannot_reach(stack: Stack, variant: Make) -> None:
    options = VariantOptions(fallback_types=("ml.m5.large",))
    live = variant(instance_type="ml.m5.xlarge", options=options)
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[live])
    policies = [TrackingPolicy.cpu(percent=80, vcpus=4)]
    with pytest.raises(ValueError, match=r"CPUUtilization of ml.m5.large is at most 200"):
        endpoint.add_capacity_scaling(live, min_capacity=2, max_capacity=4, policies=policies)
