from collections.abc import Callable, Collection
from typing import Any

import botocore.session
import pytest
from aws_cdk import Stack
from aws_cdk.assertions import Template

from tidegate import (
    AsyncEndpoint,
    AsyncInference,
    CapacityScaling,
    InstanceVariant,
    RealTimeEndpoint,
    ScalingTarget,
    TargetTracking,
    TrackingPolicy,
    VariantProperty,
)

Make = Callable[..., InstanceVariant]
Render = Callable[[], Template]
COUNT, WEIGHT, CAPTURE = VariantProperty
TRACKING = TargetTracking(min_capacity=2, max_capacity=4, invocations_per_instance_per_minute=6000)
INFERENCE = AsyncInference.to("s3://answers/ok", failures="s3://answers/failed")


def kept(template: Template) -> tuple[Any, list[str] | None]:
    (endpoint,) = template.find_resources("AWS::SageMaker::Endpoint").values()
    properties = endpoint["Properties"]
    excluded = properties.get("ExcludeRetainedVariantProperties")
    names = None if excluded is None else [one["VariantPropertyType"] for one in excluded]
    return properties.get("RetainAllVariantProperties"), names


def test_nothing_is_said_and_nothing_kept_by_default(stack: Stack, variant: Make, template: Render) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant()])
    assert kept(template()) == (None, None)


@pytest.mark.parametrize(
    ("retain", "expected"),
    [
        ([], (False, None)),
        ([COUNT], (True, ["DesiredWeight"])),
        ([WEIGHT], (True, ["DesiredInstanceCount"])),
        ([CAPTURE], (True, ["DesiredInstanceCount", "DesiredWeight"])),
        ([COUNT, WEIGHT, CAPTURE], (True, None)),
    ],
)
def test_a_deploy_keeps_the_properties_that_were_chosen(
    stack: Stack,
    variant: Make,
    template: Render,
    retain: Collection[VariantProperty],
    expected: tuple[bool, list[str] | None],
) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant()], retain=retain)
    assert kept(template()) == expected


def test_a_scaled_endpoint_keeps_its_counts_and_also_its_weights_when_told_to(
    stack: Stack, variant: Make, template: Render
) -> None:
    live = variant()
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[live], retain=[COUNT, WEIGHT])
    endpoint.add_scaling(live, tracking=TRACKING)
    assert kept(template()) == (True, None)


def test_an_asynchronous_endpoint_chooses_too(stack: Stack, variant: Make, template: Render) -> None:
    AsyncEndpoint(stack, "Endpoint", variants=[variant()], inference=INFERENCE, retain=[WEIGHT])
    assert kept(template()) == (True, ["DesiredInstanceCount"])


def test_another_choice_is_another_shape(stack: Stack, variant: Make) -> None:
    live = variant()
    hashes = {
        RealTimeEndpoint(stack, name, variants=[live], retain=retain).shape_hash
        for name, retain in (("A", None), ("B", [COUNT]), ("C", [WEIGHT]))
    }
    assert len(hashes) == 3


def test_a_creation_keeps_nothing_because_sagemaker_knows_the_choice_in_updates_only() -> None:
    api: Any = botocore.session.get_session().get_service_model("sagemaker")
    choice = {"RetainAllVariantProperties", "ExcludeRetainedVariantProperties"}
    assert choice <= set(api.shape_for("UpdateEndpointInput").members)
    assert choice.isdisjoint(api.shape_for("CreateEndpointInput").members)
    assert api.shape_for("VariantPropertyType").enum == [one.value for one in VariantProperty]


def test_rejects_to_reset_the_counts_that_a_scaler_owns(stack: Stack, variant: Make) -> None:
    live = variant()
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[live], retain=[WEIGHT])
    refusal = r"got \['DesiredWeight'\], because .*\[retained-count-of-scaled: https://github.com"
    with pytest.raises(ValueError, match=refusal):
        endpoint.add_scaling(live, tracking=TRACKING)
    queue = AsyncEndpoint(stack, "Queue", variants=[live], inference=INFERENCE, retain=[])
    with pytest.raises(ValueError, match="retained-count-of-scaled"):
        CapacityScaling(
            stack,
            "Scaling",
            target=ScalingTarget.queue(queue, live),
            min_capacity=1,
            max_capacity=2,
            policies=[TrackingPolicy.backlog(per_instance=5)],
        )


def test_rejects_a_property_named_twice(stack: Stack, variant: Make) -> None:
    with pytest.raises(ValueError, match=r"retain must name each property once.*\[retained-properties"):
        RealTimeEndpoint(stack, "Endpoint", variants=[variant()], retain=[WEIGHT, WEIGHT])
