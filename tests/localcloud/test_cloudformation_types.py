"""Resource types translate templates into API calls, wait, and fail like CloudFormation."""

from collections.abc import Mapping
from typing import Any

import pytest

from localcloud.cloudformation import ResourceType, resource_types
from localcloud.cloudformation.properties import PropertyError
from localcloud.errors import AwsError

ARN = "arn:aws:sagemaker:us-east-1:000000000000:"
CONFIG = {
    "ProductionVariants": [
        {"VariantName": "live", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": "2"}
    ]
}
TARGET = {
    "ResourceId": "endpoint/digits/variant/live",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    "ServiceNamespace": "sagemaker",
}


class Cloud:
    """Records calls; answers with ARNs in lower case and endpoints that settle after two looks."""

    def __init__(self, *, settles: str = "InService", runs: str | None = None) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.settles = settles
        self.runs = runs
        self.config = ""
        self.looks = 0
        self.gone = False

    def __call__(self, service: str, operation: str, request: Mapping[str, Any], /) -> dict[str, Any]:
        if operation != "DescribeEndpoint":
            self.calls.append((operation, dict(request)))
        if operation.endswith("Pipeline"):
            return {"PipelineArn": f"{ARN}pipeline/{request['PipelineName']}".lower()}
        return self._answer(operation, request)

    def _answer(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        match operation:
            case "CreateModel":
                return {"ModelArn": f"{ARN}model/{request['ModelName']}".lower()}
            case "CreateEndpointConfig":
                return {"EndpointConfigArn": f"{ARN}endpoint-config/{request['EndpointConfigName']}".lower()}
            case "CreateModelPackageGroup":
                return {
                    "ModelPackageGroupArn": f"{ARN}model-package-group/{request['ModelPackageGroupName']}"
                }
            case "CreateEndpoint" | "UpdateEndpoint":
                self.config, self.looks = request["EndpointConfigName"], 0
                return {"EndpointArn": f"{ARN}endpoint/{request['EndpointName']}"}
            case "DescribeEndpoint":
                return self._endpoint(request["EndpointName"])
            case "DeleteEndpoint":
                self.gone = True
            case "PutScalingPolicy":
                return {"PolicyARN": "arn:policy"}
            case "DescribeAlarms":
                kind = f"{request['AlarmTypes'][0]}s"
                return {kind: [{"AlarmArn": f"arn:alarm:{request['AlarmNames'][0]}"}]}
        return {}

    def _endpoint(self, name: str) -> dict[str, Any]:
        if self.gone:
            raise AwsError("ValidationException", f'Could not find endpoint "{name}".')
        self.looks += 1
        status = "Updating" if self.looks < 3 else self.settles
        config = self.runs or self.config
        return {
            "EndpointName": name,
            "EndpointStatus": status,
            "EndpointConfigName": config,
            "FailureReason": "no ping",
        }

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]


def kind(cloud: Cloud, name: str) -> ResourceType:
    return next(kind for kind in resource_types(cloud) if kind.name == name)


def test_an_unnamed_config_gets_a_new_name_each_time_and_refers_by_its_arn() -> None:
    cloud = Cloud()
    config = kind(cloud, "AWS::SageMaker::EndpointConfig")
    first, attributes = config.create("Config", CONFIG, "stack")
    second, _ = config.create("Config", CONFIG, "stack")
    assert first != second
    assert first == f"{ARN}endpoint-config/{attributes['EndpointConfigName']}".lower()
    assert attributes["EndpointConfigName"].startswith("Config-")


def test_a_config_with_a_name_in_capitals_is_deleted_under_that_name() -> None:
    cloud = Cloud()
    config = kind(cloud, "AWS::SageMaker::EndpointConfig")
    physical_id, attributes = config.create("Config", CONFIG, "stack")
    config.delete(physical_id, CONFIG)
    assert cloud.calls[-1] == (
        "DeleteEndpointConfig",
        {"EndpointConfigName": attributes["EndpointConfigName"]},
    )


def test_numbers_given_as_strings_reach_the_api_as_numbers() -> None:
    cloud = Cloud()
    kind(cloud, "AWS::SageMaker::EndpointConfig").create("Config", CONFIG, "stack")
    assert cloud.calls[0][1]["ProductionVariants"][0]["InitialInstanceCount"] == 2


def test_every_property_of_a_config_replaces_it() -> None:
    config = kind(Cloud(), "AWS::SageMaker::EndpointConfig")
    assert {"ProductionVariants", "DataCaptureConfig", "EndpointConfigName", "Tags"} <= config.create_only


@pytest.mark.parametrize(
    ("type_name", "properties"),
    [
        ("AWS::SageMaker::Model", {"Colour": "red"}),
        ("AWS::SageMaker::Model", {"PrimaryContainer": {"Imagee": "x"}}),
        ("AWS::SageMaker::Endpoint", {"EndpointConfigName": "c", "Weight": 1}),
        ("AWS::CloudWatch::Alarm", {"AlarmName": "a", "Dimensions": [{"Nam": "x", "Value": "y"}]}),
        ("AWS::ApplicationAutoScaling::ScalableTarget", TARGET | {"Cooldown": 3}),
    ],
)
def test_rejects_a_property_the_type_does_not_have(type_name: str, properties: dict[str, Any]) -> None:
    cloud = Cloud()
    with pytest.raises(PropertyError, match="extraneous key"):
        kind(cloud, type_name).create("Thing", properties, "stack")
    assert cloud.calls == []


def test_an_endpoint_is_created_without_the_flags_that_only_updates_take() -> None:
    cloud = Cloud()
    endpoint = kind(cloud, "AWS::SageMaker::Endpoint")
    properties = {"EndpointName": "digits", "EndpointConfigName": "one", "RetainAllVariantProperties": True}
    physical_id, attributes = endpoint.create("Endpoint", properties, "stack")
    assert cloud.calls == [("CreateEndpoint", {"EndpointName": "digits", "EndpointConfigName": "one"})]
    assert physical_id == f"{ARN}endpoint/digits"
    assert attributes["EndpointName"] == "digits"
    assert cloud.looks == 3


def test_an_endpoint_that_fails_is_deleted_again_and_says_why() -> None:
    cloud = Cloud(settles="Failed")
    endpoint = kind(cloud, "AWS::SageMaker::Endpoint")
    with pytest.raises(RuntimeError, match="no ping"):
        endpoint.create("Endpoint", {"EndpointName": "digits", "EndpointConfigName": "one"}, "stack")
    assert cloud.operations() == ["CreateEndpoint", "DeleteEndpoint"]


def test_an_update_sends_retained_properties() -> None:
    cloud = Cloud()
    endpoint = kind(cloud, "AWS::SageMaker::Endpoint")
    old = {
        "EndpointName": "digits",
        "EndpointConfigName": "one",
        "RetainAllVariantProperties": "true",
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
    }
    endpoint.update(f"{ARN}endpoint/digits", old, old | {"EndpointConfigName": "two"}, "stack")
    assert cloud.calls == [
        (
            "UpdateEndpoint",
            {
                "EndpointName": "digits",
                "EndpointConfigName": "two",
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
            },
        )
    ]


def test_rejects_an_update_that_sagemaker_rolled_back_without_saying_so() -> None:
    cloud = Cloud(runs="one")
    endpoint = kind(cloud, "AWS::SageMaker::Endpoint")
    old = {"EndpointName": "digits", "EndpointConfigName": "one"}
    with pytest.raises(RuntimeError, match="rolled back: it runs one, not two"):
        endpoint.update(f"{ARN}endpoint/digits", old, old | {"EndpointConfigName": "two"}, "stack")


def test_a_change_of_tags_alone_leaves_the_endpoint_running() -> None:
    cloud = Cloud()
    endpoint = kind(cloud, "AWS::SageMaker::Endpoint")
    old = {"EndpointName": "digits", "EndpointConfigName": "one", "Tags": [{"Key": "a", "Value": "1"}]}
    new = old | {"Tags": [{"Key": "b", "Value": "2"}]}
    endpoint.update(f"{ARN}endpoint/digits", old, new, "stack")
    assert cloud.operations() == ["DeleteTags", "AddTags"]


def test_deleting_an_endpoint_that_is_gone_succeeds() -> None:
    cloud = Cloud()
    cloud.gone = True
    kind(cloud, "AWS::SageMaker::Endpoint").delete(f"{ARN}endpoint/digits", {})
    assert cloud.operations() == []


def test_the_policy_of_a_model_package_group_is_a_call_of_its_own() -> None:
    cloud = Cloud()
    group = kind(cloud, "AWS::SageMaker::ModelPackageGroup")
    group.create("Group", {"ModelPackageGroupName": "digits", "ModelPackageGroupPolicy": {"a": 1}}, "stack")
    assert cloud.calls == [
        ("CreateModelPackageGroup", {"ModelPackageGroupName": "digits"}),
        ("PutModelPackageGroupPolicy", {"ModelPackageGroupName": "digits", "ResourcePolicy": '{"a": 1}'}),
    ]


def test_an_alarm_refers_by_name_and_gives_its_arn() -> None:
    cloud = Cloud()
    alarm = kind(cloud, "AWS::CloudWatch::Alarm")
    name, attributes = alarm.create("Alarm", {"EvaluationPeriods": "3"}, "stack")
    assert name.startswith("stack-Alarm-")
    assert attributes == {"Arn": f"arn:alarm:{name}"}
    assert cloud.calls[0] == ("PutMetricAlarm", {"EvaluationPeriods": 3, "AlarmName": name})


def test_a_scalable_target_refers_by_resource_dimension_and_namespace() -> None:
    cloud = Cloud()
    target = kind(cloud, "AWS::ApplicationAutoScaling::ScalableTarget")
    physical_id, _ = target.create("Target", TARGET | {"MinCapacity": 1, "MaxCapacity": 2}, "stack")
    assert physical_id == "|".join(TARGET.values())
    target.delete(physical_id, TARGET)
    assert cloud.calls[-1] == ("DeregisterScalableTarget", TARGET)


def test_a_scaling_policy_finds_its_target_by_the_target_id() -> None:
    cloud = Cloud()
    policy = kind(cloud, "AWS::ApplicationAutoScaling::ScalingPolicy")
    properties = {"PolicyName": "p", "ScalingTargetId": "|".join(TARGET.values())}
    assert policy.create("Policy", properties, "stack") == ("arn:policy", {"Arn": "arn:policy"})
    policy.delete("arn:policy", properties)
    assert cloud.calls == [
        ("PutScalingPolicy", TARGET | {"PolicyName": "p"}),
        ("DeleteScalingPolicy", TARGET | {"PolicyName": "p"}),
    ]


def test_a_pipeline_refers_by_its_name_and_changes_in_place() -> None:
    cloud = Cloud()
    pipeline = kind(cloud, "AWS::SageMaker::Pipeline")
    body = {"PipelineDefinition": {"PipelineDefinitionBody": '{"Steps": []}'}, "RoleArn": "arn:role"}
    name, attributes = pipeline.create("Training", {**body, "PipelineName": "Digits"}, "stack")
    assert (name, attributes["PipelineArn"]) == ("Digits", f"{ARN}pipeline/digits")
    operation, request = cloud.calls[0]
    assert (operation, request["PipelineDefinition"]) == ("CreatePipeline", '{"Steps": []}')
    assert len(request["ClientRequestToken"]) >= 32
    location = {"PipelineDefinitionS3Location": {"Bucket": "b", "Key": "k", "Version": "v"}}
    changed = {**body, "PipelineName": "Digits", "PipelineDefinition": location}
    pipeline.update(name, {**body, "PipelineName": "Digits"}, changed, "stack")
    assert cloud.calls[1] == (
        "UpdatePipeline",
        {
            "PipelineName": "Digits",
            "RoleArn": "arn:role",
            "PipelineDefinitionS3Location": {"Bucket": "b", "ObjectKey": "k", "VersionId": "v"},
        },
    )
    pipeline.delete(name, changed)
    assert cloud.calls[-1][0] == "DeletePipeline"
    assert pipeline.create_only == {"PipelineName"}


@pytest.mark.parametrize(
    "definition", [{}, {"PipelineDefinitionBody": "{}", "PipelineDefinitionS3Location": {}}]
)
def test_rejects_a_pipeline_without_one_definition(definition: dict[str, Any]) -> None:
    pipeline = kind(Cloud(), "AWS::SageMaker::Pipeline")
    with pytest.raises(PropertyError, match="either PipelineDefinitionBody or"):
        pipeline.create("Training", {"PipelineDefinition": definition, "RoleArn": "arn:role"}, "stack")
