from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match, Template

from tidegate import (
    ComponentCompute,
    ComponentEndpoint,
    ComponentRollingUpdate,
    ContainerImage,
    InferenceComponent,
    Model,
    ModelArtifact,
    ModelContainer,
    ModelSource,
    RoutingStrategy,
    VariantOptions,
)

Render = Callable[[], Template]
COMPONENT = "AWS::SageMaker::InferenceComponent"
KEY_ARN = "arn:aws:kms:us-east-1:000000000000:key/k"
COMPUTE = ComponentCompute(min_memory_mb=1024, max_memory_mb=2048, cpu_cores=0.5, accelerators=1)


@pytest.fixture
def fleet(stack: Stack, role: iam.IRole) -> ComponentEndpoint:
    return ComponentEndpoint(
        stack,
        "Fleet",
        role=role,
        instance_type="ml.m5.xlarge",
        min_instances=2,
        max_instances=4,
        endpoint_name="shared",
    )


def properties(template: Template, kind: str) -> Any:
    (found,) = template.find_resources(kind).values()
    return found["Properties"]


def test_the_fleet_has_a_role_and_no_model(fleet: ComponentEndpoint, template: Render) -> None:
    found = properties(template(), "AWS::SageMaker::EndpointConfig")
    assert found["ExecutionRoleArn"] == "arn:aws:iam::000000000000:role/execution"
    (variant,) = found["ProductionVariants"]
    assert "ModelName" not in variant
    assert variant["InitialInstanceCount"] == 2


def test_sagemaker_keeps_as_many_instances_as_the_copies_need(
    fleet: ComponentEndpoint, template: Render
) -> None:
    (variant,) = properties(template(), "AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["ManagedInstanceScaling"] == {
        "Status": "ENABLED",
        "MinInstanceCount": 2,
        "MaxInstanceCount": 4,
    }


def test_a_component_waits_for_its_endpoint_and_reserves_what_it_needs(
    stack: Stack, fleet: ComponentEndpoint, model: Model, template: Render
) -> None:
    component = InferenceComponent(stack, "Digits", endpoint=fleet, model=model, copies=3, compute=COMPUTE)
    name = stack.resolve(component.component_name)["Fn::Select"]
    assert name[1]["Fn::Split"][1]["Fn::GetAtt"][1] == "InferenceComponentArn"
    rendered = template()
    found = properties(rendered, COMPONENT)
    (endpoint,) = rendered.find_resources("AWS::SageMaker::Endpoint")
    assert found["EndpointName"] == {"Fn::GetAtt": [endpoint, "EndpointName"]}
    assert found["VariantName"] == "live"
    assert found["RuntimeConfig"] == {"CopyCount": 3}
    assert found["Specification"]["ComputeResourceRequirements"] == {
        "MinMemoryRequiredInMb": 1024,
        "MaxMemoryRequiredInMb": 2048,
        "NumberOfCpuCoresRequired": 0.5,
        "NumberOfAcceleratorDevicesRequired": 1,
    }


def test_an_update_goes_batch_by_batch_and_back_on_an_alarm(
    stack: Stack, fleet: ComponentEndpoint, model: Model, template: Render
) -> None:
    alarm = cloudwatch.Alarm.from_alarm_arn(
        stack, "Alarm", "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors"
    )
    update = ComponentRollingUpdate(
        batch_percent=25, wait_seconds=120, timeout_seconds=1200, rollback_percent=100, alarms=[alarm]
    )
    InferenceComponent(
        stack, "Digits", endpoint=fleet, model=model, copies=4, compute=COMPUTE, rolling_update=update
    )
    assert properties(template(), COMPONENT)["DeploymentConfig"] == {
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            "WaitIntervalInSeconds": 120,
            "MaximumExecutionTimeoutInSeconds": 1200,
            "RollbackMaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 100},
        },
    }


def test_rejects_a_component_without_a_copy(stack: Stack, fleet: ComponentEndpoint, model: Model) -> None:
    with pytest.raises(ValueError, match=r"copies must be at least 1, got 0, because .*https://"):
        InferenceComponent(stack, "Digits", endpoint=fleet, model=model, copies=0, compute=COMPUTE)


def test_rejects_a_component_with_many_models(
    stack: Stack, fleet: ComponentEndpoint, role: iam.IRole
) -> None:
    many = ModelContainer(
        image=ContainerImage.scikit_learn("1.2-1", region="us-east-1"),
        artifact=ModelArtifact.many_models("s3://models/many/"),
    )
    model = Model(stack, "Many", source=ModelSource.container(many), role=role)
    with pytest.raises(ValueError, match=r"\[inference-components/multi-model-container: https"):
        InferenceComponent(stack, "Digits", endpoint=fleet, model=model, copies=1, compute=COMPUTE)


def test_rejects_a_component_with_a_network_of_its_own(
    stack: Stack, fleet: ComponentEndpoint, role: iam.IRole
) -> None:
    model = Model(stack, "Isolated", source=ModelSource.image("image"), role=role, network_isolation=True)
    with pytest.raises(ValueError, match="model must have neither a vpc nor network_isolation, because"):
        InferenceComponent(stack, "Digits", endpoint=fleet, model=model, copies=1, compute=COMPUTE)


@pytest.mark.parametrize(("least", "most"), [(-1, 1), (3, 2), (0, 0)])
def test_rejects_a_fleet_whose_bounds_are_out_of_order(
    stack: Stack, role: iam.IRole, least: int, most: int
) -> None:
    with pytest.raises(
        ValueError, match=rf"min_instances must be 0 to max_instances \({most}\), .*got {least}"
    ):
        ComponentEndpoint(
            stack,
            "Fleet",
            role=role,
            instance_type="ml.m5.large",
            min_instances=least,
            max_instances=most,
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"min_memory_mb": 127}, "min_memory_mb must be at least 128, got 127"),
        ({"max_memory_mb": 500}, "max_memory_mb must be at least 1024, got 500"),
        ({"cpu_cores": 0.1}, "cpu_cores must be at least 0.25, got 0.1"),
        ({"accelerators": 0}, "accelerators must be at least 1, got 0"),
    ],
)
def test_rejects_compute_that_cannot_be_reserved(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ComponentCompute(**{"min_memory_mb": 1024, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_percent": 4}, "batch_percent must be 5 to 50, got 4"),
        ({"batch_percent": 51}, "batch_percent must be 5 to 50, got 51"),
        ({"wait_seconds": 3601}, "wait_seconds must be 0 to 3600, got 3601"),
        ({"timeout_seconds": 599}, "timeout_seconds must be 600 to 28800, got 599"),
        ({"rollback_percent": 101}, "rollback_percent must be 5 to 100, got 101"),
        ({"wait_seconds": 600, "timeout_seconds": 1200}, r"must exceed the waits \(1200\), got 1200"),
    ],
)
def test_rejects_an_update_that_cannot_work(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ComponentRollingUpdate(**{"batch_percent": 50, "wait_seconds": 60, **changes})


def test_the_roles_of_the_app_may_read_the_alarms_before_the_component_is_made(
    stack: Stack, model: Model, template: Render
) -> None:
    own = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    shared = ComponentEndpoint(
        stack, "Fleet", role=own, instance_type="ml.m5.xlarge", min_instances=2, max_instances=4
    )
    arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors"
    update = ComponentRollingUpdate(
        batch_percent=25, wait_seconds=120, alarms=[cloudwatch.Alarm.from_alarm_arn(stack, "Alarm", arn)]
    )
    InferenceComponent(
        stack, "Digits", endpoint=shared, model=model, copies=4, compute=COMPUTE, rolling_update=update
    )
    rendered = template()
    ((policy, found),) = rendered.find_resources("AWS::IAM::ManagedPolicy").items()
    (statement,) = found["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("cloudwatch:DescribeAlarms", arn)
    (component,) = rendered.find_resources(COMPONENT).values()
    assert policy in component["DependsOn"]


def test_a_fleet_has_its_own_key_routing_volume_and_metrics(
    stack: Stack, role: iam.IRole, template: Render
) -> None:
    ComponentEndpoint(
        stack,
        "Fleet",
        role=role,
        instance_type="ml.m5.xlarge",
        min_instances=2,
        max_instances=4,
        kms_key=kms.Key.from_key_arn(stack, "Key", KEY_ARN),
        options=VariantOptions(routing=RoutingStrategy.RANDOM, volume_size_gb=50),
        metrics_frequency_seconds=10,
        detailed_observability=True,
    )
    found = properties(template(), "AWS::SageMaker::EndpointConfig")
    (variant,) = found["ProductionVariants"]
    assert found["KmsKeyId"] == KEY_ARN
    assert variant["RoutingConfig"] == {"RoutingStrategy": "RANDOM"}
    assert variant["VolumeSizeInGB"] == 50
    assert found["MetricsConfig"] == {
        "EnableEnhancedMetrics": True,
        "MetricPublishFrequencyInSeconds": 10,
        "EnableDetailedObservability": True,
    }


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"metrics_frequency_seconds": 15}, "metrics-frequency"),
        (
            {"instance_type": "ml.g5.xlarge", "options": VariantOptions(volume_size_gb=50)},
            "volume-size-local",
        ),
        ({"instance_type": "ml.eia2.medium"}, "elastic-inference-retired"),
    ],
)
def test_rejects_a_fleet_that_sagemaker_refuses(
    stack: Stack, role: iam.IRole, changes: dict[str, Any], rule: str
) -> None:
    fields: dict[str, Any] = {"instance_type": "ml.m5.xlarge", "min_instances": 2, "max_instances": 4}
    with pytest.raises(ValueError, match=rf"\[{rule}"):
        ComponentEndpoint(stack, "Fleet", role=role, **{**fields, **changes})


def test_rejects_a_key_for_a_local_disk_of_the_fleet(stack: Stack, role: iam.IRole) -> None:
    key = kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    with pytest.raises(ValueError, match=r"disk of ml.g5.xlarge .*volume-key-local-disk"):
        ComponentEndpoint(
            stack,
            "Fleet",
            role=role,
            instance_type="ml.g5.xlarge",
            min_instances=2,
            max_instances=4,
            kms_key=key,
        )


def test_a_fleet_that_may_go_to_zero_starts_with_one_instance_and_is_warned_of(
    stack: Stack, role: iam.IRole, template: Render
) -> None:
    shared = ComponentEndpoint(
        stack, "Fleet", role=role, instance_type="ml.m5.xlarge", min_instances=0, max_instances=2
    )
    (variant,) = properties(template(), "AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["InitialInstanceCount"] == 1
    assert variant["ManagedInstanceScaling"]["MinInstanceCount"] == 0
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("component-fleet-zero"))
    assert [one.id for one in found] == [f"/{shared.node.path}"]


def test_a_fleet_with_one_instance_is_warned_of_like_a_variant(stack: Stack, role: iam.IRole) -> None:
    ComponentEndpoint(
        stack, "Fleet", role=role, instance_type="ml.m5.xlarge", min_instances=1, max_instances=2
    )
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("one-instance"))
    assert len(found) == 1


def test_all_copies_share_the_network_and_the_isolation_of_the_fleet(
    stack: Stack, role: iam.IRole, template: Render
) -> None:
    ComponentEndpoint(
        stack,
        "Fleet",
        role=role,
        instance_type="ml.m5.xlarge",
        min_instances=2,
        max_instances=4,
        vpc=ec2.Vpc(stack, "Vpc", max_azs=2),
        network_isolation=True,
    )
    rendered = template()
    found = properties(rendered, "AWS::SageMaker::EndpointConfig")
    (group,) = rendered.find_resources("AWS::EC2::SecurityGroup")
    assert found["EnableNetworkIsolation"] is True
    assert found["VpcConfig"]["SecurityGroupIds"] == [{"Fn::GetAtt": [group, "GroupId"]}]
    assert len(found["VpcConfig"]["Subnets"]) == 2


def test_rejects_security_groups_of_a_fleet_without_a_network(stack: Stack, role: iam.IRole) -> None:
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    with pytest.raises(ValueError, match=r"need a vpc, got none \[model-network: https"):
        ComponentEndpoint(
            stack,
            "Fleet",
            role=role,
            instance_type="ml.m5.xlarge",
            min_instances=2,
            max_instances=4,
            security_groups=[group],
        )
