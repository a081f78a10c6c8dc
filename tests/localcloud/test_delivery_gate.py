"""The jobs validate and smoke with real clients and real models, under a role with their permissions only."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

import deliver.gate_jobs
from deliver.access import Access
from deliver.jobs import JOBS
from deliver.outcome import Done, Failed, Outcome, Wait
from deliver.request import Request
from tests.localcloud.delivery_world import (
    AT,
    BUCKET,
    DELIVERY_ROLE,
    EXECUTION_ROLE,
    NAME,
    POINTER,
    TARGETS,
    Client,
    allow_jobs,
    gate,
    put_up,
    put_up_role,
    requests,
)
from tidegate._gate_needs import GATE_NEEDS
from tidegate_cli.rehearsal.registry import IMAGE
from tidegate_runtime.adapters.aws import client as runtime_client
from tidegate_runtime.adapters.role_clients import OwnClients, RoleClients
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.errors import Denied

ROOT: Final = Path(__file__).parents[2]
Run = Callable[..., Outcome]


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
    """Run a job as CodePipeline does, with the gate and the requests of this test in the archive."""
    for name, value in {"ENDPOINT_URL": url, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(deliver.gate_jobs, "_ROOT", tmp_path)
    for name, content in {**gate().packed(), **requests().packed()}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)

    def outcome(do: str, **parameters: str) -> Outcome:
        token: Any = {}
        for number in range(600):
            job = f"{do}-{parameters.get('execution', '')}-{number}"
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
        raise AssertionError("it does not end")

    return outcome


def left(client: Client) -> list[str]:
    found = client("sagemaker").list_models(NameContains="-validation-")["Models"]
    return [model["ModelName"] for model in found]


def test_a_version_as_good_as_live_passes_before_its_approval(
    run: Run, packages: Mapping[str, str], client: Client
) -> None:
    client("ssm").put_parameter(Name=POINTER, Value=packages["v1"], Type="String", Overwrite=True)
    outcome = run("validate", package=packages["v2"], execution="good")
    client("ssm").put_parameter(Name=POINTER, Value=packages["v2"], Type="String", Overwrite=True)
    assert isinstance(outcome, Done), outcome
    assert "better, at most 0.02 worse is allowed" in outcome.summary
    assert outcome.variables["PackageArn"] == packages["v2"]
    assert left(client) == []


def test_a_worse_version_is_stopped_with_the_numbers_that_the_training_measured(
    run: Run, packages: Mapping[str, str], client: Client
) -> None:
    outcome = run("validate", package=packages["v1"], execution="worse")
    assert isinstance(outcome, Failed), outcome
    assert "of live on 540 rows" in outcome.message
    assert "worse, at most 0.02 worse is allowed" in outcome.message
    assert left(client) == []


def test_a_version_that_fails_on_real_rows_is_stopped_with_the_jobs_reason(
    run: Run, packages: Mapping[str, str], client: Client
) -> None:
    outcome = run("validate", package=packages["v3"], execution="broken")
    assert isinstance(outcome, Failed), outcome
    assert "the candidate version 3 was not judged: its transform job" in outcome.message
    assert "AlgorithmError" in outcome.message or "ClientError" in outcome.message
    assert left(client) == []


# Without the permission to list, an answer that is missing looks like one that may not be read, no more.
NEEDED: Final = [one["Sid"] for one in GATE_NEEDS["validate"](TARGETS) if one["Sid"] != "ListValidationData"]


@pytest.mark.parametrize("sid", NEEDED)
def test_each_permission_is_needed(run: Run, packages: Mapping[str, str], client: Client, sid: str) -> None:
    allow_jobs(client, without=sid)
    try:
        with pytest.raises(Denied):
            run("validate", package=packages["v1"], execution=f"without-{sid}")
    finally:
        allow_jobs(client)


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
    _in_service(sagemaker)
    outcome = run("smoke")
    assert isinstance(outcome, Done), outcome
    assert "1 of 1 requests are answered as declared" in outcome.summary
    sagemaker.update_endpoint(EndpointName=NAME, EndpointConfigName="served-v1")
    _in_service(sagemaker)
    outcome = run("smoke")
    assert isinstance(outcome, Failed), outcome
    assert "request 'first': $.model_version must be 'v2', is 'v1'" in outcome.message


def _in_service(sagemaker: Any) -> None:
    deadline = time.monotonic() + 30
    while sagemaker.describe_endpoint(EndpointName=NAME)["EndpointStatus"] != "InService":
        assert time.monotonic() < deadline
        time.sleep(0.1)
