import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from tidegate import ComponentAlarms, ComponentDashboard, EndpointAlarm

Render = Callable[[], Template]
COMPONENTS = {"digits": "shared-digits", "letters": "shared-letters"}
ERRORS = EndpointAlarm.server_error_rate(at_least=0.05)
LATENCY = EndpointAlarm.model_latency(
    percentile=90, at_least=Duration.millis(200), expected_requests_per_minute=600
)
CPU = EndpointAlarm.saturation("CPUUtilization", percent=85, units=4)


def watch(stack: Stack, *alarms: EndpointAlarm, **changes: Any) -> ComponentAlarms:
    fields: dict[str, Any] = {"endpoint_name": "shared", "components": COMPONENTS, "alarms": alarms}
    return ComponentAlarms(stack, "Alarms", **{**fields, **changes})


def alarms(template: Template) -> dict[str, Any]:
    found = template.find_resources("AWS::CloudWatch::Alarm").values()
    return {one["Properties"]["AlarmName"]: one["Properties"] for one in found}


def test_each_component_has_its_own_alarm_and_the_fleet_one(stack: Stack, template: Render) -> None:
    watch(stack, LATENCY, CPU)
    found = alarms(template())
    assert set(found) == {"shared-digits-latency-p90", "shared-letters-latency-p90", "shared-fleet-cpu"}
    (dimension,) = found["shared-digits-latency-p90"]["Dimensions"]
    assert dimension == {"Name": "InferenceComponentName", "Value": "shared-digits"}
    assert found["shared-fleet-cpu"]["Dimensions"] == [
        {"Name": "EndpointName", "Value": "shared"},
        {"Name": "VariantName", "Value": "live"},
    ]


def test_a_rate_of_a_component_divides_its_own_requests(stack: Stack, template: Render) -> None:
    watch(stack, ERRORS, components={"digits": "shared-digits"})
    (metrics,) = [one["Metrics"] for one in alarms(template()).values()]
    measured = [one["MetricStat"]["Metric"] for one in metrics if "MetricStat" in one]
    assert {one["MetricName"] for one in measured} == {"Invocations", "Invocation5XXErrors"}
    for one in measured:
        assert one["Dimensions"] == [{"Name": "InferenceComponentName", "Value": "shared-digits"}]


def test_one_composite_alarm_tells_the_topic(stack: Stack, template: Render) -> None:
    found = watch(stack, ERRORS, CPU, topic=sns.Topic(stack, "Topic"))
    assert len(found.alarms) == 3
    rendered = template()
    rendered.resource_count_is("AWS::CloudWatch::CompositeAlarm", 1)
    (composite,) = rendered.find_resources("AWS::CloudWatch::CompositeAlarm").values()
    assert composite["Properties"]["AlarmName"] == "shared-service"
    assert len(composite["Properties"]["AlarmActions"]) == len(composite["Properties"]["OKActions"]) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"components": {}}, "components must not be empty"),
        ({"alarms": []}, "alarms must not be empty"),
        ({"alarms": [EndpointAlarm.backlog_age(at_least=Duration.minutes(5))]}, "does not publish"),
    ],
)
def test_rejects_alarms_that_watch_nothing(stack: Stack, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        watch(stack, ERRORS, **changes)


def test_the_dashboard_shows_each_component_and_the_fleet(stack: Stack, template: Render) -> None:
    alarm = watch(stack, ERRORS).composite
    ComponentDashboard(
        stack, "Dashboard", endpoint_name="shared", components=COMPONENTS, alarms=[alarm], gpu=True
    )
    (board,) = template().find_resources("AWS::CloudWatch::Dashboard").values()
    body = json.dumps(board["Properties"]["DashboardBody"])
    for title in ("Alarms", "Traffic", "Errors", "Model latency", "Saturation", "GPU saturation"):
        assert f'\\"title\\":\\"{title}\\"' in body or f'\\\\\\"title\\\\\\":\\\\\\"{title}' in body, title
    assert body.count("InferenceComponentName") == 2 * 7
    assert "letters ModelLatency p99" in body
    assert board["Properties"]["DashboardName"] == "shared"


def test_the_dashboard_shows_gpus_only_where_there_are_some(stack: Stack, template: Render) -> None:
    ComponentDashboard(stack, "Dashboard", endpoint_name="shared", components=COMPONENTS)
    (board,) = template().find_resources("AWS::CloudWatch::Dashboard").values()
    assert "GPU" not in json.dumps(board["Properties"]["DashboardBody"])


def test_rejects_a_dashboard_of_nothing(stack: Stack) -> None:
    with pytest.raises(ValueError, match="components must not be empty"):
        ComponentDashboard(stack, "Dashboard", endpoint_name="shared", components={})
