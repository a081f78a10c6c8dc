"""Which metric a tracking policy follows."""

from typing import TYPE_CHECKING, Any

import pytest

from localcloud.errors import AwsError, NotEmulated
from localcloud.scaling import Capacity

if TYPE_CHECKING:
    from tests.localcloud.scaling.conftest import World

KEYS = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits-rehearsal/variant/live",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
BACKLOG = {
    "Namespace": "AWS/SageMaker",
    "MetricName": "ApproximateBacklogSizePerInstance",
    "Dimensions": [{"Name": "EndpointName", "Value": "digits-rehearsal"}],
    "Statistic": "Average",
}


def follow(world: "World", **metric: Any) -> None:
    world.call(
        "PutScalingPolicy",
        **KEYS,
        PolicyName=f"policy-{len(metric)}",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 5.0, **metric},
    )


def record(world: "World", name: str, value: float, *, every: int, times: int, **dimensions: str) -> None:
    for _ in range(times):
        world.metrics.record("AWS/SageMaker", name, dimensions, value, "Count", world.clock.now())
        world.clock.advance(every)
    world.clock.advance(6)


def test_a_customized_metric_is_followed_with_its_statistic_and_dimensions(world: "World") -> None:
    world.register()
    follow(world, CustomizedMetricSpecification=BACKLOG)
    name = BACKLOG["MetricName"]
    record(world, str(name), 20.0, every=30, times=6, EndpointName="digits-rehearsal")
    assert world.count == 8
    record(world, str(name), 20.0, every=60, times=1, EndpointName="other")
    assert len(world.activities()) == 1


def test_from_zero_only_a_backlog_above_the_target_wakes_up(world: "World") -> None:
    world.variants.change(current=0, desired=0, fewest=0)
    world.register(MinCapacity=0)
    follow(world, CustomizedMetricSpecification=BACKLOG)
    record(world, str(BACKLOG["MetricName"]), 5.0, every=60, times=5, EndpointName="digits-rehearsal")
    assert world.count == 0
    record(world, str(BACKLOG["MetricName"]), 6.0, every=60, times=3, EndpointName="digits-rehearsal")
    assert world.count == 2


def test_a_queue_scales_in_to_zero(world: "World") -> None:
    world.variants.change(fewest=0)
    world.register(MinCapacity=0)
    follow(world, CustomizedMetricSpecification=BACKLOG)
    record(world, str(BACKLOG["MetricName"]), 0.0, every=60, times=15, EndpointName="digits-rehearsal")
    assert world.count == 0


def test_a_high_resolution_metric_scales_out_within_a_minute(world: "World") -> None:
    world.register()
    metric = {"PredefinedMetricType": "SageMakerVariantConcurrentRequestsPerModelHighResolution"}
    follow(world, PredefinedMetricSpecification=metric)
    dimensions = {"EndpointName": "digits-rehearsal", "VariantName": "live"}
    record(world, "ConcurrentRequestsPerModel", 10.0, every=10, times=3, **dimensions)
    assert world.count == 4


@pytest.mark.parametrize(
    ("resource_id", "dimension", "metric_type", "metric", "dimensions"),
    [
        (
            "endpoint/light/variant/live",
            "sagemaker:variant:DesiredProvisionedConcurrency",
            "SageMakerVariantProvisionedConcurrencyUtilization",
            "ServerlessProvisionedConcurrencyUtilization",
            {"EndpointName": "light", "VariantName": "live"},
        ),
        (
            "inference-component/small",
            "sagemaker:inference-component:DesiredCopyCount",
            "SageMakerInferenceComponentInvocationsPerCopy",
            "InvocationsPerCopy",
            {"InferenceComponentName": "small"},
        ),
        (
            "inference-component/small",
            "sagemaker:inference-component:DesiredCopyCount",
            "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
            "ConcurrentRequestsPerCopy",
            {"InferenceComponentName": "small"},
        ),
    ],
)
def test_every_dimension_has_its_own_predefined_metrics(
    world: "World",
    resource_id: str,
    dimension: str,
    metric_type: str,
    metric: str,
    dimensions: dict[str, str],
) -> None:
    world.variants.known[resource_id] = Capacity(2, 2, in_service=True, instance_type="", dimension=dimension)
    keys = {**KEYS, "ResourceId": resource_id, "ScalableDimension": dimension}
    world.register(**keys)
    world.call(
        "PutScalingPolicy",
        **keys,
        PolicyName="load",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 0.7,
            "PredefinedMetricSpecification": {"PredefinedMetricType": metric_type},
        },
    )
    every = 10 if "HighResolution" in metric_type else 60
    record(world, metric, 1.4, every=every, times=3, **dimensions)
    assert world.variants.known[resource_id].desired == 4


def test_two_policies_on_different_metrics_agree_on_the_larger_capacity(world: "World") -> None:
    world.register()
    world.policy(target=100.0)
    follow(world, CustomizedMetricSpecification=BACKLOG)
    dimensions = {"EndpointName": "digits-rehearsal", "VariantName": "live"}
    for _ in range(3):
        now = world.clock.now()
        world.metrics.record("AWS/SageMaker", "InvocationsPerInstance", dimensions, 150.0, "None", now)
        backlog = {"EndpointName": "digits-rehearsal"}
        world.metrics.record("AWS/SageMaker", str(BACKLOG["MetricName"]), backlog, 15.0, "Count", now)
        world.clock.advance(60)
    world.clock.advance(6)
    assert world.count == 6


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ({}, "exactly one of"),
        ({"CustomizedMetricSpecification": {"MetricName": "M"}}, "must have Namespace, Statistic"),
        (
            {"PredefinedMetricSpecification": {"PredefinedMetricType": "ALBRequestCountPerTarget"}},
            "only supports the following",
        ),
        (
            {
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"
                }
            },
            "only supports the following",
        ),
    ],
)
def test_rejects_metrics_that_the_dimension_does_not_have(
    world: "World", metric: dict[str, Any], message: str
) -> None:
    world.register()
    with pytest.raises(AwsError, match=message):
        follow(world, **metric)


def test_rejects_metric_math_as_not_emulated(world: "World") -> None:
    world.register()
    with pytest.raises(NotEmulated, match="metric math"):
        follow(world, CustomizedMetricSpecification={"Metrics": [{"Id": "a", "Expression": "1"}]})
