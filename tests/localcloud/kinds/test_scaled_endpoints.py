"""The example of automatic scaling, deployed: each capacity follows its own load, one from and to zero."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.localcloud.kinds.kinds_cloud import KindsCloud, replaced, synthesize

STACK = "scaled-endpoints"
LARGEST_COUNT = 10


@pytest.fixture(scope="module")
def scaled(cloud: KindsCloud) -> KindsCloud:
    """Deploy the example with a load and times that a test can wait for, and without what is not emulated."""
    cloud.upload("s3://my-model-artifacts/model.tar.gz")
    cloud.s3.create_bucket(Bucket="my-answers")
    template = synthesize("scaled_endpoints", cloud.folder)
    for old, new in (
        ("cron(0 7 ? * MON-FRI *)", "rate(30 minutes)"),
        ('"Threshold": 3000', '"Threshold": 1'),
    ):
        assert old in json.dumps(template)
        template = replaced(template, old, new)
    # The local SageMaker has no inference components.
    kept = {name: one for name, one in template["Resources"].items() if not name.startswith("CopyScaling")}
    cloud.created(STACK, template | {"Resources": kept})
    return cloud


def count(cloud: KindsCloud, endpoint: str, variant: str = "live") -> int:
    variants = cloud.sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"]
    [found] = [one for one in variants if one["VariantName"] == variant]
    return int(found["CurrentInstanceCount"])


def rests(cloud: KindsCloud) -> bool:
    described = cloud.sagemaker.describe_endpoint(EndpointName="scaled-real-time")
    return bool(described["EndpointStatus"] == "InService")


def activities(cloud: KindsCloud, resource: str) -> list[dict[str, Any]]:
    found = cloud.client("application-autoscaling").describe_scaling_activities(
        ServiceNamespace="sagemaker", ResourceId=resource
    )
    return list(found["ScalingActivities"])


def test_what_the_stack_declares_is_registered(scaled: KindsCloud) -> None:
    scaling = scaled.client("application-autoscaling")
    targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert {(one["ResourceId"].split("/")[1], one["ScalableDimension"].split(":")[2]) for one in targets} == {
        ("scaled-real-time", "DesiredInstanceCount"),
        ("scaled-queue", "DesiredInstanceCount"),
        ("scaled-serverless", "DesiredProvisionedConcurrency"),
    }
    policies = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert sorted(one["PolicyType"] for one in policies).count("StepScaling") == 2
    actions = scaling.describe_scheduled_actions(ServiceNamespace="sagemaker")["ScheduledActions"]
    assert {one["ScheduledActionName"]: one["Timezone"] for one in actions} == {
        "morning": "Europe/Berlin",
        "evening": "Europe/Berlin",
    }


def test_a_queue_goes_to_zero_and_one_request_wakes_it_up(scaled: KindsCloud) -> None:
    scaled.until(lambda: count(scaled, "scaled-queue", "worker") == 0)
    scaled.s3.put_object(Bucket="my-answers", Key="in.json", Body=b"7")
    answer = scaled.runtime.invoke_endpoint_async(
        EndpointName="scaled-queue", InputLocation="s3://my-answers/in.json", ContentType="application/json"
    )
    key = answer["OutputLocation"].removeprefix("s3://my-answers/")
    scaled.until(lambda: scaled.s3.list_objects_v2(Bucket="my-answers", Prefix=key).get("KeyCount", 0) == 1)
    causes = [one["Cause"] for one in activities(scaled, "endpoint/scaled-queue/variant/worker")]
    assert "triggered policy worker-wake-up" in causes[0]
    assert "policy worker-backlog" in causes[1]
    scaled.until(lambda: count(scaled, "scaled-queue", "worker") == 0)


def test_a_schedule_raises_the_bounds_and_a_burst_steps_above_them(scaled: KindsCloud) -> None:
    scaled.until(lambda: count(scaled, "scaled-real-time") >= 4)
    before = count(scaled, "scaled-real-time")

    def is_larger() -> bool:
        scaled.invoke("scaled-real-time", TargetVariant="live")
        return count(scaled, "scaled-real-time") > before

    scaled.until(is_larger)
    causes = [one["Cause"] for one in activities(scaled, "endpoint/scaled-real-time/variant/live")]
    assert any("triggered policy live-burst" in cause for cause in causes)
    assert "scheduled action name morning was triggered" in causes


def test_requests_in_flight_scale_the_instances_out(scaled: KindsCloud) -> None:
    alarms = scaled.client("cloudwatch")
    names = [one["AlarmName"] for one in alarms.describe_alarms()["MetricAlarms"]]
    alarms.disable_alarm_actions(AlarmNames=names)
    scaled.until(lambda: rests(scaled))
    fewest = {"VariantName": "live", "DesiredInstanceCount": 4}
    scaled.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="scaled-real-time", DesiredWeightsAndCapacities=[fewest]
    )

    def is_followed() -> bool:
        answers = [
            clients.submit(scaled.invoke, "scaled-real-time", {"sleep": 0.05}, TargetVariant="live")
            for _ in range(LARGEST_COUNT * 10)
        ]
        assert all(answer.result()["version"] == "v1" for answer in answers)
        found = activities(scaled, "endpoint/scaled-real-time/variant/live")
        return any(one["Cause"].startswith("policy live-concurrency triggered at") for one in found)

    with ThreadPoolExecutor(LARGEST_COUNT * 5) as clients:
        scaled.until(is_followed)
