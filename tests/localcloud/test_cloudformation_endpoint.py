"""A stack with a real endpoint: created, updated, and rolled back with it when SageMaker rolls back."""

import io
import json
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.running_cloud import clients, running

SCRIPT = """
def model_fn(model_dir):
    return {version!r}

def predict_fn(data, model):
    return {{"version": model}}
"""
BROKEN = "def model_fn(model_dir):\n    raise RuntimeError('no weights')\n"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
CONTAINER = {
    "Image": "000000000000.dkr.ecr.us-east-1.amazonaws.com/sklearn:1",
    "ModelDataUrl": {"Ref": "Artifact"},
}
VARIANT = {
    "VariantName": "live",
    "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 1,
    "InitialVariantWeight": 1,
}
TEMPLATE = {
    "Parameters": {"Artifact": {"Type": "String"}},
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
        "Model": {
            "Type": "AWS::SageMaker::Model",
            "UpdateReplacePolicy": "Retain",
            "DeletionPolicy": "Retain",
            "Properties": {
                "ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "PrimaryContainer": CONTAINER,
            },
        },
        "Config": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "UpdateReplacePolicy": "Retain",
            "Properties": {"ProductionVariants": [VARIANT]},
        },
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                "EndpointName": "digits",
                "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
            },
        },
    },
    "Outputs": {"Config": {"Value": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}}},
}


class Cloud:
    """A running cloud with three artifacts in S3: v1, v2 and a broken one."""

    def __init__(self, url: str) -> None:
        self.client = clients(url)
        self.stacks = self.client("cloudformation")
        self.sagemaker = self.client("sagemaker")
        self.client("s3").create_bucket(Bucket="models")
        for version, script in (("v1", SCRIPT), ("v2", SCRIPT), ("broken", BROKEN)):
            self._upload(version, script.format(version=version))

    def deploy(self, version: str, change: Callable[..., Any]) -> dict[str, Any]:
        parameter = {"ParameterKey": "Artifact", "ParameterValue": f"s3://models/{version}"}
        change(
            StackName="hosting",
            TemplateBody=json.dumps(TEMPLATE),
            Parameters=[parameter],
            Capabilities=["CAPABILITY_IAM"],
        )
        return self.settled()

    def settled(self) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while True:
            stack: dict[str, Any] = self.stacks.describe_stacks(StackName="hosting")["Stacks"][0]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                return stack
            assert time.monotonic() < deadline, stack
            time.sleep(0.05)

    def config(self) -> str:
        return str(self.sagemaker.describe_endpoint(EndpointName="digits")["EndpointConfigName"])

    def serving(self) -> str:
        answer = self.client("sagemaker-runtime").invoke_endpoint(
            EndpointName="digits", Body=b"{}", ContentType="application/json"
        )
        return str(json.loads(answer["Body"].read())["version"])

    def _upload(self, version: str, script: str) -> None:
        buffer, member = io.BytesIO(), tarfile.TarInfo("code/inference.py")
        member.size = len(script)
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            archive.addfile(member, io.BytesIO(script.encode()))
        self.client("s3").put_object(Bucket="models", Key=version, Body=buffer.getvalue())


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with running(tmp_path, "--time-scale", "600") as url:
        yield Cloud(url)


def test_a_stack_follows_its_endpoint_forward_and_back(cloud: Cloud) -> None:
    # GIVEN a stack whose endpoint serves v1
    created = cloud.deploy("v1", cloud.stacks.create_stack)
    assert created["StackStatus"] == "CREATE_COMPLETE"
    assert cloud.serving() == "v1"
    first = cloud.config()
    assert created["Outputs"][0]["OutputValue"] == first

    # WHEN the artifact changes THEN model and config are replaced and the endpoint moves
    assert cloud.deploy("v2", cloud.stacks.update_stack)["StackStatus"] == "UPDATE_COMPLETE"
    assert cloud.serving() == "v2"
    second = cloud.config()
    assert second != first
    assert cloud.sagemaker.describe_endpoint_config(EndpointConfigName=first)["EndpointConfigName"] == first

    # WHEN SageMaker rolls an update back THEN the stack rolls back to the same physical resources
    failed = cloud.deploy("broken", cloud.stacks.update_stack)
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert cloud.config() == second == failed["Outputs"][0]["OutputValue"]
    assert cloud.serving() == "v2"
    reasons = [
        event.get("ResourceStatusReason", "")
        for event in cloud.stacks.describe_stack_events(StackName="hosting")["StackEvents"]
        if event["ResourceStatus"] == "UPDATE_FAILED"
    ]
    assert f"it runs {second}" in reasons[0]

    # WHEN the stack is deleted THEN the endpoint is gone and the retained models are not
    cloud.stacks.delete_stack(StackName="hosting")
    assert wait_until_gone(cloud)
    assert len(cloud.sagemaker.list_models()["Models"]) == 3


def test_rejects_an_endpoint_whose_model_does_not_load(cloud: Cloud) -> None:
    created = cloud.deploy("broken", cloud.stacks.create_stack)
    assert created["StackStatus"] == "ROLLBACK_COMPLETE"
    assert wait_until_gone(cloud)
    reasons = [
        event.get("ResourceStatusReason", "")
        for event in cloud.stacks.describe_stack_events(StackName="hosting")["StackEvents"]
        if event["ResourceStatus"] == "CREATE_FAILED"
    ]
    assert "endpoint digits is Failed" in reasons[0]


def wait_until_gone(cloud: Cloud) -> bool:
    for _ in range(400):
        try:
            cloud.sagemaker.describe_endpoint(EndpointName="digits")
        except ClientError:
            return True
        time.sleep(0.05)
    return False
