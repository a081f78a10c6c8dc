import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from tidegate import EndpointAlarm, EndpointAlarms, EndpointDashboard

Render = Callable[[], Template]
ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
ERRORS = EndpointAlarm.server_error_rate(at_least=0.05)


def make(stack: Stack, *alarms: EndpointAlarm, **changes: Any) -> EndpointAlarms:
    fields: dict[str, Any] = {"endpoint_name": "digits", "variants": ["live"], "alarms": alarms}
    return EndpointAlarms(stack, "Alarms", **{**fields, **changes})


def alarms(template: Template) -> dict[str, Any]:
    found = template.find_resources(ALARM).values()
    return {one["Properties"]["AlarmName"]: one["Properties"] for one in found}


def dimensions(metric: dict[str, Any]) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in metric["Dimensions"]}


def test_every_variant_has_its_own_alarm_and_the_endpoint_one(stack: Stack, template: Render) -> None:
    age = EndpointAlarm.backlog_age(at_least=Duration.minutes(10))
    failed = EndpointAlarm.async_failures()
    make(stack, age, failed, variants=["live", "b"], asynchronous=True)
    found = alarms(template())
    assert set(found) == {
        "digits-backlog-age",
        "digits-live-invocationfailures",
        "digits-b-invocationfailures",
    }
    assert dimensions(found["digits-backlog-age"]) == {"EndpointName": "digits"}
    assert dimensions(found["digits-b-invocationfailures"]) == {"EndpointName": "digits", "VariantName": "b"}
    assert (found["digits-backlog-age"]["Threshold"], found["digits-backlog-age"]["Statistic"]) == (
        600,
        "Maximum",
    )


def test_an_error_rate_needs_a_floor_of_traffic(stack: Stack, template: Render) -> None:
    make(stack, EndpointAlarm.server_error_rate(at_least=0.05, min_requests=40))
    (found,) = alarms(template()).values()
    expressions = [one["Expression"] for one in found["Metrics"] if "Expression" in one]
    assert expressions == ["IF(requests >= 40, bad/requests, 0)"]
    names = {
        one["Id"]: one["MetricStat"]["Metric"]["MetricName"]
        for one in found["Metrics"]
        if "MetricStat" in one
    }
    assert names == {"requests": "Invocations", "bad": "Invocation5XXErrors"}
    assert (found["Threshold"], found["TreatMissingData"]) == (0.05, "notBreaching")


def test_saturation_is_watched_where_sagemaker_publishes_it(stack: Stack, template: Render) -> None:
    make(stack, EndpointAlarm.saturation("GPUUtilization", percent=90, units=4))
    (found,) = alarms(template()).values()
    assert (found["Namespace"], found["MetricName"]) == ("/aws/sagemaker/Endpoints", "GPUUtilization")
    assert (found["Threshold"], found["Statistic"]) == (360, "Average")


def test_a_latency_percentile_is_not_judged_on_a_handful_of_requests(stack: Stack, template: Render) -> None:
    latency = EndpointAlarm.model_latency(
        percentile=99, at_least=Duration.millis(300), expected_requests_per_minute=2000
    )
    make(stack, latency)
    template().has_resource_properties(
        ALARM,
        {"ExtendedStatistic": "p99", "Threshold": 300_000, "EvaluateLowSampleCountPercentile": "ignore"},
    )


def test_no_traffic_is_the_absence_of_data(stack: Stack, template: Render) -> None:
    make(stack, EndpointAlarm.no_traffic(minutes=15))
    template().has_resource_properties(
        ALARM,
        {
            "MetricName": "Invocations",
            "Statistic": "Sum",
            "Threshold": 1,
            "ComparisonOperator": "LessThanThreshold",
            "TreatMissingData": "breaching",
            "EvaluationPeriods": 15,
            "DatapointsToAlarm": 15,
        },
    )


def test_one_composite_stands_for_the_service_and_alone_notifies(stack: Stack, template: Render) -> None:
    topic = sns.Topic(stack, "Topic")
    made = make(stack, ERRORS, EndpointAlarm.no_traffic(), topic=topic)
    rendered = template()
    (composite,) = rendered.find_resources(COMPOSITE).values()
    rule = json.dumps(composite["Properties"]["AlarmRule"])
    assert all(name in rule for name in rendered.find_resources(ALARM))
    assert rule.count(" OR ") == 1
    notified = [stack.resolve(topic.topic_arn)]
    rendered.has_resource_properties(
        COMPOSITE,
        {"AlarmName": "digits-service", "AlarmActions": notified, "OKActions": notified},
    )
    assert all("AlarmActions" not in alarm for alarm in alarms(rendered).values())
    assert len(made.alarms) == 2


def test_without_a_topic_nobody_is_notified(stack: Stack, template: Render) -> None:
    make(stack, ERRORS)
    template().has_resource_properties(
        COMPOSITE, {"AlarmActions": Match.absent(), "OKActions": Match.absent()}
    )


def test_a_fast_alarm_fits_an_endpoint_with_fast_metrics(stack: Stack, template: Render) -> None:
    fast = EndpointAlarm.server_error_rate(at_least=0.05, period_seconds=10)
    make(stack, fast, metrics_frequency_seconds=10)
    (found,) = alarms(template()).values()
    assert {one["MetricStat"]["Period"] for one in found["Metrics"] if "MetricStat" in one} == {10}


@pytest.mark.parametrize(
    ("found", "changes", "message"),
    [
        (EndpointAlarm.server_error_rate(at_least=0.1, period_seconds=10), {}, "comes every 60 s"),
        (
            EndpointAlarm.saturation("MemoryUtilization", percent=90, period_seconds=10),
            {},
            "period of 10 s, but MemoryUtilization comes every 60 s",
        ),
        (
            EndpointAlarm.backlog_age(at_least=Duration.minutes(1), period_seconds=10),
            {"metrics_frequency_seconds": 10, "asynchronous": True},
            "period of 10 s, but ApproximateAgeOfOldestRequest comes every 60 s",
        ),
        (
            EndpointAlarm.saturation("CPUUtilization", percent=80, units=4),
            {"instance_types": {"live": "ml.m5.large"}},
            "threshold of 320, but CPUUtilization of ml.m5.large is at most 200",
        ),
        (
            EndpointAlarm.saturation("GPUUtilization", percent=80),
            {"instance_types": {"live": "ml.m5.large"}},
            "GPUUtilization of ml.m5.large is at most 0",
        ),
        (
            EndpointAlarm.saturation("CPUUtilization", percent=80),
            {"serverless": True},
            "a serverless endpoint does not publish, CPUUtilization",
        ),
        (ERRORS, {"asynchronous": True}, "an asynchronous endpoint does not publish, Invocations"),
        (EndpointAlarm.no_traffic(), {"asynchronous": True}, "does not publish, Invocations"),
        (
            EndpointAlarm.backlog_age(at_least=Duration.minutes(1)),
            {},
            "a real-time endpoint does not publish, ApproximateAgeOfOldestRequest",
        ),
    ],
)
def test_rejects_an_alarm_that_can_never_fire_on_this_endpoint(
    stack: Stack, found: EndpointAlarm, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make(stack, found, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"variants": []}, "variants must not be empty"),
        ({"variants": ["candidate"]}, "must not contain 'candidate'"),
        ({"alarms": []}, "alarms must not be empty"),
        ({"alarms": [ERRORS, ERRORS]}, "alarms must differ in name, got '5xx' twice"),
        ({"variants": [f"v{n}" for n in range(101)]}, "at most 100 over all variants, got 101"),
    ],
)
def test_rejects_alarms_that_cannot_be_told_apart_or_are_too_many(
    stack: Stack, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make(stack, ERRORS, **changes)


def test_a_threshold_that_the_instances_reach_is_an_alarm(stack: Stack, template: Render) -> None:
    cpu = EndpointAlarm.saturation("CPUUtilization", percent=80, instance_type="ml.m5.xlarge")
    make(stack, cpu, instance_types={"live": "ml.m5.xlarge"})
    (found,) = alarms(template()).values()
    assert found["Threshold"] == 320


def test_metrics_of_the_instances_come_as_often_as_those_of_the_requests(
    stack: Stack, template: Render
) -> None:
    fast = EndpointAlarm.saturation("MemoryUtilization", percent=90, period_seconds=10)
    make(stack, fast, metrics_frequency_seconds=10)
    (found,) = alarms(template()).values()
    assert found["Period"] == 10


def body(template: Template) -> dict[str, Any]:
    (dashboard,) = template.find_resources("AWS::CloudWatch::Dashboard").values()
    assert dashboard["Properties"]["DashboardName"] == "digits"
    text = dashboard["Properties"]["DashboardBody"]
    parts = text["Fn::Join"][1] if isinstance(text, dict) else [text]
    return dict(json.loads("".join(part if isinstance(part, str) else "token" for part in parts)))


def graphs(found: dict[str, Any]) -> dict[str, Any]:
    return {one["properties"]["title"]: one["properties"] for one in found["widgets"]}


def test_a_dashboard_says_the_unit_of_every_axis(stack: Stack, template: Render) -> None:
    EndpointDashboard(stack, "Dashboard", endpoint_name="digits", variants=["live", "b"])
    found = graphs(body(template()))
    assert list(found) == ["Traffic", "Errors", "Model latency", "Overhead latency", "Saturation"]
    units = {title: graph["yAxis"]["left"]["label"] for title, graph in found.items()}
    assert units["Model latency"] == "microseconds"
    assert units["Saturation"] == "percent"
    assert len(found["Model latency"]["metrics"]) == 6
    assert found["Saturation"]["metrics"][0][0] == "/aws/sagemaker/Endpoints"


def test_a_dashboard_of_a_queue_shows_the_queue_and_no_invocations(stack: Stack, template: Render) -> None:
    EndpointDashboard(stack, "Dashboard", endpoint_name="digits", variants=["live"], asynchronous=True)
    found = graphs(body(template()))
    assert {"Backlog", "Age of the oldest request", "Failures of the queue"} <= set(found)
    assert not {"Traffic", "Overhead latency", "GPU saturation"} & set(found)
    assert {one[1] for one in found["Errors"]["metrics"]} == {"Invocation4XXErrors", "Invocation5XXErrors"}
    assert found["Backlog"]["metrics"][0][:4] == [
        "AWS/SageMaker",
        "ApproximateBacklogSize",
        "EndpointName",
        "digits",
    ]


def test_a_serverless_dashboard_shows_cold_starts_and_no_instances(stack: Stack, template: Render) -> None:
    EndpointDashboard(stack, "Dashboard", endpoint_name="digits", variants=["live"], serverless=True)
    found = graphs(body(template()))
    assert {"Traffic", "Cold starts", "Concurrency in use", "Beyond the warm workers"} <= set(found)
    assert not {"Backlog", "GPU saturation"} & set(found)
    assert {one[1] for one in found["Saturation"]["metrics"]} == {"MemoryUtilization"}
    assert found["Cold starts"]["yAxis"]["left"]["label"] == "microseconds"


def test_a_dashboard_shows_gpus_and_alarms_when_there_are_any(stack: Stack, template: Render) -> None:
    made = make(stack, ERRORS)
    EndpointDashboard(
        stack, "Dashboard", endpoint_name="digits", variants=["live"], alarms=made.alarms, gpu=True
    )
    found = graphs(body(template()))
    assert next(iter(found)) == "Alarms"
    assert len(found["Alarms"]["alarms"]) == 1
    assert "GPU saturation" in found


def test_rejects_a_dashboard_of_nothing(stack: Stack) -> None:
    with pytest.raises(ValueError, match="variants must not be empty"):
        EndpointDashboard(stack, "Dashboard", endpoint_name="digits", variants=[])
