from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import CfnParameter, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from tidegate import ExecutionRole, Model, ModelSource

Render = Callable[[], Template]
MODEL = "AWS::SageMaker::Model"


def test_a_model_from_an_image_has_image_artifact_and_environment(
    stack: Stack, role: iam.IRole, template: Render
) -> None:
    source = ModelSource.image("repo/image@sha256:1", artifact_uri="s3://b/m.tar.gz", environment={"A": "1"})
    Model(stack, "Model", source=source, role=role)
    template().has_resource_properties(
        MODEL,
        {
            "PrimaryContainer": {
                "Image": "repo/image@sha256:1",
                "ModelDataUrl": "s3://b/m.tar.gz",
                "Environment": {"A": "1"},
            }
        },
    )


def test_a_model_package_may_be_a_deploy_time_value(stack: Stack, role: iam.IRole, template: Render) -> None:
    parameter = CfnParameter(stack, "Pointer", type="AWS::SSM::Parameter::Value<String>", default="/live")
    Model(stack, "Model", source=ModelSource.model_package(parameter.value_as_string), role=role)
    template().has_resource_properties(MODEL, {"PrimaryContainer": {"ModelPackageName": {"Ref": "Pointer"}}})


def test_a_model_is_unnamed_and_stays_when_replaced(stack: Stack, model: Model, template: Render) -> None:
    template().has_resource(
        MODEL,
        {
            "UpdateReplacePolicy": "Retain",
            "DeletionPolicy": "Delete",
            "Properties": {"ModelName": Match.absent()},
        },
    )


def test_a_model_waits_for_the_policy_and_not_only_for_the_role(stack: Stack, template: Render) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    s3.Bucket(stack, "Bucket").grant_read(role)
    Model(stack, "Model", source=ModelSource.image("image"), role=role)
    rendered = template()
    (policy,) = rendered.find_resources("AWS::IAM::Policy")
    (found,) = rendered.find_resources(MODEL).values()
    assert policy in found["DependsOn"]


def test_the_execution_role_has_its_policy_before_it_exists(stack: Stack, template: Render) -> None:
    role = ExecutionRole(stack, "Role", endpoint_name="digits", artifact_buckets=[])
    Model(stack, "Model", source=ModelSource.image("image"), role=role.role)
    rendered = template()
    (policy,) = rendered.find_resources("AWS::IAM::ManagedPolicy")
    rendered.has_resource_properties("AWS::IAM::Role", {"ManagedPolicyArns": [{"Ref": policy}]})


def test_network_isolation_and_network_reach_the_model(
    stack: Stack, role: iam.IRole, template: Render
) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-1"]
    )
    Model(stack, "Model", source=ModelSource.image("image"), role=role, vpc=vpc, network_isolation=True)
    template().has_resource_properties(
        MODEL,
        {
            "EnableNetworkIsolation": True,
            "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": [Match.any_value()]},
        },
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "exactly one of image_uri and model_package_arn must be set, got None and None"),
        ({"image_uri": "i", "model_package_arn": "arn:x"}, "exactly one of"),
        (
            {"image_uri": "i", "artifact_uri": "http://x"},
            "artifact_uri must start with s3://, got 'http://x'",
        ),
        ({"model_package_arn": "digits"}, "model_package_arn must be an ARN, got 'digits'"),
    ],
)
def test_rejects_an_impossible_source(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ModelSource(**fields)


def test_rejects_subnets_without_a_network(stack: Stack, role: iam.IRole) -> None:
    with pytest.raises(ValueError, match=r"need a vpc, got none"):
        Model(
            stack,
            "Model",
            source=ModelSource.image("image"),
            role=role,
            vpc_subnets=ec2.SubnetSelection(),
        )
