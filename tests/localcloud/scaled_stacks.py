"""Stacks with a scaled endpoint, and custom resources before and behind it, on a running local cloud."""

import io
import json
import tarfile
import time
import zipfile
from collections.abc import Mapping
from typing import Any

from tests.localcloud.running_cloud import clients

SCRIPT = "def model_fn(folder):\n    return 1\n\ndef predict_fn(data, model):\n    return {}\n"
# Answers CloudFormation, and remembers what it was asked.
RECORDER = """
import json, urllib.request
asked = []
def handle(event, context):
    if "RequestType" not in event:
        return asked
    asked.append(event)
    names = ("StackId", "RequestId", "LogicalResourceId")
    answer = {name: event[name] for name in names} | {"Status": "SUCCESS", "PhysicalResourceId": "x"}
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
    urllib.request.urlopen(request)
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "*"}, "Action": "sts:AssumeRole"}],
}
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
TRACKING = {
    "TargetValue": 1000,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
}
STEPS = {
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
}
SMALL = {"live": "ml.m5.large", "second": "ml.m5.large"}


class Cloud:
    """A running cloud, with stacks of a custom resource, an endpoint behind it, and scaling behind that."""

    def __init__(self, url: str) -> None:
        self.client = clients(url)
        self.stacks, self.scaling = self.client("cloudformation"), self.client("application-autoscaling")
        self.role = self.client("iam").create_role(
            RoleName="any", AssumeRolePolicyDocument=json.dumps(TRUST)
        )["Role"]["Arn"]
        self.recorder = self._function()
        self._upload()

    def deploy(self, name: str, change: str, **template: Any) -> dict[str, Any]:
        """Create or update a stack and wait until it is at rest."""
        getattr(self.stacks, f"{change}_stack")(
            StackName=name, TemplateBody=json.dumps(self.template(name, **template))
        )
        deadline = time.monotonic() + 60
        while True:
            stack: dict[str, Any] = self.stacks.describe_stacks(StackName=name)["Stacks"][0]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                return stack
            assert time.monotonic() < deadline, stack
            time.sleep(0.05)

    def template(
        self,
        name: str,
        *,
        types: Mapping[str, str] = SMALL,
        seen: str = "1",
        fails: bool = False,
        note: str = "",
    ) -> dict[str, Any]:
        container = {
            "Image": "000000000000.dkr.ecr.us-east-1.amazonaws.com/sklearn:1",
            "ModelDataUrl": "s3://models/model",
        }
        resources: dict[str, Any] = {
            "Model": _resource("SageMaker::Model", ExecutionRoleArn=self.role, PrimaryContainer=container),
            "Config": _resource("SageMaker::EndpointConfig", ProductionVariants=_variants(types)),
            "Before": self._custom(Seen=seen),
            "Endpoint": {
                **_resource(
                    "SageMaker::Endpoint",
                    EndpointName=name,
                    EndpointConfigName={"Fn::GetAtt": ["Config", "EndpointConfigName"]},
                ),
                "DependsOn": "Before",
            },
            "Target": _target(name),
            "Policy": _resource(
                "ApplicationAutoScaling::ScalingPolicy",
                PolicyName="track",
                PolicyType="TargetTrackingScaling",
                ScalingTargetId={"Ref": "Target"},
                TargetTrackingScalingPolicyConfiguration=TRACKING,
            ),
            "After": {**self._custom(Seen=seen), "DependsOn": ["Policy"]},
            "Topic": _resource("SNS::Topic", DisplayName=note or "none"),
        }
        if fails:
            bad = _resource("SageMaker::EndpointConfig", ProductionVariants=[])
            resources["Fails"] = {**bad, "DependsOn": "After"}
        return {"Resources": resources}

    def targets(self, name: str) -> list[str]:
        found = self.scaling.describe_scalable_targets(
            ServiceNamespace="sagemaker",
            ResourceIds=[f"endpoint/{name}/variant/live"],
            ScalableDimension=DIMENSION,
        )
        return [each["ResourceId"] for each in found["ScalableTargets"]]

    def deregister(self, name: str) -> None:
        self.scaling.deregister_scalable_target(**self.key(name))

    def key(self, name: str) -> dict[str, str]:
        return {
            "ServiceNamespace": "sagemaker",
            "ResourceId": f"endpoint/{name}/variant/live",
            "ScalableDimension": DIMENSION,
        }

    def asked(self, name: str) -> list[tuple[str, str, str]]:
        """Return what the custom resources of a stack were asked: resource, request type, property."""
        answer = self.client("lambda").invoke(FunctionName="recorder", Payload=b"{}")
        return [
            (event["LogicalResourceId"], event["RequestType"], event["ResourceProperties"]["Seen"])
            for event in json.loads(answer["Payload"].read())
            if f"/{name}/" in event["StackId"]
        ]

    def reasons(self, name: str, logical_id: str) -> list[str]:
        events = self.stacks.describe_stack_events(StackName=name)["StackEvents"]
        return [
            event.get("ResourceStatusReason", "")
            for event in events
            if event["LogicalResourceId"] == logical_id and event["ResourceStatus"].endswith("FAILED")
        ]

    def statuses(self, name: str) -> list[tuple[str, str]]:
        """Return the events since the way back began, oldest first."""
        events = self.stacks.describe_stack_events(StackName=name)["StackEvents"]
        found = [(event["LogicalResourceId"], event["ResourceStatus"]) for event in reversed(events)]
        start = max(i for i, one in enumerate(found) if one[1] == "UPDATE_ROLLBACK_IN_PROGRESS")
        return found[start + 1 :]

    def types(self, name: str) -> dict[str, str]:
        sagemaker = self.client("sagemaker")
        config = sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
        variants = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
        return {each["VariantName"]: each["InstanceType"] for each in variants}

    def _custom(self, **properties: str) -> dict[str, Any]:
        return {"Type": "Custom::Recorder", "Properties": {"ServiceToken": self.recorder, **properties}}

    def _function(self) -> str:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as code:
            code.writestr("index.py", RECORDER)
        created = self.client("lambda").create_function(
            FunctionName="recorder",
            Runtime="python3.14",
            Role=self.role,
            Handler="index.handle",
            Code={"ZipFile": archive.getvalue()},
            Timeout=10,
        )
        return str(created["FunctionArn"])

    def _upload(self) -> None:
        buffer, member = io.BytesIO(), tarfile.TarInfo("code/inference.py")
        member.size = len(SCRIPT)
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            archive.addfile(member, io.BytesIO(SCRIPT.encode()))
        s3 = self.client("s3")
        s3.create_bucket(Bucket="models")
        s3.put_object(Bucket="models", Key="model", Body=buffer.getvalue())


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def _target(name: str) -> dict[str, Any]:
    target = _resource(
        "ApplicationAutoScaling::ScalableTarget",
        ServiceNamespace="sagemaker",
        ScalableDimension=DIMENSION,
        ResourceId=f"endpoint/{name}/variant/live",
        MinCapacity=1,
        MaxCapacity=2,
    )
    return {**target, "DependsOn": "Endpoint"}


def _variants(types: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "VariantName": name,
            "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
            "InstanceType": kind,
            "InitialInstanceCount": 1,
            "InitialVariantWeight": 1,
        }
        for name, kind in types.items()
    ]
