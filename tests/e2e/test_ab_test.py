"""An A/B test that is over, deployed by the real CDK CLI to a cloud that enforces its roles."""

import os
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from tests.e2e.echo_model import pack
from tidegate_cli.rehearsal.checkout import Checkout
from tidegate_cli.rehearsal.cloud import open_cloud
from tidegate_cli.rehearsal.environment import FAKE_ACCESS_KEY, FAKE_SECRET, REGION, RehearsalEnvironment
from tidegate_cli.rehearsal.processes import Processes

pytestmark = pytest.mark.e2e

_APP: Final = Path(__file__).with_name("ab_test_app.py")
_TIME_SCALE: Final = 300.0
_LONGEST_SECONDS: Final = 90.0
_ACCOUNT: Final = "aws://000000000000/us-east-1"


class Deployed:
    """The stack on its cloud."""

    def __init__(self, session: Any, endpoint_url: str) -> None:
        self._session, self._url = session, endpoint_url

    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self._url)

    def shape(self) -> dict[str, tuple[float, int]] | None:
        """Return weight and count of each variant, or None while the endpoint is being updated."""
        found = self.client("sagemaker").describe_endpoint(EndpointName="Ranking")
        if found["EndpointStatus"] != "InService":
            return None
        return {
            one["VariantName"]: (one["CurrentWeight"], one["CurrentInstanceCount"])
            for one in found["ProductionVariants"]
        }

    def heard(self) -> list[str]:
        """Return what was told so far, in any order."""
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName="heard")["QueueUrl"]
        answers = (sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10) for _ in range(2))
        return [message["Body"] for answer in answers for message in answer.get("Messages", [])]


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[Deployed]:
    checkout = Checkout.find()
    session = boto3.Session(
        aws_access_key_id=FAKE_ACCESS_KEY, aws_secret_access_key=FAKE_SECRET, region_name=REGION
    )
    environment = RehearsalEnvironment(work=tmp_path, python_path=checkout.python_path)
    with Processes(environment=environment.build(os.environ), cwd=checkout.root) as processes:
        cloud = open_cloud(
            processes, work=tmp_path, python_path=checkout.python_path, port=0, time_scale=_TIME_SCALE
        )
        # Checks of whole templates have a test of their own.
        processes.environment = {**processes.environment, "CDK_VALIDATION": "false"}
        stack = Deployed(session, cloud.endpoint_url)
        s3 = stack.client("s3")
        s3.create_bucket(Bucket="artifacts")
        s3.upload_file(str(pack(tmp_path, "m1").archive), "artifacts", "model.tar.gz")
        _deploy(processes, checkout.cdk, tmp_path)
        yield stack


def _deploy(processes: Processes, cdk: list[str], work: Path) -> None:
    assembly, log = str(work / "assembly"), work / "cdk.log"
    app = f"{shlex.quote(sys.executable)} {shlex.quote(str(_APP))}"
    for arguments in (
        ["synth", "--quiet", "--app", app, "--output", assembly],
        ["bootstrap", _ACCOUNT, "--app", assembly],
        ["deploy", "--app", assembly, "--require-approval", "never", "--progress", "events"],
    ):
        status = processes.run([*cdk, *arguments, "--no-notices"], log=log, timeout_seconds=120)
        assert status == 0, log.read_text()[-2000:]


def test_an_ab_test_that_is_over_ends_with_its_champion_within_a_few_runs(deployed: Deployed) -> None:
    ended = {"old": (100.0, 1), "new": (0.0, 1)}
    latest = time.monotonic() + _LONGEST_SECONDS
    while (found := deployed.shape()) != ended:
        assert time.monotonic() < latest, f"the endpoint is {found}; heard {deployed.heard()}"
        time.sleep(0.1)
    scaling = deployed.client("application-autoscaling")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 3)
    runtime = deployed.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName="Ranking", ContentType="application/json", Body=b"{}")
    assert answer["InvokedProductionVariant"] == "old"
    told = "\n".join(deployed.heard())
    assert "Done now: weights new=0, old=100." in told
    assert "new still runs 1 x ml.m5.large: 1 instance-hour an hour, 24 a day." in told
