"""What the service files of real-time endpoints promise, with and without a rollout."""

import json
from typing import Any, Final

from tests.stacks.conftest import Templates
from tests.stacks.template_reading import properties, resources, statements

CONFIG: Final = "AWS::SageMaker::EndpointConfig"
ENDPOINT: Final = "AWS::SageMaker::Endpoint"
POLICY: Final = "AWS::ApplicationAutoScaling::ScalingPolicy"
TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
TOPIC: Final = "arn:aws:sns:eu-west-1:111122223333:on-call"


def hosting(examples: Templates, name: str) -> dict[str, Any]:
    return examples[f"{name}-production-hosting"]


def config(examples: Templates, name: str) -> dict[str, Any]:
    (found,) = properties(hosting(examples, name), CONFIG)
    return found


def test_variants_share_the_traffic_by_their_weights(examples: Templates) -> None:
    variants = {one["VariantName"]: one for one in config(examples, "variants")["ProductionVariants"]}
    assert {name: one["InitialVariantWeight"] for name, one in variants.items()} == {"steady": 9, "fresh": 1}
    assert {name: one["InitialInstanceCount"] for name, one in variants.items()} == {"steady": 4, "fresh": 2}
    assert variants["steady"]["ModelName"] != variants["fresh"]["ModelName"]


def test_the_volumes_are_encrypted_with_the_key_of_the_file(examples: Templates) -> None:
    assert config(examples, "variants")["KmsKeyId"].startswith("arn:aws:kms:eu-west-1:111122223333:key/")


def test_an_update_bakes_a_canary_and_alarms_on_the_new_fleet_move_it_back(examples: Templates) -> None:
    (endpoint,) = properties(hosting(examples, "variants"), ENDPOINT)
    policy = endpoint["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"] == {
        "Type": "CANARY",
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "WaitIntervalInSeconds": 600,
    }
    assert policy["TerminationWaitInSeconds"] == 300
    assert policy["MaximumExecutionTimeoutInSeconds"] == 3600
    assert len(endpoint["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]) == 4


def test_scaling_follows_cpu_steps_and_the_clock(examples: Templates) -> None:
    template = hosting(examples, "variants")
    (target,) = properties(template, TARGET)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (4, 12)
    schedules = {one["ScheduledActionName"]: one for one in target["ScheduledActions"]}
    assert {one["Timezone"] for one in schedules.values()} == {"Europe/Berlin"}
    assert sorted(one["ScalableTargetAction"]["MinCapacity"] for one in schedules.values()) == [4, 6]
    policies = {one["PolicyType"]: one for one in properties(template, POLICY)}
    assert policies["TargetTrackingScaling"]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 140
    steps = policies["StepScaling"]["StepScalingPolicyConfiguration"]["StepAdjustments"]
    assert [step["ScalingAdjustment"] for step in steps] == [1, 4]


def test_one_composite_alarm_tells_the_topic(examples: Templates) -> None:
    for name in ("variants", "rolled-out"):
        (composite,) = properties(hosting(examples, name), "AWS::CloudWatch::CompositeAlarm")
        assert composite["AlarmName"] == f"{name}-production-service"
        assert composite["AlarmActions"] == [TOPIC]


def test_each_condition_is_an_alarm_for_each_variant(examples: Templates) -> None:
    names = {
        one["AlarmName"]
        for one in properties(hosting(examples, "variants"), "AWS::CloudWatch::Alarm")
        if "AlarmName" in one
    }
    expected = {
        f"variants-production-{variant}-{condition}"
        for variant in ("steady", "fresh")
        for condition in ("5xx", "model-errors", "cpu", "memory")
    }
    assert expected <= names


def test_a_dashboard_is_there_when_the_file_wants_one(examples: Templates) -> None:
    wanted = {"variants", "rolled-out", "serverless", "async", "components", "batch"}
    boards = {
        stack.removesuffix("-production-hosting")
        for stack, template in examples.items()
        if resources(template, "AWS::CloudWatch::Dashboard")
    }
    assert boards == wanted


def test_the_shadow_gets_copies_and_no_traffic(examples: Templates) -> None:
    found = config(examples, "shadow")
    assert [one["VariantName"] for one in found["ProductionVariants"]] == ["live"]
    (shadow,) = found["ShadowProductionVariants"]
    assert (shadow["VariantName"], shadow["InitialVariantWeight"]) == ("shadow", 0.5)


def test_captured_data_goes_where_the_file_says_and_the_role_may_write_there(examples: Templates) -> None:
    capture = config(examples, "shadow")["DataCaptureConfig"]
    assert capture["DestinationS3Uri"] == "s3://my-captured-data/shadow"
    assert capture["CaptureContentTypeHeader"] == {"JsonContentTypes": ["application/json"]}
    (write,) = [
        statement
        for _, statement in statements(hosting(examples, "shadow"))
        if statement.get("Sid") == "CaptureData"
    ]
    assert "my-captured-data/shadow/*" in json.dumps(write["Resource"])


def test_answers_are_explained_against_the_baseline(examples: Templates) -> None:
    shap = config(examples, "shadow")["ExplainerConfig"]["ClarifyExplainerConfig"]["ShapConfig"]
    assert shap["ShapBaselineConfig"]["ShapBaseline"] == "0.5,1.0,3.2"
    assert shap["NumberOfSamples"] == 200


def test_a_model_package_is_served_with_the_permissions_that_the_file_names(examples: Templates) -> None:
    packages = {
        model["PrimaryContainer"]["ModelPackageName"].rpartition("/")[2]
        for model in properties(hosting(examples, "shadow"), "AWS::SageMaker::Model")
    }
    assert packages == {"7", "8"}
    allowed = json.dumps([one for _, one in statements(examples["shadow-production-foundation"])])
    assert "arn:aws:ecr:eu-west-1:111122223333:repository/faces" in allowed
    assert "arn:aws:s3:::my-model-artifacts/*" in allowed


def test_many_models_lie_below_one_prefix(examples: Templates) -> None:
    (model,) = properties(hosting(examples, "multi-model"), "AWS::SageMaker::Model")
    container = model["PrimaryContainer"]
    assert container["Mode"] == "MultiModel"
    assert container["ModelDataUrl"] == "s3://my-model-artifacts/many/"


def test_containers_are_called_as_the_file_says(examples: Templates) -> None:
    for name, mode in {"multi-container": "Direct", "pipeline": "Serial"}.items():
        (model,) = properties(hosting(examples, name), "AWS::SageMaker::Model")
        assert model["InferenceExecutionConfig"] == {"Mode": mode}
        assert len(model["Containers"]) == 2
        assert all(one["ContainerHostname"] for one in model["Containers"])


def test_containers_join_the_network_and_the_role_may_do_so(examples: Templates) -> None:
    (model,) = properties(hosting(examples, "pipeline"), "AWS::SageMaker::Model")
    assert model["VpcConfig"]["SecurityGroupIds"] == ["sg-0123456789abcdef0"]
    assert len(model["VpcConfig"]["Subnets"]) == 2
    joining = [
        one
        for _, one in statements(examples["pipeline-production-foundation"])
        if one.get("Sid") == "JoinNetwork"
    ]
    assert len(joining) == 1
    others = [one for _, one in statements(examples["shadow-production-foundation"])]
    assert not [one for one in others if one.get("Sid") == "JoinNetwork"]


def test_an_ab_test_knows_champion_deadline_and_topic(examples: Templates) -> None:
    template = hosting(examples, "ab-test")
    (function,) = properties(template, "AWS::Lambda::Function")
    variables = function["Environment"]["Variables"]
    test = json.loads(variables["AB_TEST"])
    assert test["champion"] == "trees"
    assert test["deadline"] == 1801393200  # 2027-01-31, noon in Berlin
    assert test["idle_after_seconds"] == 48 * 3600
    assert variables["TOPIC_ARN"].endswith(":ranking-team")


def test_a_rolled_out_service_is_captured_and_routed_as_its_file_says(examples: Templates) -> None:
    found = config(examples, "rolled-out")
    assert found["DataCaptureConfig"]["InitialSamplingPercentage"] == 10
    (live,) = found["ProductionVariants"]
    assert live["RoutingConfig"] == {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}
    assert set(examples) >= {
        f"rolled-out-production-{role}" for role in ("foundation", "controller", "hosting")
    }


def test_a_full_instance_is_as_full_as_all_of_its_vcpus(examples: Templates) -> None:
    alarms = {
        one["AlarmName"]: one["Threshold"]
        for one in properties(hosting(examples, "variants"), "AWS::CloudWatch::Alarm")
        if one.get("MetricName") == "CPUUtilization" and "AlarmName" in one
    }
    assert alarms["variants-production-steady-cpu"] == 2 * 85
