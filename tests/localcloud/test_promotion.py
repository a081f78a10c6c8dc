"""A version is promoted under the delivery role that the construct makes, with IAM enforced."""

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from deliver.access import Access
from deliver.jobs import job_of
from deliver.outcome import Done, Outcome
from deliver.request import At, Request
from tests.localcloud.running_cloud import Client, clients, running
from tidegate._delivery_permissions import DeliveryTargets, ModelOrigin, delivery_statements
from tidegate._permissions import Statement, policy_document
from tidegate._targets import Place, Targets
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.role_clients import OwnClients, RoleClients
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.errors import Denied
from tidegate_runtime.ports import Run

ACCOUNT: Final = "000000000000"
PLACE: Final = Place(partition="aws", region="us-east-1", account=ACCOUNT)
NAME, POINTER = "digits-staging", "/tidegate/staging/digits/live-model-package"
AT: Final = At(
    environment="staging",
    role=f"arn:aws:iam::{ACCOUNT}:role/{NAME}-delivery",
    region="us-east-1",
    name=NAME,
    pointer=POINTER,
)
BUCKETS: Final = ("digits-dev-foundation-artifacts-1", "digits-staging-foundation-artifacts-1")
JOBS: Final = ("first", "register", "approve", "follow")
TEMPLATE: Final = {
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {
        "ArtifactBucket": {"Value": BUCKETS[1]},
        "LedgerTable": {"Value": "ledger"},
    },
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("cloud"), "--enforce-iam") as url:
        yield url


@pytest.fixture(scope="module")
def admin(url: str) -> Client:
    return clients(url)


@pytest.fixture(scope="module")
def source(admin: Client) -> str:
    """Put up two environments without a controller, and an approved version in the first."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz"):
        pass
    for bucket in BUCKETS:
        admin("s3").create_bucket(Bucket=bucket)
        admin("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    stored = admin("s3").put_object(Bucket=BUCKETS[0], Key="models/model.tar.gz", Body=archive.getvalue())
    admin("s3").put_object(Bucket=BUCKETS[0], Key="models/model.tar.gz", Body=b"something else")
    for group in ("digits-dev", NAME):
        admin("sagemaker").create_model_package_group(ModelPackageGroupName=group)
    container = {"Image": "image", "ModelDataUrl": f"s3://{BUCKETS[0]}/models/model.tar.gz"}
    made = admin("sagemaker").create_model_package(
        ModelPackageGroupName="digits-dev",
        ModelApprovalStatus="Approved",
        ModelPackageDescription="digits",
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
        CustomerMetadataProperties={"artifact_version_id": stored["VersionId"], "tidegate:commit": "1a2b3c"},
    )
    admin("cloudformation").create_stack(StackName=f"{NAME}-foundation", TemplateBody=json.dumps(TEMPLATE))
    admin("cloudformation").get_waiter("stack_create_complete").wait(StackName=f"{NAME}-foundation")
    keys = {"endpoint": "HASH", "entry": "RANGE"}
    admin("dynamodb").create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    admin("iam").create_role(
        RoleName=f"{NAME}-delivery", AssumeRolePolicyDocument=json.dumps(policy_document([root]))
    )
    allow(admin, _statements())
    return str(made["ModelPackageArn"])


def _statements() -> list[Statement]:
    own = Targets(
        place=PLACE,
        endpoint_name=NAME,
        group_name=NAME,
        pointer_parameter=POINTER,
        hosting_stack=f"{NAME}-hosting",
        ledger_arn=PLACE.arn("dynamodb", "table/ledger"),
        execution_role_arn=f"arn:aws:iam::{ACCOUNT}:role/execution",
        bucket_arns=[f"arn:aws:s3:::{BUCKETS[1]}"],
    )
    origin = ModelOrigin(name="digits-dev", place=PLACE)
    return delivery_statements(JOBS, DeliveryTargets(own=own, origins=[origin]))


def allow(admin: Client, statements: list[Statement]) -> None:
    admin("iam").put_role_policy(
        RoleName=f"{NAME}-delivery",
        PolicyName="jobs",
        PolicyDocument=json.dumps(policy_document(statements)),
    )


@pytest.fixture
def does(url: str, source: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Run a job, as the function does: under the delivery role."""
    for name, value in {
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    own = OwnClients()

    def run(do: str, **parameters: str) -> Outcome:
        there = RoleClients(own("sts"), role_arn=AT.role, session_name="deliver-1", region="us-east-1")
        request = Request(job_id="1", do=do, at=AT, parameters={"execution": "e1", **parameters})
        access = Access(own=own, there=there, clock=SystemClock())
        return job_of(request, access=lambda _: access)(request)

    return run


def test_a_version_is_registered_approved_and_followed_under_the_role(
    does: Callable[..., Outcome], admin: Client, source: str
) -> None:
    registered = does("register", package=source, artifact="copy")
    assert isinstance(registered, Done), registered
    again = does("register", package=source, artifact="copy")
    assert isinstance(again, Done)
    package = registered.variables["PackageArn"]
    assert again.variables["PackageArn"] == package
    # The recorded version of the artifact was copied, and not the newest.
    made = admin("sagemaker").describe_model_package(ModelPackageName=package)
    metadata = made["CustomerMetadataProperties"]
    assert (metadata["tidegate:source-package"], metadata["tidegate:commit"]) == (source, "1a2b3c")
    url = made["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    assert url == f"s3://{BUCKETS[1]}/promoted/digits-dev/1/0/model.tar.gz"
    key = url.split("/", 3)[3]
    copied = admin("s3").get_object(Bucket=BUCKETS[1], Key=key, VersionId=metadata["artifact_version_id"])
    assert copied["Body"].read() != b"something else"

    assert isinstance(does("approve", package=package), Done)
    made = admin("sagemaker").describe_model_package(ModelPackageName=package)
    assert made["ModelApprovalStatus"] == "Approved"

    ledger = DynamoLedger(admin("dynamodb"), table="ledger", endpoint_name=NAME)
    body = {"package_arn": package, "first": True}
    ledger.save(Run(rollout_id="v1-20261121T050102Z", status="PROMOTED", body=body))
    admin("ssm").put_parameter(Name=POINTER, Value=package, Type="String")
    followed = does("follow", package=package)
    assert isinstance(followed, Done), followed
    assert isinstance(does("first"), Done)


@pytest.mark.parametrize(
    ("sid", "do"),
    [
        ("ReadVersions", "register"),
        ("ListVersions", "register"),
        ("ReadOutputs", "approve"),
        ("ReadLedger", "approve"),
    ],
)
def test_a_statement_that_is_taken_away_is_missed(
    does: Callable[..., Outcome], admin: Client, source: str, sid: str, do: str
) -> None:
    package = source if do == "register" else source.replace("digits-dev", NAME)
    allow(admin, [one for one in _statements() if one["Sid"] != sid])
    with pytest.raises(Denied):
        does(do, package=package, artifact="copy")
    allow(admin, _statements())
