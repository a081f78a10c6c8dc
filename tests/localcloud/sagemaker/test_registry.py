import json

import pytest

from localcloud.errors import AwsError, NotEmulated
from localcloud.protocol import handle_json
from tests.localcloud.sagemaker.objects_world import ROLE
from tests.localcloud.sagemaker.sagemaker_world import World

GOOD = "s3://models/good.tar.gz"
STATE_CHANGE = "SageMaker Model Package State Change"


def register(world: World, group: str = "digits", **more: object) -> str:
    container = {"Image": "image:1", "ModelDataUrl": GOOD, "Environment": {"A": "package", "B": "package"}}
    specification = {
        "Containers": [container],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    request = {"ModelPackageGroupName": group, "InferenceSpecification": specification, **more}
    return str(world.call("CreateModelPackage", **request)["ModelPackageArn"])


@pytest.fixture
def digits(world: World) -> World:
    world.call("CreateModelPackageGroup", ModelPackageGroupName="digits")
    return world


def test_versions_count_up_and_a_deleted_number_is_not_used_again(digits: World) -> None:
    assert [register(digits).rpartition("/")[2] for _ in range(2)] == ["1", "2"]
    digits.call("DeleteModelPackage", ModelPackageName=register(digits))
    assert register(digits).endswith(":model-package/digits/4")


def test_creating_and_approving_a_version_put_one_event_each_on_the_bus(digits: World) -> None:
    arn = register(digits, CustomerMetadataProperties={"commit": "abc"})
    digits.call("UpdateModelPackage", ModelPackageArn=arn, ApprovalDescription="not yet")
    digits.call("UpdateModelPackage", ModelPackageArn=arn, ModelApprovalStatus="Approved")
    digits.call("UpdateModelPackage", ModelPackageArn=arn, ModelApprovalStatus="Approved")
    events = [event for event in digits.events if event[1] == STATE_CHANGE]
    assert [event[2]["ModelApprovalStatus"] for event in events] == ["PendingManualApproval", "Approved"]
    source, _, detail, resources = events[-1]
    assert (source, resources) == ("aws.sagemaker", [arn])
    assert detail["ModelPackageGroupName"] == "digits"
    assert (detail["ModelPackageVersion"], detail["ModelPackageArn"]) == (1, arn)
    assert detail["CustomerMetadataProperties"] == {"commit": "abc"}
    json.dumps(detail)


def test_a_client_token_makes_registering_idempotent(digits: World) -> None:
    assert register(digits, ClientToken="t1") == register(digits, ClientToken="t1")
    assert register(digits, ClientToken="t2").endswith("/2")


def test_a_model_of_an_approved_package_runs_its_container_with_the_stronger_environment(
    digits: World,
) -> None:
    arn = register(digits, ModelApprovalStatus="Approved")
    given = {"ModelPackageName": arn, "Environment": {"B": "model"}}
    digits.call("CreateModel", ModelName="m", PrimaryContainer=given, ExecutionRoleArn=ROLE)
    described = digits.call("DescribeModel", ModelName="m")
    assert described["PrimaryContainer"] == given
    digits.config(
        "c", {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    )
    config = digits.call("DescribeEndpointConfig", EndpointConfigName="c")
    assert config["ProductionVariants"][0]["InitialVariantWeight"] == 1.0


def test_rejects_a_model_of_a_package_that_is_not_approved(digits: World) -> None:
    container = {"ModelPackageName": register(digits)}
    with pytest.raises(AwsError, match="PendingManualApproval"):
        digits.call("CreateModel", ModelName="m", PrimaryContainer=container, ExecutionRoleArn=ROLE)


def test_rejects_deleting_a_group_that_has_versions(digits: World) -> None:
    arn = register(digits)
    with pytest.raises(AwsError, match="still has model packages"):
        digits.call("DeleteModelPackageGroup", ModelPackageGroupName="digits")
    digits.call("DeleteModelPackage", ModelPackageName=arn)
    digits.call("DeleteModelPackageGroup", ModelPackageGroupName="digits")
    with pytest.raises(AwsError, match="does not exist"):
        digits.call("DescribeModelPackageGroup", ModelPackageGroupName="digits")


def test_versions_are_listed_by_approval_page_by_page(digits: World) -> None:
    arns = [register(digits, ModelApprovalStatus="Approved") for _ in range(3)]
    register(digits, ModelApprovalStatus="Rejected")
    request = {"ModelPackageGroupName": "digits", "ModelApprovalStatus": "Approved", "MaxResults": 2}
    first = digits.call("ListModelPackages", **request)
    rest = digits.call("ListModelPackages", **request, NextToken=first["NextToken"])
    found = first["ModelPackageSummaryList"] + rest["ModelPackageSummaryList"]
    assert [each["ModelPackageArn"] for each in found] == arns
    assert "NextToken" not in rest


def test_tags_are_added_listed_and_deleted_by_arn(digits: World) -> None:
    arn = digits.call("DescribeModelPackageGroup", ModelPackageGroupName="digits")["ModelPackageGroupArn"]
    digits.call("AddTags", ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    digits.call("DeleteTags", ResourceArn=arn, TagKeys=["a"])
    assert digits.call("ListTags", ResourceArn=arn) == {"Tags": [{"Key": "b", "Value": "2"}]}
    with pytest.raises(AwsError, match="Could not find resource"):
        digits.call("ListTags", ResourceArn=arn + "x")


@pytest.mark.parametrize(
    ("operation", "params", "named"),
    [
        ("CreateModelPackage", {"ModelPackageName": "alone"}, "ModelPackageName"),
        ("CreateModelPackage", {"ModelPackageGroupName": "digits"}, "InferenceSpecification"),
        (
            "DeleteModelPackageGroupPolicy",
            {"ModelPackageGroupName": "digits"},
            "DeleteModelPackageGroupPolicy",
        ),
        (
            "PutModelPackageGroupPolicy",
            {"ModelPackageGroupName": "digits", "ResourcePolicy": "{}"},
            "PutModelPackageGroupPolicy",
        ),
        (
            "CreateModel",
            {
                "ModelName": "m",
                "Containers": [
                    {"Image": "i", "Mode": "MultiModel", "ModelDataUrl": "s3://models/"},
                    {"Image": "i", "ModelDataUrl": GOOD},
                ],
            },
            "MultiModel container among others",
        ),
        ("CreateModel", {"ModelName": "m", "PrimaryContainer": {"Image": "i"}}, "ModelDataUrl"),
        (
            "CreateEndpointConfig",
            {
                "EndpointConfigName": "c",
                "ProductionVariants": [{"VariantName": "v", "EnableSSMAccess": True}],
            },
            "EnableSSMAccess",
        ),
    ],
)
def test_rejects_what_is_not_emulated_by_name(
    digits: World, operation: str, params: dict[str, object], named: str
) -> None:
    with pytest.raises(NotEmulated, match=named) as refusal:
        digits.call(operation, **params)
    assert refusal.value.status == 501
    assert "docs/localcloud.md" in refusal.value.message


@pytest.mark.parametrize(
    ("operation", "params", "named"),
    [
        (
            "CreateModel",
            {"ModelName": "good", "PrimaryContainer": {"Image": "i", "ModelDataUrl": GOOD}},
            "alr",
        ),
        ("CreateModel", {"ModelName": "m"}, "exactly one of PrimaryContainer"),
        (
            "CreateModel",
            {"ModelName": "m", "PrimaryContainer": {"Image": "i", "ModelDataUrl": "s3://no/thing"}},
            "model data",
        ),
        ("CreateEndpoint", {"EndpointName": "e", "EndpointConfigName": "none"}, "endpoint configuration"),
        ("DescribeModel", {"ModelName": "none"}, "Could not find model"),
    ],
)
def test_rejects_invalid_requests_in_the_words_of_aws(
    world: World, operation: str, params: dict[str, object], named: str
) -> None:
    with pytest.raises(AwsError, match=named) as refusal:
        world.call(operation, **params)
    assert (refusal.value.code, refusal.value.status) == ("ValidationException", 400)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"InitialVariantWeight": 0.0}, "greater than 0"),
        ({"ModelName": "none"}, "Could not find model"),
        ({"InstanceType": "ml.imaginary"}, "enum value set"),
        ({"InitialInstanceCount": 0}, "greater than or equal to 1"),
        ({"VariantName": "-bad-"}, "regular expression"),
    ],
)
def test_rejects_variants_that_cannot_serve(world: World, change: dict[str, object], named: str) -> None:
    variant = {"VariantName": "v", "ModelName": "good", "InstanceType": "ml.m5.large"}
    with pytest.raises(AwsError, match=named):
        world.config("c", {**variant, "InitialInstanceCount": 1, **change})


def test_the_wire_answers_json_with_times_as_epoch_seconds(digits: World) -> None:
    headers = {"X-Amz-Target": "SageMaker.DescribeModelPackageGroup"}
    body = b'{"ModelPackageGroupName": "digits"}'
    status, answered, content = handle_json(digits.sagemaker, headers, body)
    assert (status, answered["Content-Type"]) == (200, "application/x-amz-json-1.1")
    assert abs(json.loads(content)["CreationTime"] - digits.clock.now()) < 3600
