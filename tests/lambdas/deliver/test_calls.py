"""Every job as it is wired to AWS: what it asks there, and that the delivery role allows exactly that."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest

from deliver.access import Access
from deliver.jobs import JOBS, job_of
from deliver.outcome import Done, Outcome
from deliver.request import At, Request
from tests.lambdas.fakes.wired import WiredClients
from tests.lambdas.fakes.world import World
from tidegate._delivery_permissions import DeliveryTargets, ModelOrigin, delivery_statements
from tidegate._targets import Place, Targets

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
ARN = "arn:aws:sagemaker:{}:{}:model-package/{}/{}"
SOURCE = ARN.format("us-east-1", "111111111111", "digits-dev", 7)
OWN = ARN.format("eu-west-1", "222222222222", "digits-staging", 3)
EXECUTION = "arn:aws:sagemaker:eu-west-1:222222222222:pipeline/training/execution/1"
AT = At(
    environment="staging",
    role="arn:aws:iam::222222222222:role/digits-staging-delivery",
    region="eu-west-1",
    name="digits-staging",
    pointer="/tidegate/staging/digits/live-model-package",
)
# What S3 and DynamoDB call it, where an operation has another name than its permission.
_ACTIONS = {
    ("s3", "HeadObject"): ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"],
    ("s3", "CopyObject"): ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
}


def described(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return a version: of the environment's own group pending, until it was approved."""
    arn = str(params["ModelPackageName"])
    container = {"Image": "i@sha256:0", "ModelDataUrl": "s3://digits-dev-foundation-artifacts-1/m.tar.gz"}
    return {
        "ModelPackageArn": arn,
        "ModelPackageGroupName": arn.split("/")[1],
        "CreationTime": NOW,
        "ModelApprovalStatus": "Approved" if arn == SOURCE else "PendingManualApproval",
        "InferenceSpecification": {"Containers": [container]},
    }


def run(status: str, package: str = OWN) -> dict[str, Any]:
    body = {"package_arn": package, "started_at": 0, "ended_at": 600, "phase": "WATCHING"}
    return {
        "entry": {"S": "RUN#v3-20261121T000000Z"},
        "status": {"S": status},
        "body": {"S": json.dumps(body)},
        "revision": {"N": "1"},
    }


def head(params: Mapping[str, Any]) -> dict[str, Any]:
    copied = str(params["Bucket"]).startswith("own")
    origin = {"tidegate-origin": "s3://digits-dev-foundation-artifacts-1/m.tar.gz?versionId=v1"}
    return {
        "ContentLength": 7,
        "VersionId": "v1",
        "ETag": '"e"',
        "Metadata": {"tidegate-origin": "something else"} if copied and not params.get("seen") else origin,
    }


def answers(**changes: Any) -> dict[str, Any]:
    outputs = {
        "LedgerTable": "ledger",
        "ArtifactBucket": "own-bucket",
        "ExecutionRole": "role",
        "ModelPackage": OWN,
    }
    stack = {"Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]}
    variant = {"VariantName": "live", "CurrentWeight": 1, "DesiredWeight": 1}
    return {
        "DescribeStacks": {"Stacks": [stack]},
        "GetParameter": {"Parameter": {"Value": OWN}},
        "DescribeModelPackage": described,
        "ListModelPackages": {"ModelPackageSummaryList": []},
        "CreateModelPackage": {"ModelPackageArn": OWN},
        "UpdateModelPackage": {"ModelPackageArn": OWN},
        "Query": lambda params: {
            "Items": [run("PROMOTED")]
            if params["ExpressionAttributeValues"][":prefix"]["S"].startswith("RUN")
            else []
        },
        "HeadObject": head,
        "CopyObject": {},
        "DescribeEndpoint": {
            "EndpointStatus": "InService",
            "EndpointConfigName": "c",
            "ProductionVariants": [{**variant, "CurrentInstanceCount": 1, "DesiredInstanceCount": 1}],
        },
        "StartPipelineExecution": {"PipelineExecutionArn": EXECUTION},
        "DescribePipelineExecution": {"PipelineExecutionStatus": "Succeeded"},
        "ListPipelineExecutionSteps": {
            "PipelineExecutionSteps": [{"StepName": "R", "Metadata": {"RegisterModel": {"Arn": OWN}}}]
        },
        "ListActionExecutions": {"actionExecutionDetails": []},
        "GetObject": {"Body": Body(b"")},
        "PutObject": {},
        **changes,
    }


class Body:
    """What S3 streams."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self) -> bytes:
        return self._content


def does(
    do: str, parameters: Mapping[str, Any], **changes: Any
) -> tuple[Outcome, WiredClients, WiredClients]:
    """Let a job run as it is wired; return the outcome, and the clients of both roles."""
    own, there = WiredClients(answers(**changes)), WiredClients(answers(**changes))
    request = Request(
        job_id="j", do=do, at=None if do == "release" else AT, parameters={"execution": "e1", **parameters}
    )
    access = Access(own=own, there=there, clock=World())
    return job_of(request, access=lambda _: access)(request), own, there


def allowed(*jobs: str, training: str = "training") -> set[str]:
    """Return the actions that the delivery role allows for some jobs."""
    place = Place(partition="aws", region="eu-west-1", account="222222222222")
    own = Targets(
        place=place,
        endpoint_name="digits-staging",
        group_name="digits-staging",
        pointer_parameter=AT.pointer,
        hosting_stack="digits-staging-hosting",
        ledger_arn="arn:aws:dynamodb:eu-west-1:222222222222:table/ledger",
        execution_role_arn="arn:aws:iam::222222222222:role/execution",
        bucket_arns=["arn:aws:s3:::own-bucket"],
    )
    far = Place(partition="aws", region="us-east-1", account="111111111111")
    origin = ModelOrigin(name="digits-dev", place=far)
    targets = DeliveryTargets(own=own, origins=[origin], training=training)
    statements = delivery_statements(jobs, targets)
    assert all("*" not in _list(one["Resource"]) for one in statements)
    return {action for one in statements for action in _list(one["Action"])}


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def asked(clients: WiredClients) -> set[str]:
    """Return the permissions that calls need."""
    return {action for call in clients.calls for action in _ACTIONS.get(call, [f"{call[0]}:{call[1]}"])}


RUNS: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("first", {}, ("first",)),
    ("register", {"package": SOURCE, "artifact": "copy"}, ("register",)),
    ("approve", {"package": OWN, "pipeline": "models", "asked": "production"}, ("approve",)),
    ("follow", {"package": OWN}, ("follow",)),
    ("train", {"training": "training"}, ("train",)),
]


@pytest.mark.parametrize(("do", "parameters", "jobs"), RUNS, ids=[one[0] for one in RUNS])
def test_a_job_asks_for_nothing_that_its_role_may_not(
    do: str, parameters: dict[str, Any], jobs: tuple[str, ...]
) -> None:
    outcome, own, there = does(do, parameters)
    assert isinstance(outcome, Done), outcome
    assert asked(there) <= allowed(*jobs)
    assert {call[0] for call in own.calls} <= {"codepipeline"}


def test_the_jobs_of_a_promotion_together_need_everything_that_they_are_allowed() -> None:
    needed: set[str] = set()
    for do, parameters, _ in RUNS:
        needed |= asked(does(do, parameters)[2])
    assert allowed("first", "register", "approve", "follow", "train") == needed


def test_a_first_version_by_promotion_needs_the_rights_of_its_parts_only() -> None:
    def nothing_yet(_: Mapping[str, Any]) -> Mapping[str, Any]:
        from botocore.exceptions import ClientError

        raise ClientError({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")

    parameters = {"package": SOURCE, "artifact": "copy"}
    _, _, there = does("first", parameters, GetParameter=nothing_yet, Query={"Items": []})
    assert "CreateModelPackage" in {call[1] for call in there.calls}
    assert asked(there) <= allowed("first", "register", "approve")


def test_a_source_in_another_region_is_asked_there() -> None:
    _, _, there = does("register", {"package": SOURCE, "artifact": "copy"})
    assert there.regions == {"eu-west-1", "us-east-1"}


def test_the_marker_of_a_release_is_written_under_the_functions_own_role() -> None:
    parameters = {"commit": "1a2b3c", "bucket": "released", "key": "digits/released.zip"}
    _, own, there = does("release", parameters)
    assert {call[1] for call in own.calls} == {"GetObject", "PutObject"}
    assert not there.calls


def test_every_job_of_the_table_is_known_to_the_role() -> None:
    from tidegate._delivery_permissions import JOBS as KNOWN
    from tidegate._gate_needs import BY_ENDPOINT

    assert set(JOBS) - {"release"} == set(KNOWN) - {"reject", BY_ENDPOINT}
