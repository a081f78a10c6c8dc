"""The example of a guarded endpoint, deployed: an update moves on, and goes back, by its alarms."""

from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.kinds.kinds_cloud import KindsCloud, replaced, synthesize

ARTIFACT = "s3://my-model-artifacts/model.tar.gz"


@pytest.fixture(scope="module")
def deployed(cloud: KindsCloud) -> KindsCloud:
    cloud.upload(ARTIFACT, version="v1")
    cloud.upload("s3://my-model-artifacts/bad.tar.gz", version="bad", broken=True)
    cloud.upload("s3://my-model-artifacts/good.tar.gz", version="v2")
    cloud.created("guarded", template(cloud, "model.tar.gz"))
    return cloud


def template(cloud: KindsCloud, artifact: str) -> dict[str, Any]:
    made = replaced(synthesize("guarded_endpoint", cloud.folder), "model.tar.gz", artifact)
    # A tenth of a second of traffic is a minute here.
    return replaced(made, "requests >= 20", "requests >= 1")


def test_a_guarded_stack_goes_back_on_its_alarm_and_forward_without(deployed: KindsCloud) -> None:
    before = deployed.sagemaker.describe_endpoint(EndpointName="guarded")["EndpointConfigName"]
    answers: Counter[str] = Counter()

    def traffic() -> None:
        for _ in range(5):
            try:
                answers[deployed.invoke("guarded")["version"]] += 1
            except ClientError as error:
                answers[error.response["Error"]["Code"]] += 1

    # WHEN the new model fails THEN only a canary sees it, and the stack ends where it was
    deployed.deploy("guarded", template(deployed, "bad.tar.gz"), update=True)
    assert deployed.settled("guarded", traffic) == "UPDATE_ROLLBACK_COMPLETE"
    assert 0 < answers["ModelError"] < answers["v1"]
    assert any(f"it runs {before}" in reason for reason in deployed.reasons("guarded"))
    assert deployed.sagemaker.describe_endpoint(EndpointName="guarded")["EndpointConfigName"] == before
    assert deployed.invoke("guarded")["version"] == "v1"

    # WHEN the new model is well THEN all traffic arrives there, by way of both
    answers.clear()
    deployed.deploy("guarded", template(deployed, "good.tar.gz"), update=True)
    assert deployed.settled("guarded", traffic) == "UPDATE_COMPLETE"
    assert set(answers) == {"v1", "v2"}
    assert deployed.invoke("guarded")["version"] == "v2"
