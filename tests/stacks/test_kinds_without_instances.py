"""What the service files of serverless, asynchronous, component and batch services promise."""

import json
from typing import Any, Final

from tests.stacks.conftest import Templates
from tests.stacks.template_reading import flat, properties, statements

CONFIG: Final = "AWS::SageMaker::EndpointConfig"
POLICY: Final = "AWS::ApplicationAutoScaling::ScalingPolicy"
TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
ALARM: Final = "AWS::CloudWatch::Alarm"


def hosting(examples: Templates, name: str) -> dict[str, Any]:
    return examples[f"{name}-production-hosting"]


def test_a_serverless_endpoint_has_memory_concurrency_and_warm_workers(examples: Templates) -> None:
    (config,) = properties(hosting(examples, "serverless"), CONFIG)
    (variant,) = config["ProductionVariants"]
    assert variant["ServerlessConfig"] == {
        "MemorySizeInMB": 2048,
        "MaxConcurrency": 20,
        "ProvisionedConcurrency": 2,
    }
    assert "InstanceType" not in variant


def test_warm_workers_follow_their_use_and_the_clock(examples: Templates) -> None:
    (target,) = properties(hosting(examples, "serverless"), TARGET)
    assert target["ScalableDimension"] == "sagemaker:variant:DesiredProvisionedConcurrency"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 10)
    assert len(target["ScheduledActions"]) == 2
    (policy,) = properties(hosting(examples, "serverless"), POLICY)
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 0.7


def test_answers_and_failures_of_a_queue_go_to_different_places_and_topics(examples: Templates) -> None:
    (config,) = properties(hosting(examples, "async"), CONFIG)
    output = config["AsyncInferenceConfig"]["OutputConfig"]
    assert output["S3OutputPath"] == "s3://my-answers/video/answered"
    assert output["S3FailurePath"] == "s3://my-answers/video/failed"
    assert output["NotificationConfig"]["SuccessTopic"].endswith(":video-answered")
    assert output["NotificationConfig"]["ErrorTopic"].endswith(":video-failed")
    client = config["AsyncInferenceConfig"]["ClientConfig"]
    assert client == {"MaxConcurrentInvocationsPerInstance": 2}


def test_the_first_request_of_a_queue_wakes_an_instance(examples: Templates) -> None:
    template = hosting(examples, "async")
    (target,) = properties(template, TARGET)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 4)
    assert {one["PolicyType"] for one in properties(template, POLICY)} == {
        "TargetTrackingScaling",
        "StepScaling",
    }
    waking = [
        one for one in properties(template, ALARM) if one.get("MetricName") == "HasBacklogWithoutCapacity"
    ]
    assert [one["Dimensions"] for one in waking] == [[{"Name": "EndpointName", "Value": "async-production"}]]


def test_each_component_has_copies_compute_and_a_stable_name(examples: Templates) -> None:
    found = {
        one["InferenceComponentName"]: one
        for one in properties(hosting(examples, "components"), "AWS::SageMaker::InferenceComponent")
    }
    assert set(found) == {"components-production-digits", "components-production-letters"}
    digits = found["components-production-digits"]
    assert digits["RuntimeConfig"] == {"CopyCount": 2}
    assert digits["Specification"]["ComputeResourceRequirements"] == {
        "MinMemoryRequiredInMb": 1024,
        "NumberOfCpuCoresRequired": 1,
    }
    policy = digits["DeploymentConfig"]["RollingUpdatePolicy"]
    assert policy["MaximumBatchSize"] == {"Type": "CAPACITY_PERCENT", "Value": 50}


def test_each_component_scales_by_itself_and_one_of_them_to_zero(examples: Templates) -> None:
    targets = properties(hosting(examples, "components"), TARGET)
    assert {one["ScalableDimension"] for one in targets} == {"sagemaker:inference-component:DesiredCopyCount"}
    assert sorted((one["MinCapacity"], one["MaxCapacity"]) for one in targets) == [(0, 4), (2, 8)]


def test_components_are_watched_by_their_names_and_the_fleet_by_its_own(examples: Templates) -> None:
    alarms = {
        one["AlarmName"]: one
        for one in properties(hosting(examples, "components"), ALARM)
        if "AlarmName" in one and not one["AlarmName"].startswith("TargetTracking")
    }
    errors = json.dumps(alarms["components-production-digits-5xx"]["Metrics"])
    assert '"InferenceComponentName"' in errors
    assert '"EndpointName"' not in errors
    fleet = alarms["components-production-fleet-cpu"]
    assert {one["Name"] for one in fleet["Dimensions"]} == {"EndpointName", "VariantName"}


def test_the_logs_of_components_and_jobs_may_be_written(examples: Templates) -> None:
    groups = {"components": "/aws/sagemaker/InferenceComponents/", "batch": "/aws/sagemaker/TransformJobs"}
    for name, group in groups.items():
        (write,) = [
            one
            for _, one in statements(examples[f"{name}-production-foundation"])
            if one.get("Sid") == "WriteOtherLogs"
        ]
        assert group in json.dumps(write["Resource"])


def test_a_job_starts_by_the_clock_by_a_new_file_and_by_an_event(examples: Templates) -> None:
    rules = properties(hosting(examples, "batch"), "AWS::Events::Rule")
    assert [one["ScheduleExpression"] for one in rules if "ScheduleExpression" in one] == [
        "cron(0 2 * * ? *)"
    ]
    patterns = [one["EventPattern"] for one in rules if "EventPattern" in one]
    assert {tuple(one["source"]) for one in patterns} == {("aws.s3",), ("my.shop",)}


def test_an_event_says_what_the_job_reads(examples: Templates) -> None:
    rules = properties(hosting(examples, "batch"), "AWS::Events::Rule")
    (asked,) = [one for one in rules if one.get("EventPattern", {}).get("source") == ["my.shop"]]
    given = asked["Targets"][0]["InputTransformer"]
    (name,) = given["InputPathsMap"]
    assert given["InputPathsMap"][name] == "$.detail.folder"
    assert given["InputTemplate"] == f'{{"input_uri":"s3://my-incoming-data/<{name}>/"}}'


def test_a_job_is_as_its_file_says(examples: Templates) -> None:
    (machine,) = properties(hosting(examples, "batch"), "AWS::StepFunctions::StateMachine")
    assert machine["StateMachineName"] == "batch-production"
    definition = json.loads(flat(machine["DefinitionString"]))
    assert definition["TimeoutSeconds"] == 6 * 3600
    job = definition["States"]["Transform"]["Parameters"]
    assert job["MaxConcurrentTransforms"] == 4
    assert job["DataProcessing"] == {"InputFilter": "$[1:]", "OutputFilter": "$[0,-1]", "JoinSource": "Input"}
    assert job["TransformResources"] == {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2}


def test_failed_jobs_tell_the_topic(examples: Templates) -> None:
    (alarm,) = properties(hosting(examples, "batch"), ALARM)
    assert alarm["MetricName"] == "ExecutionsFailed"
    assert alarm["AlarmActions"] == ["arn:aws:sns:eu-west-1:111122223333:on-call"]


def test_an_update_of_the_queue_goes_back_when_its_requests_fail(examples: Templates) -> None:
    (endpoint,) = properties(hosting(examples, "async"), "AWS::SageMaker::Endpoint")
    policy = endpoint["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert (policy["Type"], policy["WaitIntervalInSeconds"]) == ("ALL_AT_ONCE", 900)
    assert len(endpoint["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]) == 1


def test_a_serverless_endpoint_is_watched_by_what_it_publishes(examples: Templates) -> None:
    template = hosting(examples, "serverless")
    named = {one["AlarmName"]: one for one in properties(template, ALARM) if "AlarmName" in one}
    full = named["serverless-production-live-nearly-full"]
    assert (full["MetricName"], full["Threshold"]) == ("ServerlessConcurrentExecutionsUtilization", 0.9)
    (board,) = properties(template, "AWS::CloudWatch::Dashboard")
    body = json.dumps(board["DashboardBody"])
    assert "ModelSetupTime" in body
    assert "CPUUtilization" not in body
