from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from tidegate import InstanceVariant, RealTimeEndpoint, TargetTracking

Make = Callable[..., InstanceVariant]
Render = Callable[[], Template]
CONFIG = "AWS::SageMaker::EndpointConfig"
ENDPOINT = "AWS::SageMaker::Endpoint"
TRACKING = TargetTracking(min_capacity=2, max_capacity=4, invocations_per_instance_per_minute=6000)


def test_the_configuration_is_unnamed_and_stays_when_replaced(
    stack: Stack, variant: Make, template: Render
) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant()], endpoint_name="digits")
    template().has_resource(
        CONFIG,
        {
            "UpdateReplacePolicy": "Retain",
            "DeletionPolicy": "Delete",
            "Properties": {"EndpointConfigName": Match.absent()},
        },
    )


def test_the_variants_can_be_read_in_order_and_not_replaced(stack: Stack, variant: Make) -> None:
    live, dark = variant(), variant(name="dark", weight=0)
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[live, dark])
    assert endpoint.variants == (live, dark)
    with pytest.raises(AttributeError):
        setattr(endpoint, "variants", ())  # noqa: B010


def test_only_the_endpoint_is_named(stack: Stack, variant: Make, template: Render) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant()], endpoint_name="digits")
    rendered = template()
    rendered.has_resource_properties(ENDPOINT, {"EndpointName": "digits"})
    rendered.has_resource_properties("AWS::SageMaker::Model", {"ModelName": Match.absent()})


def test_weight_zero_stays_zero(stack: Stack, variant: Make, template: Render) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant(), variant(name="dark", weight=0)])
    weights = {
        one["VariantName"]: one["InitialVariantWeight"]
        for one in _only(template(), CONFIG)["ProductionVariants"]
    }
    assert weights == {"live": 1, "dark": 0}


def test_every_variant_names_its_model(stack: Stack, variant: Make, template: Render) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant(), variant(name="other")])
    assert all("Fn::GetAtt" in one["ModelName"] for one in _only(template(), CONFIG)["ProductionVariants"])


def test_metrics_are_published_as_often_as_asked(stack: Stack, variant: Make, template: Render) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant()], metrics_frequency_seconds=10)
    assert _only(template(), CONFIG)["MetricsConfig"] == {
        "EnableEnhancedMetrics": True,
        "MetricPublishFrequencyInSeconds": 10,
        "EnableDetailedObservability": False,
    }


def test_detailed_observability_is_off_explicitly_by_default(
    stack: Stack, variant: Make, template: Render
) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant()])
    assert _only(template(), CONFIG)["MetricsConfig"]["EnableDetailedObservability"] is False


def test_without_scaling_the_template_owns_the_counts(stack: Stack, variant: Make, template: Render) -> None:
    RealTimeEndpoint(stack, "Endpoint", variants=[variant()])
    template().has_resource_properties(
        ENDPOINT,
        {"RetainAllVariantProperties": Match.absent(), "ExcludeRetainedVariantProperties": Match.absent()},
    )


def test_with_scaling_updates_keep_counts_but_not_weights(
    stack: Stack, variant: Make, template: Render
) -> None:
    live = variant()
    RealTimeEndpoint(stack, "Endpoint", variants=[live]).add_scaling(live, tracking=TRACKING)
    template().has_resource_properties(
        ENDPOINT,
        {
            "RetainAllVariantProperties": True,
            "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
        },
    )


def test_two_variants_of_one_endpoint_scale(stack: Stack, variant: Make, template: Render) -> None:
    live, other = variant(), variant(name="other")
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[live, other], endpoint_name="digits")
    endpoint.add_scaling(live, tracking=TRACKING)
    endpoint.add_scaling(other, tracking=TRACKING)
    rendered = template()
    rendered.resource_count_is("AWS::ApplicationAutoScaling::ScalableTarget", 2)
    rendered.resource_count_is("AWS::ApplicationAutoScaling::ScalingPolicy", 2)


def test_scaling_waits_for_the_endpoint(stack: Stack, variant: Make, template: Render) -> None:
    live = variant()
    RealTimeEndpoint(stack, "Endpoint", variants=[live], endpoint_name="digits").add_scaling(
        live, tracking=TRACKING
    )
    rendered = template()
    (endpoint,) = rendered.find_resources(ENDPOINT)
    resource_id = _only(rendered, "AWS::ApplicationAutoScaling::ScalableTarget")["ResourceId"]
    assert resource_id["Fn::Join"][1][1] == {"Fn::GetAtt": [endpoint, "EndpointName"]}


def test_invoking_is_granted_on_this_endpoint_only(stack: Stack, variant: Make, template: Render) -> None:
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[variant()], endpoint_name="Digits")
    endpoint.grant_invoke(iam.User(stack, "Client"))
    statement = _only(template(), "AWS::IAM::Policy")["PolicyDocument"]["Statement"][0]
    assert statement["Action"] == "sagemaker:InvokeEndpoint"
    assert statement["Resource"]["Fn::Join"][1][-1] == ":sagemaker:us-east-1:000000000000:endpoint/digits"


def test_a_metric_carries_endpoint_and_variant(stack: Stack, variant: Make) -> None:
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[variant()], endpoint_name="digits")
    for metric in (
        endpoint.metric_invocations("live"),
        endpoint.metric_server_errors("live"),
        endpoint.metric_model_errors("live"),
        endpoint.metric_model_latency("live"),
    ):
        assert metric.namespace == "AWS/SageMaker"
        assert metric.dimensions == {"EndpointName": "digits", "VariantName": "live"}


def test_the_shape_changes_with_a_count_and_with_scaling(stack: Stack, variant: Make) -> None:
    one, same, more = (
        RealTimeEndpoint(stack, name, variants=[variant(initial_count=count)])
        for name, count in (("One", 2), ("Same", 2), ("More", 3))
    )
    assert one.shape_hash == same.shape_hash
    assert one.shape_hash != more.shape_hash
    before = one.shape_hash
    one.add_scaling(variant(), tracking=TRACKING)
    assert one.shape_hash != before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"variants": []}, "variants must be 1 to 10, got 0"),
        ({"endpoint_name": "x" * 64}, "endpoint_name must be at most 63 characters, got 64"),
        ({"endpoint_name": "a_b"}, "endpoint_name must be letters, digits and inner hyphens, got 'a_b'"),
        ({"metrics_frequency_seconds": 15}, "metrics_frequency_seconds must be one of .*, got 15"),
    ],
)
def test_rejects_an_endpoint_that_sagemaker_refuses(
    stack: Stack, variant: Make, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        RealTimeEndpoint(stack, "Endpoint", **{"variants": [variant()], **changes})


def test_rejects_all_faults_of_an_endpoint_at_once(stack: Stack, variant: Make) -> None:
    with pytest.raises(ValueError, match=r"'live' twice.*weight above 0.*must be one of .*, got 7"):
        RealTimeEndpoint(
            stack,
            "Endpoint",
            variants=[variant(weight=0), variant(weight=0)],
            metrics_frequency_seconds=7,
        )


def test_rejects_eleven_variants(stack: Stack, variant: Make) -> None:
    with pytest.raises(ValueError, match=r"variants must be 1 to 10, got 11"):
        RealTimeEndpoint(stack, "Endpoint", variants=[variant(name=f"v{n}") for n in range(11)])


def test_rejects_a_volume_key_for_a_local_disk(stack: Stack, variant: Make) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:000000000000:key/k")
    RealTimeEndpoint(stack, "Medium", variants=[variant(instance_type="ml.m5.large")], kms_key=key)
    with pytest.raises(ValueError, match=r"kms_key cannot encrypt the local disk of ml.g5.xlarge"):
        RealTimeEndpoint(stack, "Disk", variants=[variant(instance_type="ml.g5.xlarge")], kms_key=key)


def test_rejects_scaling_a_variant_of_another_endpoint(stack: Stack, variant: Make) -> None:
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[variant()])
    with pytest.raises(ValueError, match=r"one of the endpoint's \['live'\], got 'other'"):
        endpoint.add_scaling(variant(name="other"), tracking=TRACKING)


def test_rejects_scaling_a_variant_twice(stack: Stack, variant: Make) -> None:
    live = variant()
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[live])
    endpoint.add_scaling(live, tracking=TRACKING)
    with pytest.raises(ValueError, match=r"'live' is scaled already"):
        endpoint.add_scaling(live, tracking=TRACKING)


def test_rejects_scaling_a_burstable_instance_type(stack: Stack, variant: Make) -> None:
    burstable = variant(instance_type="ml.t2.medium")
    endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[burstable])
    with pytest.raises(ValueError, match=r"burstable instance types cannot be scaled, got ml.t2.medium"):
        endpoint.add_scaling(burstable, tracking=TRACKING)


def test_rejects_a_count_outside_of_the_scaling(stack: Stack, variant: Make) -> None:
    one = variant(initial_count=1)
    with pytest.raises(ValueError, match=r"initial_count must be 2 to 4, got 1"):
        RealTimeEndpoint(stack, "Endpoint", variants=[one]).add_scaling(one, tracking=TRACKING)


def test_rejects_impossible_scaling_with_all_faults() -> None:
    with pytest.raises(ValueError, match=r"min_capacity.*max_capacity.*above 0, got 0.*cooldown"):
        TargetTracking(
            min_capacity=0,
            max_capacity=-1,
            invocations_per_instance_per_minute=0,
            scale_in_cooldown_seconds=-1,
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"initial_count": 0}, "initial_count must be at least 1, got 0"),
        ({"weight": -1}, "weight must be a number of at least 0, got -1"),
        ({"weight": float("nan")}, "weight must be a number"),
        ({"instance_type": "m5.large"}, "instance_type must look like ml.m5.large, got 'm5.large'"),
        ({"name": ""}, "name must be letters"),
    ],
)
def test_rejects_an_impossible_variant(variant: Make, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        variant(**changes)


def _only(template: Template, kind: str) -> Any:
    (resource,) = template.find_resources(kind).values()
    return resource["Properties"]
