"""The gate's adapters say what SageMaker, S3 and CloudWatch say, in the words of the ports."""

import io
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tidegate_runtime.adapters.asked_models import RegistrySpecifications, SageMakerModels
from tidegate_runtime.adapters.bucket import BucketObjects
from tidegate_runtime.adapters.named_alarms import CloudWatchNamedAlarms
from tidegate_runtime.adapters.stack_outputs import StackOutputs
from tidegate_runtime.adapters.transforms import SageMakerTransforms
from tidegate_runtime.errors import Denied, NotApproved, QuotaExceeded, Rejected, Throttled
from tidegate_runtime.validation.ports import Transform

ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/7"
TRANSFORM: dict[str, Any] = {
    "TransformJobName": "t",
    "TransformJobArn": "arn:aws:sagemaker:us-east-1:000000000000:transform-job/t",
    "ModelName": "t",
    "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/i"}}},
    "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    "CreationTime": 1,
}


class Service:
    """A client with scripted answers."""

    def __init__(self, name: str) -> None:
        self.client: Any = boto3.client(
            name,  # type: ignore[call-overload]
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self.stub = Stubber(self.client)
        self.stub.activate()

    def answers(self, operation: str, answer: dict[str, Any]) -> None:
        self.stub.add_response(operation, answer)

    def refuses(self, operation: str, code: str, message: str) -> None:
        self.stub.add_client_error(operation, code, message, http_status_code=400)


@pytest.fixture
def sagemaker() -> Service:
    return Service("sagemaker")


@pytest.fixture
def s3() -> Service:
    return Service("s3")


def test_a_job_is_told_with_its_status_and_reason(sagemaker: Service) -> None:
    job = {**TRANSFORM, "TransformJobStatus": "Failed", "FailureReason": "AlgorithmError"}
    sagemaker.answers("describe_transform_job", job)
    found = SageMakerTransforms(sagemaker.client).describe("t")
    assert found == Transform(status="Failed", reason="AlgorithmError")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ResourceNotFound", "Requested resource not found: arn"),
        ("ValidationException", "Could not find requested job with name: t"),
    ],
)
def test_a_job_that_is_not_there_is_none(sagemaker: Service, code: str, message: str) -> None:
    sagemaker.refuses("describe_transform_job", code, message)
    assert SageMakerTransforms(sagemaker.client).describe("t") is None


def test_what_was_started_before_counts_as_started(sagemaker: Service) -> None:
    transforms = SageMakerTransforms(sagemaker.client)
    sagemaker.refuses("create_model", "ValidationException", 'Cannot create already existing model "arn".')
    SageMakerModels(sagemaker.client).create(
        {"ModelName": "t", "ExecutionRoleArn": "arn:aws:iam::000000000000:role/r"}
    )
    message = (
        "Job name must be unique within an AWS account and region, and a job with this name already exists"
    )
    sagemaker.refuses("create_transform_job", "ResourceInUse", message)
    start = {name: TRANSFORM[name] for name in TRANSFORM if name not in ("TransformJobArn", "CreationTime")}
    transforms.start({**start, "TransformOutput": {"S3OutputPath": "s3://b/o"}})
    sagemaker.stub.assert_no_pending_responses()


def test_what_has_ended_or_is_gone_needs_no_stopping_and_no_deleting(sagemaker: Service) -> None:
    transforms = SageMakerTransforms(sagemaker.client)
    refused = "The request was rejected because the transform job is in status Completed."
    sagemaker.refuses("stop_transform_job", "ValidationException", refused)
    transforms.stop("t")
    sagemaker.refuses("delete_model", "ValidationException", 'Could not find model "arn".')
    SageMakerModels(sagemaker.client).delete("t")
    sagemaker.stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ResourceLimitExceeded", QuotaExceeded),
        ("AccessDeniedException", Denied),
        ("ThrottlingException", Throttled),
        ("ValidationException", Rejected),
    ],
)
def test_every_other_refusal_is_told_by_its_kind(
    sagemaker: Service, code: str, error: type[Exception]
) -> None:
    sagemaker.refuses("delete_model", code, "no")
    with pytest.raises(error):
        SageMakerModels(sagemaker.client).delete("t")


def test_containers_are_those_of_the_package_as_create_model_takes_them(sagemaker: Service) -> None:
    container = {
        "Image": "image:1",
        "ImageDigest": "sha256:0",
        "ModelDataUrl": "s3://b/m.tar.gz",
        "Environment": {"A": "1"},
        "Framework": "SKLEARN",
    }
    package = {
        "ModelPackageName": "digits/7",
        "ModelPackageArn": ARN,
        "CreationTime": 1,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
    }
    sagemaker.answers(
        "describe_model_package", {**package, "InferenceSpecification": {"Containers": [container]}}
    )
    specifications = RegistrySpecifications(sagemaker.client)
    kept = {name: container[name] for name in ("Environment", "Image", "ModelDataUrl")}
    assert specifications.containers(ARN) == [kept]
    sagemaker.answers("describe_model_package", package)
    with pytest.raises(NotApproved, match="has no inference specification"):
        specifications.containers(ARN)
    sagemaker.refuses("describe_model_package", "ValidationException", f"ModelPackage {ARN} does not exist.")
    with pytest.raises(NotApproved, match="does not exist"):
        specifications.containers(ARN)


def test_an_object_that_is_not_there_is_none_and_one_that_may_not_be_read_is_not(s3: Service) -> None:
    objects = BucketObjects(s3.client, bucket="b")
    assert objects.uri("k") == "s3://b/k"
    s3.answers("get_object", {"Body": io.BytesIO(b"[1]")})
    assert objects.read("k") == b"[1]"
    s3.refuses("get_object", "NoSuchKey", "The specified key does not exist.")
    assert objects.read("k") is None
    # Who may list this one prefix only hears of a missing object that it may not be read.
    s3.refuses("get_object", "AccessDenied", "Access Denied")
    s3.answers("list_objects_v2", {"KeyCount": 0})
    assert objects.read("k") is None
    s3.refuses("get_object", "AccessDenied", "Access Denied")
    s3.answers("list_objects_v2", {"KeyCount": 1})
    with pytest.raises(Denied):
        objects.read("k")
    s3.refuses("get_object", "AccessDenied", "Access Denied")
    s3.refuses("list_objects_v2", "AccessDenied", "Access Denied")
    with pytest.raises(Denied):
        objects.read("k")
    s3.stub.assert_no_pending_responses()


def test_alarms_are_told_with_state_and_reason_composite_ones_too() -> None:
    cloudwatch = Service("cloudwatch")
    metric = {"AlarmName": "digits-live-5xx", "StateValue": "ALARM", "StateReason": "3 datapoints"}
    composite = {"AlarmName": "digits-service", "StateValue": "OK", "StateReason": "quiet"}
    cloudwatch.answers("describe_alarms", {"MetricAlarms": [metric], "CompositeAlarms": [composite]})
    found = CloudWatchNamedAlarms(cloudwatch.client).find(["digits-live-5xx", "digits-service", "none"])
    assert {name: (alarm.state, alarm.reason) for name, alarm in found.items()} == {
        "digits-live-5xx": ("ALARM", "3 datapoints"),
        "digits-service": ("OK", "quiet"),
    }


def test_a_stack_that_is_not_there_has_no_outputs() -> None:
    cloudformation = Service("cloudformation")
    cloudformation.refuses("describe_stacks", "ValidationError", "Stack with id s does not exist")
    assert StackOutputs(cloudformation.client).of("s") == {}
