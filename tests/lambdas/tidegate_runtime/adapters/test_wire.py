"""Lost answers, where botocore's own retries and serializers run."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError

from tidegate_runtime.adapters import aws
from tidegate_runtime.adapters.sagemaker import SageMakerEndpoint
from tidegate_runtime.errors import EndpointBusy, Transient

BUSY = b'{"__type":"ValidationException","message":"Cannot update in-progress endpoint \\"x\\"."}'


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> list[bytes]:
        return [self._content]


def adapter(answer: Callable[[int], Any]) -> tuple[SageMakerEndpoint, list[AWSRequest]]:
    client = boto3.client(
        "sagemaker",
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=aws.CONFIG,
    )
    sent: list[AWSRequest] = []

    def send(request: AWSRequest, **_: object) -> Any:
        sent.append(request)
        return answer(len(sent))

    client.meta.events.register("before-send.sagemaker.*", send)
    return SageMakerEndpoint(client, name="x"), sent


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def test_a_read_timeout_is_transient_after_a_bounded_number_of_tries() -> None:
    def lost(_: int) -> Any:
        raise ReadTimeoutError(endpoint_url="x")

    endpoint, sent = adapter(lost)
    with pytest.raises(Transient):
        endpoint.update("new")
    assert len(sent) == 3


def test_botocores_own_repetition_of_an_applied_update_is_busy_and_no_failure() -> None:
    def lost_then_busy(number: int) -> Any:
        if number == 1:
            raise ReadTimeoutError(endpoint_url="x")
        return AWSResponse("x", 400, {}, _Body(BUSY))  # type: ignore[arg-type]  # as urllib3 streams it

    endpoint, sent = adapter(lost_then_busy)
    with pytest.raises(EndpointBusy):
        endpoint.update("new")
    assert len(sent) == 2
