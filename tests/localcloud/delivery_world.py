"""An environment on a local cloud: a foundation, three digits versions, and a role for delivery jobs."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from deliver.request import At
from tidegate import SampleRequests, ValidationGate
from tidegate._gate_needs import GATE_NEEDS
from tidegate._permissions import allow, policy_document
from tidegate._targets import Place, Targets
from tidegate_cli.rehearsal.models import TrainedModel, load_data, train_all
from tidegate_cli.rehearsal.registry import IMAGE
from tidegate_cli.rehearsal.training import labelled_rows

NAME, BUCKET, ACCOUNT = "digits-staging", "digits-artifacts", "000000000000"
EXECUTION_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/digits-execution"
DELIVERY_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/digits-staging-delivery"
POINTER: Final = "/tidegate/staging/digits/live-model-package"
PLACE: Final = Place(partition="aws", region="us-east-1", account=ACCOUNT)
TARGETS: Final = Targets(
    place=PLACE,
    endpoint_name=NAME,
    group_name=NAME,
    pointer_parameter=POINTER,
    hosting_stack=f"{NAME}-hosting",
    ledger_arn=PLACE.arn("dynamodb", "table/ledger"),
    execution_role_arn=EXECUTION_ROLE,
    bucket_arns=[f"arn:aws:s3:::{BUCKET}"],
)
AT: Final = At(environment="staging", role=DELIVERY_ROLE, region="us-east-1", name=NAME, pointer=POINTER)
OUTPUTS: Final = allow(
    "ReadOutputs",
    ["cloudformation:DescribeStacks"],
    [PLACE.arn("cloudformation", f"stack/{NAME}-foundation/*")],
)
Client = Callable[[str], Any]
Way = Literal["batch_transform", "endpoint"]


def put_up(client: Client, folder: Path) -> Mapping[str, str]:
    """Put up what an environment has; return the three digits versions by name, none of them approved."""
    models = train_all(load_data(), folder)
    template = {
        "Resources": {"Artifacts": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": BUCKET}}},
        "Outputs": {
            "ArtifactBucket": {"Value": {"Ref": "Artifacts"}},
            "ExecutionRole": {"Value": EXECUTION_ROLE},
        },
    }
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName=f"{NAME}-foundation", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=f"{NAME}-foundation", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    client("sagemaker").create_model_package_group(ModelPackageGroupName=NAME)
    found = {model.version: _registered(client, model) for model in models}
    client("ssm").put_parameter(Name=POINTER, Value=found["v2"], Type="String")
    return found


def _registered(client: Client, model: TrainedModel) -> str:
    key = f"models/{model.version}.tar.gz"
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=model.archive.read_bytes())
    kinds = {name: ["application/json"] for name in ("SupportedContentTypes", "SupportedResponseMIMETypes")}
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/{key}"}
    answer = client("sagemaker").create_model_package(
        ModelPackageGroupName=NAME, InferenceSpecification={"Containers": [container], **kinds}
    )
    return str(answer["ModelPackageArn"])


def put_up_role(client: Client) -> None:
    """Let the delivery role do what the jobs' needs say, and nothing else."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    client("iam").create_role(
        RoleName=DELIVERY_ROLE.rpartition("/")[2],
        AssumeRolePolicyDocument=json.dumps(policy_document([trust])),
    )
    allow_jobs(client)


def allow_jobs(client: Client, *, validate: str = "validate", without: str = "") -> None:
    """Give the role the permissions of the jobs, but for one statement.

    Args:
        client: Makes clients.
        validate: What the permissions of the job `validate` are called, by the way in which it asks.
        without: Name of the statement.

    """
    jobs = ("smoke", "bake", validate)
    needs = [one for job in jobs for one in GATE_NEEDS[job](TARGETS) if one["Sid"] != without]
    client("iam").put_role_policy(
        RoleName=DELIVERY_ROLE.rpartition("/")[2],
        PolicyName="jobs",
        PolicyDocument=json.dumps(policy_document([OUTPUTS, *needs])),
    )


def gate(*, by: Way = "batch_transform") -> ValidationGate:
    rows, labels = load_data().held_out
    return ValidationGate(
        data=labelled_rows(rows, labels),
        metric="accuracy",
        prediction="/predictions/0",
        instance_type="ml.m5.large",
        by=by,
        max_worse=0.02,
        at_least=0.9,
    )


def requests() -> SampleRequests:
    row, label = (part[0] for part in load_data().held_out)
    body = {"instances": [list(map(float, row))]}
    expect = {"equals": {"model_version": "v2", "predictions": [int(label)]}}
    return SampleRequests(document={"samples": [{"name": "first", "body": body, "expect": expect}]})
