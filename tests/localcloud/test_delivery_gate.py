"""The jobs validate and smoke with real clients and real models, under a role with their permissions only."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

import deliver.gate_jobs
import deliver.validate
from deliver.access import Access
from deliver.jobs import JOBS
from deliver.outcome import PERMISSION, Done, Failed, Outcome, Wait
from deliver.request import Request
from tests.localcloud.delivery_world import (
    ACCOUNT,
    AT,
    BUCKET,
    DELIVERY_ROLE,
    EXECUTION_ROLE,
    NAME,
    POINTER,
    TARGETS,
    Client,
    Way,
    allow_jobs,
    gate,
    put_up,
    put_up_role,
    requests,
)
from tidegate._gate_needs import BY_ENDPOINT, GATE_NEEDS
from tidegate._permissions import policy_document, statements
from tidegate_cli.rehearsal.registry import IMAGE
from tidegate_runtime.adapters.aws import client as runtime_client
from tidegate_runtime.adapters.gate_leftovers import MadeForValidation
from tidegate_runtime.adapters.role_clients import OwnClients, RoleClients
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.errors import Denied
from watchdog.abandoned import Abandoned

ROOT: Final = Path(__file__).parents[2]
Run = Callable[..., Outcome]
WAYS: Final[tuple[Way, Way]] = ("batch_transform", "endpoint")
NEEDS: Final[Mapping[Way, str]] = {"batch_transform": "validate", "endpoint": BY_ENDPOINT}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    options = ["--enforce-iam", "--time-scale", "600", "--stop-on-stdin-close"]
    process = subprocess.Popen(
        [sys.executable, "-m", "localcloud", *options, "--data-dir", str(tmp_path_factory.mktemp("cloud"))],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield str(json.loads(process.stdout.readline())["endpoint_url"])
    process.communicate(timeout=20)


@pytest.fixture(scope="module")
def client(url: str) -> Client:
    def make(service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    return make


@pytest.fixture(scope="module")
def packages(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    found = put_up(client, tmp_path_factory.mktemp("models"))
    put_up_role(client)
    return found


@pytest.fixture
def run(url: str, packages: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a job as CodePipeline does, with a gate and the requests of this test in the archive."""
    for name, value in {"ENDPOINT_URL": url, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(deliver.gate_jobs, "_ROOT", tmp_path)
    monkeypatch.setattr(deliver.validate, "DENIED_SECONDS", 0)

    def outcome(do: str, *, by: Way = "batch_transform", most: int = 600, **parameters: str) -> Outcome:
        for name, content in {**gate(by=by).packed(), **requests().packed()}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
        token: Any = {}
        for number in range(most):
            job = f"{do}-{parameters.get('execution', '')}-{number}"[:64]
            there = RoleClients(
                runtime_client("sts"), role_arn=DELIVERY_ROLE, session_name=job, region="us-east-1"
            )
            access = Access(own=OwnClients(), there=there, clock=SystemClock())
            request = Request(job_id=job, do=do, at=AT, parameters=parameters, token=token)
            found = JOBS[do](access, request)(request)
            if not isinstance(found, Wait):
                return found
            token = json.loads(json.dumps(found.token))
            time.sleep(0.1)
        return found

    return outcome


@pytest.fixture(params=WAYS)
def by(request: pytest.FixtureRequest, packages: Mapping[str, str], client: Client) -> Iterator[Way]:
    """Return a way of asking, and let the role ask in no other one."""
    way, client_of = request.param, client
    allow_jobs(client_of, validate=NEEDS[way])
    yield way
    allow_jobs(client_of)


def left(client: Client) -> list[str]:
    """Return the names of what gates have made and not deleted."""
    sagemaker, named = client("sagemaker"), {"NameContains": "-validation-"}
    endpoints = sagemaker.list_endpoints(**named)["Endpoints"]
    return [
        *(one["EndpointName"] for one in endpoints if one["EndpointStatus"] != "Deleting"),
        *(one["EndpointConfigName"] for one in sagemaker.list_endpoint_configs(**named)["EndpointConfigs"]),
        *(one["ModelName"] for one in sagemaker.list_models(**named)["Models"]),
    ]


def test_a_version_as_good_as_live_passes_before_its_approval(
    run: Run, packages: Mapping[str, str], client: Client, by: Way
) -> None:
    client("ssm").put_parameter(Name=POINTER, Value=packages["v1"], Type="String", Overwrite=True)
    outcome = run("validate", by=by, package=packages["v2"], execution=f"good-{by}")
    client("ssm").put_parameter(Name=POINTER, Value=packages["v2"], Type="String", Overwrite=True)
    assert isinstance(outcome, Done), outcome
    assert "better, at most 0.02 worse is allowed" in outcome.summary
    assert outcome.variables["PackageArn"] == packages["v2"]
    assert left(client) == []


def test_a_worse_version_is_stopped_with_the_numbers_that_the_training_measured(
    run: Run, packages: Mapping[str, str], client: Client, by: Way
) -> None:
    outcome = run("validate", by=by, package=packages["v1"], execution=f"worse-{by}")
    assert isinstance(outcome, Failed), outcome
    assert "of live on 540 rows" in outcome.message
    assert "worse, at most 0.02 worse is allowed" in outcome.message
    assert left(client) == []


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_both_ways_come_to_the_same_verdict_in_the_same_words(
    run: Run, packages: Mapping[str, str], client: Client, version: str
) -> None:
    live = packages["v1" if version == "v2" else "v2"]
    client("ssm").put_parameter(Name=POINTER, Value=live, Type="String", Overwrite=True)
    found = []
    for way in WAYS:
        allow_jobs(client, validate=NEEDS[way])
        found.append(run("validate", by=way, package=packages[version], execution=f"{version}-{way}"))
    allow_jobs(client)
    client("ssm").put_parameter(Name=POINTER, Value=packages["v2"], Type="String", Overwrite=True)
    assert isinstance(found[0], Done if version == "v2" else Failed)
    assert found[0] == found[1]


def test_a_version_that_fails_on_real_rows_is_stopped_with_what_it_has_said(
    run: Run, packages: Mapping[str, str], client: Client, by: Way
) -> None:
    outcome = run("validate", by=by, package=packages["v3"], execution=f"broken-{by}")
    assert isinstance(outcome, Failed), outcome
    if by == "endpoint":
        assert re.search(
            r"the candidate version 3 was not judged: row \d+ was answered with", outcome.message
        )
    else:
        assert "the candidate version 3 was not judged: its transform job" in outcome.message
        assert "AlgorithmError" in outcome.message or "ClientError" in outcome.message
    assert left(client) == []


# Without the permission to list, an answer that is missing looks like one that may not be read, no more.
NEEDED: Final = [
    (way, one["Sid"])
    for way, needs in NEEDS.items()
    for one in GATE_NEEDS[needs](TARGETS)
    if one["Sid"] != "ListValidationData"
]


@pytest.mark.parametrize(("way", "sid"), NEEDED)
def test_each_permission_is_needed(
    run: Run, packages: Mapping[str, str], client: Client, way: Way, sid: str
) -> None:
    allow_jobs(client, validate=NEEDS[way], without=sid)
    parameters = {"package": packages["v1"], "execution": f"no-{sid}-{way}"}
    try:
        if sid == "ReadLiveVersion":
            # Before anything else: CodePipeline's own patience holds.
            with pytest.raises(Denied):
                run("validate", by=way, **parameters)
            return
        outcome = run("validate", by=way, **parameters)
        assert isinstance(outcome, Failed)
        assert outcome.kind == PERMISSION, outcome
    finally:
        allow_jobs(client)
        delete(client, left(client))


def delete(client: Client, names: list[str]) -> None:
    made = MadeForValidation(client("sagemaker"), endpoint_name=NAME)
    for name in names:
        made.delete(name)


class FarAhead:
    """A clock at a full hour, long after everything that was made."""

    def __init__(self, time: float) -> None:
        self.time = time - time % 3600 + 3600

    def now(self) -> float:
        return self.time


def test_what_a_stopped_pipeline_leaves_is_deleted_by_the_watchdog_and_nothing_that_is_called_alike(
    run: Run, packages: Mapping[str, str], client: Client
) -> None:
    sagemaker = client("sagemaker")
    allow_jobs(client, validate=NEEDS["endpoint"])
    outcome = run("validate", by="endpoint", most=1, package=packages["v1"], execution="stopped")
    allow_jobs(client)
    assert isinstance(outcome, Wait)
    others = [f"{NAME}-validation-eu", f"x{NAME}-validation-{'0' * 16}", f"{NAME}-candidate-{'0' * 16}"]
    made = sorted(set(left(client)))
    assert len(made) == 2
    for name in others:
        container = {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/models/v1.tar.gz"}
        sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=EXECUTION_ROLE)
    for name in made:
        _in_service(sagemaker, name)
    watching = watchdog_clients(client)
    leftovers = MadeForValidation(watching("sagemaker"), endpoint_name=NAME)
    created = max(one["CreationTime"].timestamp() for one in sagemaker.list_models()["Models"])
    young = Abandoned(leftovers=leftovers, gate_minutes=600, clock=FarAhead(created))
    assert young.collect() == []
    old = Abandoned(leftovers=leftovers, gate_minutes=60, clock=FarAhead(created + 2 * 3600))
    assert sorted(old.collect()) == made
    kept = {one["ModelName"] for one in sagemaker.list_models(NameContains=NAME)["Models"]}
    assert set(others) <= kept
    assert set(left(client)) == {name for name in others if "-validation-" in name}
    for name in others:
        sagemaker.delete_model(ModelName=name)


def watchdog_clients(client: Client) -> RoleClients:
    """Return clients under a role with what the watchdog may do, and nothing else."""
    role, iam = f"arn:aws:iam::{ACCOUNT}:role/watchdog", client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    iam.create_role(RoleName="watchdog", AssumeRolePolicyDocument=json.dumps(policy_document([trust])))
    allowed = policy_document(statements("watchdog", replace(TARGETS, gate_minutes=60)))
    iam.put_role_policy(RoleName="watchdog", PolicyName="watch", PolicyDocument=json.dumps(allowed))
    return RoleClients(runtime_client("sts"), role_arn=role, session_name="watchdog", region="us-east-1")


def test_smoke_asks_the_endpoint_and_tells_what_came(
    run: Run, packages: Mapping[str, str], client: Client
) -> None:
    sagemaker = client("sagemaker")
    for version in ("v2", "v1"):
        artifact = f"s3://{BUCKET}/models/{version}.tar.gz"
        sagemaker.create_model(
            ModelName=f"served-{version}",
            PrimaryContainer={"Image": IMAGE, "ModelDataUrl": artifact},
            ExecutionRoleArn=EXECUTION_ROLE,
        )
        variant = {"VariantName": "live", "ModelName": f"served-{version}", "InstanceType": "ml.m5.large"}
        sagemaker.create_endpoint_config(
            EndpointConfigName=f"served-{version}",
            ProductionVariants=[{**variant, "InitialInstanceCount": 1}],
        )
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName="served-v2")
    _in_service(sagemaker, NAME)
    outcome = run("smoke")
    assert isinstance(outcome, Done), outcome
    assert "1 of 1 requests are answered as declared" in outcome.summary
    sagemaker.update_endpoint(EndpointName=NAME, EndpointConfigName="served-v1")
    _in_service(sagemaker, NAME)
    outcome = run("smoke")
    assert isinstance(outcome, Failed), outcome
    assert "request 'first': $.model_version must be 'v2', is 'v1'" in outcome.message


def _in_service(sagemaker: Any, name: str) -> None:
    deadline = time.monotonic() + 30
    while sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] != "InService":
        assert time.monotonic() < deadline
        time.sleep(0.1)
