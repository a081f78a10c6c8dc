from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk.assertions import Match, Template

from tidegate import (
    AsyncEndpoint,
    AsyncInference,
    CapacityScaling,
    CapacitySize,
    DeploymentGuardrails,
    EndpointAlarm,
    InstanceVariant,
    Model,
    RealTimeEndpoint,
    ScalingMetric,
    ScalingTarget,
    ScheduledCapacity,
    Serverless,
    ServerlessEndpoint,
    Step,
    StepPolicy,
    TargetTracking,
    TrackingPolicy,
)

Make = Callable[..., InstanceVariant]
Render = Callable[[], Template]
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
ALARM = "AWS::CloudWatch::Alarm"
ENDPOINT = "AWS::SageMaker::Endpoint"
CONCURRENCY = TrackingPolicy.concurrent_requests(per_model=4)
BACKLOG = TrackingPolicy.backlog(per_instance=5)
WARM = Serverless.warm(memory_mb=2048, max_concurrency=20, provisioned_concurrency=2)
INFERENCE = AsyncInference.to("s3://answers/ok", failures="s3://answers/failed")


def real_time(stack: Stack, *variants: InstanceVariant, **changes: Any) -> RealTimeEndpoint:
    return RealTimeEndpoint(stack, "Endpoint", variants=variants, endpoint_name="digits", **changes)


def queue(stack: Stack, variant: InstanceVariant) -> AsyncEndpoint:
    return AsyncEndpoint(stack, "Queue", variants=[variant], inference=INFERENCE, endpoint_name="slow")


def scale(stack: Stack, target: ScalingTarget, *policies: Any, **changes: Any) -> CapacityScaling:
    bounds: dict[str, Any] = {"min_capacity": 1, "max_capacity": 4, **changes}
    return CapacityScaling(stack, "Scaling", target=target, policies=policies, **bounds)


def only(template: Template, kind: str) -> Any:
    (resource,) = template.find_resources(kind).values()
    return resource["Properties"]


def policies(template: Template) -> dict[str, Any]:
    found = template.find_resources(POLICY).values()
    return {one["Properties"]["PolicyName"]: one["Properties"] for one in found}


@pytest.mark.parametrize(
    ("policy", "predefined", "value"),
    [
        (
            TrackingPolicy.invocations(per_instance_per_minute=600),
            "SageMakerVariantInvocationsPerInstance",
            600,
        ),
        (CONCURRENCY, "SageMakerVariantConcurrentRequestsPerModelHighResolution", 4),
    ],
)
def test_a_predefined_metric_is_tracked(
    stack: Stack, variant: Make, template: Render, policy: TrackingPolicy, predefined: str, value: float
) -> None:
    live = variant()
    real_time(stack, live).add_capacity_scaling(live, min_capacity=2, max_capacity=4, policies=[policy])
    found = only(template(), POLICY)["TargetTrackingScalingPolicyConfiguration"]
    assert found["PredefinedMetricSpecification"] == {"PredefinedMetricType": predefined}
    assert (found["TargetValue"], found["ScaleInCooldown"], found["ScaleOutCooldown"]) == (value, 300, 60)


@pytest.mark.parametrize(
    ("policy", "instance_type", "metric", "value"),
    [
        (TrackingPolicy.cpu(percent=70, vcpus=4), "ml.m5.xlarge", "CPUUtilization", 280),
        (TrackingPolicy.gpu(percent=60, gpus=1), "ml.g5.xlarge", "GPUUtilization", 60),
    ],
)
def test_cpu_and_gpu_count_all_units_of_the_instance(
    stack: Stack,
    variant: Make,
    template: Render,
    policy: TrackingPolicy,
    instance_type: str,
    metric: str,
    value: float,
) -> None:
    live = variant(instance_type=instance_type)
    real_time(stack, live).add_capacity_scaling(live, min_capacity=2, max_capacity=4, policies=[policy])
    found = only(template(), POLICY)["TargetTrackingScalingPolicyConfiguration"]
    assert found["TargetValue"] == value
    assert found["CustomizedMetricSpecification"] == {
        "Namespace": "/aws/sagemaker/Endpoints",
        "MetricName": metric,
        "Statistic": "Average",
        "Unit": "Percent",
        "Dimensions": [
            {"Name": "EndpointName", "Value": "digits"},
            {"Name": "VariantName", "Value": "live"},
        ],
    }


def test_a_metric_of_ones_own_keeps_its_dimensions_and_cooldowns(
    stack: Stack, variant: Make, template: Render
) -> None:
    metric = ScalingMetric(name="Depth", namespace="Mine", dimensions={"Service": "digits"})
    policy = TrackingPolicy.custom(
        "depth", metric=metric, target=3, scale_in_cooldown_seconds=900, scale_out_cooldown_seconds=0
    )
    live = variant()
    real_time(stack, live).add_capacity_scaling(live, min_capacity=2, max_capacity=4, policies=[policy])
    found = only(template(), POLICY)["TargetTrackingScalingPolicyConfiguration"]
    assert found["CustomizedMetricSpecification"]["Dimensions"] == [{"Name": "Service", "Value": "digits"}]
    assert (found["ScaleInCooldown"], found["ScaleOutCooldown"]) == (900, 0)


def test_steps_run_when_their_alarm_goes_off(stack: Stack, variant: Make, template: Render) -> None:
    steps = [Step(lower=0, upper=500, change=1), Step(lower=500, change=4)]
    metric = ScalingMetric(name="InvocationsPerInstance", statistic="Sum")
    live = variant()
    real_time(stack, live).add_capacity_scaling(
        live,
        min_capacity=2,
        max_capacity=8,
        policies=[StepPolicy(name="burst", metric=metric, threshold=1000, steps=steps)],
    )
    rendered = template()
    (policy,) = rendered.find_resources(POLICY)
    rendered.has_resource_properties(
        ALARM,
        {
            "MetricName": "InvocationsPerInstance",
            "Threshold": 1000,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "AlarmActions": [{"Ref": policy}],
        },
    )
    assert only(rendered, POLICY)["StepScalingPolicyConfiguration"]["StepAdjustments"] == [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 500, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 500, "ScalingAdjustment": 4},
    ]


def test_a_schedule_changes_the_bounds_in_its_time_zone(
    stack: Stack, variant: Make, template: Render
) -> None:
    morning = ScheduledCapacity(
        name="morning", schedule="cron(0 7 ? * MON-FRI *)", min_capacity=3, timezone="Europe/Berlin"
    )
    live = variant()
    real_time(stack, live).add_capacity_scaling(live, min_capacity=1, max_capacity=4, schedules=[morning])
    assert only(template(), TARGET)["ScheduledActions"] == [
        {
            "ScheduledActionName": "morning",
            "Schedule": "cron(0 7 ? * MON-FRI *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 3},
        }
    ]


def test_two_variants_of_one_endpoint_scale_and_deploys_keep_their_counts(
    stack: Stack, variant: Make, template: Render
) -> None:
    live, other = variant(), variant(name="other")
    endpoint = real_time(stack, live, other)
    for one in (live, other):
        endpoint.add_capacity_scaling(one, min_capacity=2, max_capacity=4, policies=[CONCURRENCY])
    rendered = template()
    rendered.resource_count_is(TARGET, 2)
    rendered.has_resource_properties(
        ENDPOINT,
        {
            "RetainAllVariantProperties": True,
            "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
        },
    )


def test_the_shape_changes_with_the_scaling(stack: Stack, variant: Make) -> None:
    live = variant()
    endpoint = real_time(stack, live)
    before = endpoint.shape_hash
    endpoint.add_capacity_scaling(live, min_capacity=2, max_capacity=4, policies=[CONCURRENCY])
    assert endpoint.shape_hash != before


def test_a_queue_scales_on_its_backlog_and_wakes_up_from_zero(
    stack: Stack, variant: Make, template: Render
) -> None:
    live = variant()
    scale(stack, ScalingTarget.queue(queue(stack, live), live), BACKLOG, min_capacity=0)
    rendered = template()
    found = policies(rendered)
    tracked = found["live-backlog"]["TargetTrackingScalingPolicyConfiguration"][
        "CustomizedMetricSpecification"
    ]
    assert tracked["MetricName"] == "ApproximateBacklogSizePerInstance"
    assert tracked["Dimensions"] == [{"Name": "EndpointName", "Value": "slow"}]
    steps = found["live-wake-up"]["StepScalingPolicyConfiguration"]
    assert steps["StepAdjustments"] == [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]
    rendered.has_resource_properties(
        ALARM,
        {
            "MetricName": "HasBacklogWithoutCapacity",
            "Dimensions": [{"Name": "EndpointName", "Value": "slow"}],
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        },
    )
    rendered.has_resource_properties(TARGET, {"MinCapacity": 0})
    rendered.has_resource_properties(ENDPOINT, {"RetainAllVariantProperties": True})


def test_a_schedule_to_zero_brings_the_wake_up_too(stack: Stack, variant: Make, template: Render) -> None:
    live = variant()
    night = ScheduledCapacity(name="night", schedule="cron(0 22 * * ? *)", min_capacity=0)
    scale(stack, ScalingTarget.queue(queue(stack, live), live), BACKLOG, schedules=[night])
    assert set(policies(template())) == {"live-backlog", "live-wake-up"}


def test_above_zero_there_is_no_wake_up(stack: Stack, variant: Make, template: Render) -> None:
    live = variant()
    scale(stack, ScalingTarget.queue(queue(stack, live), live), BACKLOG)
    assert set(policies(template())) == {"live-backlog"}


def test_scaling_waits_for_the_endpoint(stack: Stack, variant: Make, template: Render) -> None:
    live = variant()
    scale(stack, ScalingTarget.queue(queue(stack, live), live), BACKLOG)
    rendered = template()
    (endpoint,) = rendered.find_resources(ENDPOINT)
    assert only(rendered, TARGET)["ResourceId"]["Fn::Join"][1] == [
        "endpoint/",
        {"Fn::GetAtt": [endpoint, "EndpointName"]},
        "/variant/live",
    ]


def test_warm_workers_follow_their_utilization(stack: Stack, model: Model, template: Render) -> None:
    endpoint = ServerlessEndpoint(stack, "Quiet", model=model, serverless=WARM, endpoint_name="quiet")
    policy = TrackingPolicy.provisioned_concurrency(utilization=0.7)
    scale(stack, ScalingTarget.warm_workers(endpoint, WARM), policy)
    rendered = template()
    assert only(rendered, TARGET)["ScalableDimension"] == "sagemaker:variant:DesiredProvisionedConcurrency"
    found = only(rendered, POLICY)["TargetTrackingScalingPolicyConfiguration"]
    assert found["PredefinedMetricSpecification"] == {
        "PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"
    }


def test_copies_wake_up_with_the_first_refused_request(stack: Stack, template: Render) -> None:
    policy = TrackingPolicy.invocations_per_copy(per_minute=60)
    scale(stack, ScalingTarget.copies("llm"), policy, min_capacity=0)
    rendered = template()
    rendered.has_resource_properties(
        TARGET,
        {
            "ResourceId": "inference-component/llm",
            "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
            "MinCapacity": 0,
        },
    )
    rendered.has_resource_properties(
        ALARM,
        {
            "MetricName": "NoCapacityInvocationFailures",
            "Statistic": "Maximum",
            "Dimensions": [{"Name": "InferenceComponentName", "Value": "llm"}],
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        },
    )
    rendered.has_resource_properties(
        POLICY, {"PolicyName": "llm-wake-up", "TargetTrackingScalingPolicyConfiguration": Match.absent()}
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"min_capacity": 0},
            "must be at least 1, got 0, because only asynchronous endpoints and inference components",
        ),
        ({"max_capacity": 1}, r"max_capacity must be at least 1 and at least min_capacity \(2\), got 1"),
        ({"min_capacity": 3}, "the capacity at creation must be 3 to 4, got 2"),
        ({"policies": []}, "policies or schedules must be given"),
        ({"policies": [CONCURRENCY, CONCURRENCY]}, "policies must differ in name, got 'concurrency' twice"),
        ({"policies": [BACKLOG]}, "'backlog' cannot scale instances, which do not publish Approx"),
        (
            {"schedules": [ScheduledCapacity(name="off", schedule="rate(1 day)", min_capacity=0)]},
            "min_capacity of schedule 'off' must be at least 1, got 0",
        ),
    ],
)
def test_rejects_scaling_that_application_auto_scaling_refuses(
    stack: Stack, variant: Make, changes: dict[str, Any], message: str
) -> None:
    live = variant()
    bounds: dict[str, Any] = {"min_capacity": 2, "max_capacity": 4, "policies": [CONCURRENCY]}
    with pytest.raises(ValueError, match=message):
        real_time(stack, live).add_capacity_scaling(live, **{**bounds, **changes})


def test_rejects_burstable_instances(stack: Stack, variant: Make) -> None:
    live = variant(instance_type="ml.t3.medium")
    with pytest.raises(ValueError, match=r"burstable instance types cannot be scaled, got ml.t3.medium"):
        real_time(stack, live).add_capacity_scaling(
            live, min_capacity=1, max_capacity=4, policies=[CONCURRENCY]
        )


def test_rejects_a_queue_that_follows_invocations(stack: Stack, variant: Make) -> None:
    live = variant()
    target = ScalingTarget.queue(queue(stack, live), live)
    with pytest.raises(ValueError, match=r"cannot scale instances of a queue"):
        scale(stack, target, TrackingPolicy.invocations(per_instance_per_minute=60))
    steps = StepPolicy(
        name="s",
        metric=ScalingMetric(name="InvocationsPerInstance"),
        threshold=1,
        steps=[Step(lower=0, change=1)],
    )
    with pytest.raises(ValueError, match=r"InvocationsPerInstance would never scale, because an async"):
        CapacityScaling(stack, "Other", target=target, min_capacity=1, max_capacity=2, policies=[steps])


@pytest.mark.parametrize(
    ("policy", "most"),
    [(TrackingPolicy.cpu(percent=60, vcpus=4), 200), (TrackingPolicy.gpu(percent=60, gpus=1), 0)],
)
def test_rejects_a_target_that_the_instances_cannot_reach(
    stack: Stack, variant: Make, policy: TrackingPolicy, most: int
) -> None:
    live = variant(instance_type="ml.m5.large")
    with pytest.raises(ValueError, match=rf"of ml.m5.large is at most {most}, because .*\[scaling-target"):
        real_time(stack, live).add_capacity_scaling(live, min_capacity=2, max_capacity=4, policies=[policy])


def test_rejects_zero_without_a_policy_that_scales_in(stack: Stack) -> None:
    night = ScheduledCapacity(name="night", schedule="rate(1 day)", max_capacity=2)
    with pytest.raises(ValueError, match=r"a minimum of 0 needs a policy that scales in again"):
        scale(stack, ScalingTarget.copies("llm"), min_capacity=0, schedules=[night])


def test_rejects_scaling_one_variant_twice(stack: Stack, variant: Make) -> None:
    live = variant()
    endpoint = real_time(stack, live)
    endpoint.add_scaling(
        live,
        tracking=TargetTracking(min_capacity=2, max_capacity=4, invocations_per_instance_per_minute=60),
    )
    with pytest.raises(ValueError, match=r"'live' is scaled already"):
        endpoint.add_capacity_scaling(live, min_capacity=2, max_capacity=4, policies=[CONCURRENCY])
    with pytest.raises(ValueError, match=r"'live' is scaled already"):
        scale(stack, ScalingTarget.instances(endpoint, live), CONCURRENCY)


def test_rejects_scaling_in_below_what_the_guardrails_need(stack: Stack, variant: Make) -> None:
    guardrails = DeploymentGuardrails.canary(
        size=CapacitySize.percent(25),
        bake=Duration.minutes(10),
        alarms=[EndpointAlarm.server_error_rate(at_least=0.05)],
    )
    live = variant(initial_count=4)
    endpoint = real_time(stack, live, guardrails=guardrails)
    with pytest.raises(ValueError, match=r"a canary step is at least one instance"):
        endpoint.add_capacity_scaling(live, min_capacity=2, max_capacity=8, policies=[CONCURRENCY])


def test_rejects_more_warm_workers_than_concurrency(stack: Stack, model: Model) -> None:
    endpoint = ServerlessEndpoint(stack, "Quiet", model=model, serverless=WARM)
    policy = TrackingPolicy.provisioned_concurrency(utilization=0.7)
    with pytest.raises(ValueError, match=r"must be at most max_concurrency \(20\), got 21"):
        scale(stack, ScalingTarget.warm_workers(endpoint, WARM), policy, max_capacity=21)


def test_rejects_scaling_serverless_on_demand(stack: Stack, model: Model) -> None:
    size = Serverless.on_demand(memory_mb=2048, max_concurrency=20)
    endpoint = ServerlessEndpoint(stack, "Quiet", model=model, serverless=size)
    with pytest.raises(ValueError, match=r"only provisioned concurrency is scaled, got none"):
        ScalingTarget.warm_workers(endpoint, size)


def test_rejects_a_variant_of_another_queue(stack: Stack, variant: Make) -> None:
    with pytest.raises(ValueError, match=r"one of the endpoint's \['live'\], got 'other'"):
        ScalingTarget.queue(queue(stack, variant()), variant(name="other"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TrackingPolicy.invocations(per_instance_per_minute=0), "target must be above 0, got 0"),
        (lambda: TrackingPolicy.provisioned_concurrency(utilization=70), "above 0 and at most 1, got 70"),
        (lambda: TrackingPolicy.cpu(percent=101, vcpus=2), "at most 100 of at least 1 unit, got 101 of 2"),
        (
            lambda: TrackingPolicy.invocations(per_instance_per_minute=1, scale_in_cooldown_seconds=-1),
            "scale_in_cooldown_seconds must be at least 0, got -1",
        ),
        (lambda: TrackingPolicy(name="x", target=1), "exactly one of predefined and metric must be set"),
    ],
)
def test_rejects_an_impossible_tracking_policy(make: Callable[[], TrackingPolicy], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([], "steps must be 1 to 20, got 0"),
        ([Step(lower=0, upper=5, change=1), Step(lower=6, change=2)], "no gap and no overlap, got 5 then 6"),
        ([Step(lower=0, upper=5, change=1)], "outwards without end, got 0 to 5"),
        ([Step(lower=5, change=1)], "outwards without end, got 5 to None"),
        ([Step(change=1)], "a step must have a bound, got none for a change of 1"),
    ],
)
def test_rejects_steps_that_leave_values_without_an_answer(steps: list[Step], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StepPolicy(name="s", metric=ScalingMetric(name="m"), threshold=1, steps=steps)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schedule": "0 7 * * *"}, "schedule must be cron"),
        ({"min_capacity": None}, "got neither, because nothing would change"),
        ({"max_capacity": 0}, r"max_capacity must be at least min_capacity \(1\), got 0"),
    ],
)
def test_rejects_an_impossible_schedule(changes: dict[str, Any], message: str) -> None:
    fields: dict[str, Any] = {"name": "s", "schedule": "rate(1 day)", "min_capacity": 1}
    with pytest.raises(ValueError, match=message):
        ScheduledCapacity(**{**fields, **changes})
