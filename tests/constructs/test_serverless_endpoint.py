from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template

from tidegate import Model, ModelSource, Serverless, ServerlessEndpoint

Render = Callable[[], Template]
CONFIG = "AWS::SageMaker::EndpointConfig"
PAGE = "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html"
SIZE = Serverless.on_demand(memory_mb=2048, max_concurrency=20)


def config(template: Template) -> Any:
    (found,) = template.find_resources(CONFIG).values()
    return found["Properties"]


def test_the_only_variant_has_memory_and_concurrency_and_no_instances(
    stack: Stack, model: Model, template: Render
) -> None:
    ServerlessEndpoint(stack, "Endpoint", model=model, serverless=SIZE)
    (variant,) = config(template())["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 20}
    assert set(variant) == {"VariantName", "ModelName", "InitialVariantWeight", "ServerlessConfig"}


def test_warm_workers_are_provisioned(stack: Stack, model: Model, template: Render) -> None:
    warm = Serverless.warm(memory_mb=1024, max_concurrency=5, provisioned_concurrency=5)
    ServerlessEndpoint(stack, "Endpoint", model=model, serverless=warm)
    assert config(template())["ProductionVariants"][0]["ServerlessConfig"]["ProvisionedConcurrency"] == 5


def test_only_the_endpoint_is_named_and_the_replaced_configuration_stays(
    stack: Stack, model: Model, template: Render
) -> None:
    ServerlessEndpoint(stack, "Endpoint", model=model, serverless=SIZE, endpoint_name="quiet")
    rendered = template()
    rendered.has_resource_properties("AWS::SageMaker::Endpoint", {"EndpointName": "quiet"})
    rendered.has_resource(
        CONFIG,
        {"UpdateReplacePolicy": "Retain", "Properties": {"EndpointConfigName": Match.absent()}},
    )


def test_invoking_is_granted_on_this_endpoint_only(stack: Stack, model: Model, template: Render) -> None:
    endpoint = ServerlessEndpoint(stack, "Endpoint", model=model, serverless=SIZE, endpoint_name="Quiet")
    endpoint.grant_invoke(iam.User(stack, "Client"))
    (policy,) = template().find_resources("AWS::IAM::Policy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "sagemaker:InvokeEndpoint"
    assert statement["Resource"]["Fn::Join"][1][-1].endswith(":endpoint/quiet")


def test_metrics_carry_endpoint_and_variant(stack: Stack, model: Model) -> None:
    endpoint = ServerlessEndpoint(stack, "Endpoint", model=model, serverless=SIZE, endpoint_name="quiet")
    for metric in (
        endpoint.metric_invocations(),
        endpoint.metric_cold_start(),
        endpoint.metric_memory_utilization(),
    ):
        assert metric.dimensions == {"EndpointName": "quiet", "VariantName": "live"}


@pytest.mark.parametrize("memory_mb", [0, 512, 1500, 7168])
def test_rejects_a_memory_size_that_is_not_sold(memory_mb: int) -> None:
    with pytest.raises(
        ValueError,
        match=rf"memory_mb must be 1024 to 6144 in steps of 1024, got {memory_mb}, because .*https://",
    ):
        Serverless.on_demand(memory_mb=memory_mb, max_concurrency=1)


@pytest.mark.parametrize("memory_mb", range(1024, 6145, 1024))
def test_every_memory_size_that_is_sold_is_accepted(memory_mb: int) -> None:
    assert Serverless.on_demand(memory_mb=memory_mb, max_concurrency=200).memory_mb == memory_mb


@pytest.mark.parametrize("concurrency", [0, 201])
def test_rejects_a_concurrency_beyond_the_bound(concurrency: int) -> None:
    with pytest.raises(ValueError, match=f"max_concurrency must be 1 to 200, got {concurrency}"):
        Serverless.on_demand(memory_mb=1024, max_concurrency=concurrency)


@pytest.mark.parametrize("warm", [0, 6])
def test_rejects_more_warm_workers_than_workers(warm: int) -> None:
    with pytest.raises(ValueError, match=rf"must be 1 to max_concurrency \(5\), got {warm}"):
        Serverless.warm(memory_mb=1024, max_concurrency=5, provisioned_concurrency=warm)


def test_rejects_all_faults_of_a_size_at_once() -> None:
    with pytest.raises(ValueError, match=r"memory_mb.*; max_concurrency.*; provisioned_concurrency"):
        Serverless(memory_mb=1, max_concurrency=0, provisioned_concurrency=1)


def test_rejects_a_model_in_a_vpc_with_reason_and_page(stack: Stack, role: iam.IRole) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-1"]
    )
    model = Model(stack, "Model", source=ModelSource.image("image"), role=role, vpc=vpc)
    with pytest.raises(ValueError, match=rf"vpc: .*\[serverless/vpc: {PAGE}\]"):
        ServerlessEndpoint(stack, "Endpoint", model=model, serverless=SIZE)


def test_rejects_a_model_with_network_isolation(stack: Stack, role: iam.IRole) -> None:
    model = Model(stack, "Model", source=ModelSource.image("image"), role=role, network_isolation=True)
    with pytest.raises(ValueError, match=r"\[serverless/network-isolation: "):
        ServerlessEndpoint(stack, "Endpoint", model=model, serverless=SIZE)


def test_rejects_a_custom_image_of_another_account(stack: Stack, role: iam.IRole) -> None:
    image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine@sha256:" + "0" * 64
    model = Model(stack, "Model", source=ModelSource.image(image), role=role)
    with pytest.raises(ValueError, match="needs its own image in account 000000000000, got 1111"):
        ServerlessEndpoint(stack, "Endpoint", model=model, serverless=SIZE)


@pytest.mark.parametrize("account", ["000000000000", "763104351884", "683313688378", "626614931356"])
def test_images_of_the_same_account_and_of_aws_are_accepted(
    stack: Stack, role: iam.IRole, account: str
) -> None:
    image = f"{account}.dkr.ecr.us-east-1.amazonaws.com/some@sha256:" + "0" * 64
    model = Model(stack, "Model", source=ModelSource.image(image), role=role)
    assert ServerlessEndpoint(stack, "Endpoint", model=model, serverless=SIZE).variant_name == "live"


def test_rejects_names_that_sagemaker_refuses(stack: Stack, model: Model) -> None:
    with pytest.raises(ValueError, match=r"variant_name must be letters.*; endpoint_name must be at most 63"):
        ServerlessEndpoint(
            stack,
            "Endpoint",
            model=model,
            serverless=SIZE,
            variant_name="a_b",
            endpoint_name="x" * 64,
        )
