"""Real boto3 clients whose answers come from a list instead of the network."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tidegate_runtime.adapters.aws import CONFIG

Stubbed = Callable[[str], tuple[Any, Stubber]]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    """Return a client of a service with its stubber; parameters are validated by botocore's own model."""
    stubbers = []

    def make(service: str) -> tuple[Any, Stubber]:
        client = boto3.client(  # type: ignore[call-overload]  # any service by name
            service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x", config=CONFIG
        )
        stubber = Stubber(client)
        stubber.activate()
        stubbers.append(stubber)
        return client, stubber

    yield make
    for stubber in stubbers:
        stubber.assert_no_pending_responses()
