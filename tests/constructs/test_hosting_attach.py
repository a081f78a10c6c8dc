"""The custom resources that own a managed endpoint's scaling: what they are told, and when it changes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Aws, Stack
from aws_cdk.assertions import Template
from botocore.session import get_session

from tidegate import (
    HostingAttach,
    HostingGuard,
    InstanceVariant,
    RealTimeEndpoint,
    ScalingMetric,
    ScheduledCapacity,
    Step,
    StepPolicy,
    TrackingPolicy,
)

Render = Callable[[], Template]
Variant = Callable[..., InstanceVariant]

TRACKING = TrackingPolicy.invocations(per_instance_per_minute=600)
BURST = StepPolicy(
    name="burst",
    metric=ScalingMetric(name="InvocationsPerInstance", statistic="Sum"),
    threshold=1000,
    steps=[Step(lower=0, upper=500, change=1), Step(lower=500, change=4)],
)
MORNING = ScheduledCapacity(name="morning", schedule="cron(0 7 ? * MON-FRI *)", min_capacity=4)


@pytest.fixture
def live(variant: Variant) -> InstanceVariant:
    return variant(name="live", instance_type="ml.m5.large", initial_count=2)


@pytest.fixture
def endpoint(stack: Stack, live: InstanceVariant, variant: Variant) -> RealTimeEndpoint:
    other = variant(name="other", instance_type="ml.c5.large", initial_count=2)
    return RealTimeEndpoint(stack, "Endpoint", variants=[live, other], endpoint_name="digits")


@pytest.fixture
def attach(stack: Stack, endpoint: RealTimeEndpoint) -> HostingAttach:
    return HostingAttach(stack, "Attach", endpoint_name="digits", endpoint=endpoint)


def told(rendered: Template, kind: str, field: str) -> Any:
    (resource,) = rendered.find_resources(f"Custom::Tidegate{kind}").values()
    return json.loads(resource["Properties"][field])


def scale(attach: HostingAttach, variant: InstanceVariant, **options: Any) -> None:
    attach.add_scaling(variant, **{"min_capacity": 2, "max_capacity": 8, "policies": [TRACKING], **options})


def test_steps_and_schedules_are_told_as_requests(
    attach: HostingAttach, live: InstanceVariant, template: Render
) -> None:
    scale(attach, live, policies=[TRACKING, BURST], schedules=[MORNING])
    scaling = told(template(), "Attach", "Scaling")["live"]
    assert scaling["Policies"][1] == {
        "PolicyName": "live-burst",
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {
            "AdjustmentType": "ChangeInCapacity",
            "Cooldown": 60,
            "MetricAggregationType": "Maximum",
            "StepAdjustments": [
                {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 500, "ScalingAdjustment": 1},
                {"MetricIntervalLowerBound": 500, "ScalingAdjustment": 4},
            ],
        },
    }
    (alarm,) = scaling["Alarms"]
    assert alarm["AlarmName"] == "digits-scaling-live-burst"
    assert {"Name": "VariantName", "Value": "live"} in alarm["Dimensions"]
    assert "AlarmActions" not in alarm
    assert scaling["ScheduledActions"] == [
        {
            "ScheduledActionName": "morning",
            "Schedule": "cron(0 7 ? * MON-FRI *)",
            "Timezone": "UTC",
            "ScalableTargetAction": {"MinCapacity": 4},
        }
    ]


def test_the_requests_are_those_that_botocore_knows(
    attach: HostingAttach, live: InstanceVariant, template: Render
) -> None:
    scale(attach, live, policies=[TRACKING, BURST], schedules=[MORNING])
    scaling = told(template(), "Attach", "Scaling")["live"]
    for service, operation, requests in (
        ("application-autoscaling", "PutScalingPolicy", scaling["Policies"]),
        ("application-autoscaling", "PutScheduledAction", scaling["ScheduledActions"]),
        ("cloudwatch", "PutMetricAlarm", scaling["Alarms"]),
    ):
        model = get_session().get_service_model(service).operation_model(operation)
        assert model.input_shape is not None
        for request in requests:
            assert set(request) <= set(model.input_shape.members)


def test_every_variant_is_scaled_by_itself_and_keeps_its_count_in_deploys(
    attach: HostingAttach, endpoint: RealTimeEndpoint, template: Render
) -> None:
    for variant in endpoint.variants:
        scale(attach, variant)
    rendered = template()
    assert {name: one["InstanceType"] for name, one in told(rendered, "Attach", "Scaling").items()} == {
        "live": "ml.m5.large",
        "other": "ml.c5.large",
    }
    rendered.has_resource_properties("AWS::SageMaker::Endpoint", {"RetainAllVariantProperties": True})
    rendered.resource_count_is("AWS::ApplicationAutoScaling::ScalableTarget", 0)
    rendered.resource_count_is("AWS::CloudWatch::Alarm", 0)


def test_the_guard_is_told_the_shape_and_that_the_scaling_has_changed(
    stack: Stack, endpoint: RealTimeEndpoint, attach: HostingAttach, live: InstanceVariant, template: Render
) -> None:
    before = attach.scaling_hash
    scale(attach, live)
    assert attach.scaling_hash != before
    for number, given in enumerate((attach, None)):
        HostingGuard(
            stack,
            f"Guard{number}",
            endpoint_name="digits",
            endpoint=endpoint,
            model_package="arn:x",
            attach=given,
        )
    guards = [one["Properties"] for one in template().find_resources("Custom::TidegateGuard").values()]
    assert {one["Variants"] for one in guards} == {'{"live":"ml.m5.large","other":"ml.c5.large"}'}
    assert len({one["Shape"] for one in guards}) == 2


def test_cloudformation_waits_longer_than_a_request_is_delivered_again(
    stack: Stack, endpoint: RealTimeEndpoint, attach: HostingAttach, template: Render
) -> None:
    HostingGuard(
        stack, "Guard", endpoint_name="digits", endpoint=endpoint, model_package="arn:x", attach=attach
    )
    rendered = template().to_json()["Resources"].values()
    waits = [int(one["Properties"]["ServiceTimeout"]) for one in rendered if "Custom::" in one["Type"]]
    # Three runs of a minute, with pauses of one and of two minutes between them.
    assert waits == [600, 600]


def test_rejects_an_endpoint_of_another_name(stack: Stack, endpoint: RealTimeEndpoint) -> None:
    with pytest.raises(ValueError, match=r"endpoint_name must be the endpoint's 'digits', got 'letters'"):
        HostingAttach(stack, "Other", endpoint_name="letters", endpoint=endpoint)


def test_rejects_a_variant_of_another_endpoint(attach: HostingAttach, variant: Variant) -> None:
    stranger = variant(name="stranger")
    with pytest.raises(ValueError, match=r"one of the endpoint's \['live', 'other'\], got 'stranger'"):
        scale(attach, stranger)


def test_rejects_a_variant_that_is_scaled_already(
    attach: HostingAttach, endpoint: RealTimeEndpoint, live: InstanceVariant
) -> None:
    scale(attach, live)
    with pytest.raises(ValueError, match=r"'live' is scaled already"):
        scale(attach, live)
    with pytest.raises(ValueError, match=r"'live' is scaled already"):
        endpoint.add_capacity_scaling(live, min_capacity=2, max_capacity=4, policies=[TRACKING])


def test_rejects_bounds_that_never_hold_with_every_fault(
    attach: HostingAttach, live: InstanceVariant
) -> None:
    with pytest.raises(ValueError, match=r"at least 1, got 0.*policies or schedules must be given"):
        scale(attach, live, min_capacity=0, max_capacity=1, policies=[])


def test_rejects_what_is_known_at_deploy_time_only(attach: HostingAttach, live: InstanceVariant) -> None:
    metric = ScalingMetric(name="Load", namespace="Own", dimensions={"Stack": Aws.STACK_NAME})
    policy = TrackingPolicy.custom("load", metric=metric, target=1)
    with pytest.raises(ValueError, match=r"'live' must be known when the app is synthesized"):
        scale(attach, live, policies=[policy])
