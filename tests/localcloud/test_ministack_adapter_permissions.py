"""Calls to the emulated services need the IAM permissions that AWS documents."""

from typing import Any

import pytest

from localcloud.ministack_adapter.permissions import Permission, required_permissions

ARN = "arn:aws:sagemaker:us-east-1:000000000000:"
ROLE = "arn:aws:iam::000000000000:role/execution"


def needed(operation: str, request: dict[str, Any], service: str = "sagemaker") -> tuple[Permission, ...]:
    return required_permissions(
        service=service, operation=operation, request=request, region="us-east-1", account="000000000000"
    )


def resources(operation: str, request: dict[str, Any]) -> list[str]:
    return [permission.resource for permission in needed(operation, request)]


def test_updating_an_endpoint_needs_the_endpoint_and_the_config() -> None:
    request = {"EndpointName": "digits", "EndpointConfigName": "two"}
    assert resources("UpdateEndpoint", request) == [f"{ARN}endpoint/digits", f"{ARN}endpoint-config/two"]


def test_creating_a_model_needs_to_pass_the_execution_role_to_sagemaker() -> None:
    own, passed = needed("CreateModel", {"ModelName": "m", "ExecutionRoleArn": ROLE})
    assert own == Permission(action="sagemaker:CreateModel", resource=f"{ARN}model/m")
    assert passed == Permission(action="iam:PassRole", resource=ROLE, passed_to="sagemaker.amazonaws.com")


@pytest.mark.parametrize(
    ("operation", "request_", "resource"),
    [
        ("InvokeEndpoint", {"EndpointName": "digits"}, f"{ARN}endpoint/digits"),
        (
            "CreateInferenceComponent",
            {"InferenceComponentName": "cats", "EndpointName": "digits"},
            f"{ARN}inference-component/cats",
        ),
        (
            "DescribeModelPackage",
            {"ModelPackageName": f"{ARN}model-package/digits/3"},
            f"{ARN}model-package/digits/3",
        ),
        ("CreateModelPackage", {"ModelPackageGroupName": "digits"}, f"{ARN}model-package/digits/*"),
        ("CreateTransformJob", {"TransformJobName": "t", "ModelName": "m"}, f"{ARN}transform-job/t"),
        ("StartPipelineExecution", {"PipelineName": "p"}, f"{ARN}pipeline/p"),
        (
            "ListPipelineExecutionSteps",
            {"PipelineExecutionArn": f"{ARN}pipeline/p/execution/e"},
            f"{ARN}pipeline/p/execution/e",
        ),
        ("ListModelPackages", {"ModelPackageGroupName": "digits"}, f"{ARN}model-package/digits/*"),
        ("ListModelPackages", {}, "*"),
        ("ListTags", {"ResourceArn": f"{ARN}endpoint/digits"}, f"{ARN}endpoint/digits"),
        ("SomethingNew", {}, "*"),
    ],
)
def test_each_call_names_the_resource_it_touches(
    operation: str, request_: dict[str, Any], resource: str
) -> None:
    assert resources(operation, request_) == [resource]


def test_scaling_reads_everything_and_writes_targets() -> None:
    scaling = "application-autoscaling"
    assert needed("DescribeScalableTargets", {}, scaling)[0].resource == "*"
    assert needed("RegisterScalableTarget", {}, scaling)[0].resource.endswith(":scalable-target/*")


def test_a_call_that_names_alarms_needs_each_of_them() -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""
    one, other = needed("DescribeAlarms", {"AlarmNames": ["a", "b"]}, "monitoring")
    assert one == Permission(
        action="cloudwatch:DescribeAlarms", resource="arn:aws:cloudwatch:us-east-1:000000000000:alarm:a"
    )
    assert other.resource.endswith(":alarm:b")
