"""Endpoints that a gate makes: what SageMaker says of them, in the words of the port."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from tidegate_runtime.adapters.hosted_endpoints import HostedEndpoints
from tidegate_runtime.errors import Denied, EndpointBusy, QuotaExceeded, Rejected, Transient
from tidegate_runtime.validation.ports import Hosted

Stubbed = Callable[[str], tuple[Any, Stubber]]

ENDPOINT: dict[str, Any] = {
    "EndpointName": "e",
    "EndpointArn": "arn:aws:sagemaker:us-east-1:000000000000:endpoint/e",
    "CreationTime": 1,
    "LastModifiedTime": 1,
}
VARIANT = {"VariantName": "asked", "ModelName": "e", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
CONFIG: dict[str, Any] = {"EndpointConfigName": "e", "ProductionVariants": [VARIANT]}
CREATE = {"EndpointName": "e", "EndpointConfigName": "e"}
NO_ENDPOINT = 'Could not find endpoint "arn".'
NO_CONFIG = 'Could not find endpoint configuration "arn".'


def refused(stubber: Stubber, operation: str, message: str, code: str = "ValidationException") -> None:
    stubber.add_client_error(operation, code, message, 400)


def test_an_endpoint_is_told_with_its_status_and_why_it_failed(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    failed = {**ENDPOINT, "EndpointStatus": "Failed", "FailureReason": "health check"}
    stubber.add_response("describe_endpoint", failed)
    endpoints = HostedEndpoints(client)
    assert endpoints.describe("e") == Hosted(status="Failed", reason="health check")
    refused(stubber, "describe_endpoint", NO_ENDPOINT)
    assert endpoints.describe("e") is None


def test_what_is_there_counts_as_made_and_what_is_gone_as_deleted(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    endpoints = HostedEndpoints(client)
    refused(stubber, "create_endpoint_config", 'Cannot create already existing endpoint configuration "arn".')
    endpoints.create_config(CONFIG)
    refused(stubber, "create_endpoint", 'Cannot create already existing endpoint "arn".')
    endpoints.create(CREATE)
    refused(stubber, "delete_endpoint", NO_ENDPOINT)
    endpoints.delete("e")
    refused(stubber, "delete_endpoint_config", NO_CONFIG)
    endpoints.delete_config("e")
    stubber.assert_no_pending_responses()


def test_a_configuration_of_a_moment_ago_that_is_not_visible_yet_is_waited_for(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    refused(stubber, "create_endpoint", NO_CONFIG)
    with pytest.raises(Transient):
        HostedEndpoints(client).create(CREATE)


def test_an_endpoint_that_is_being_made_is_busy(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    refused(stubber, "delete_endpoint", 'Cannot update in-progress endpoint "arn".')
    with pytest.raises(EndpointBusy):
        HostedEndpoints(client).delete("e")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ResourceLimitExceeded", QuotaExceeded),
        ("AccessDeniedException", Denied),
        ("ValidationException", Rejected),
    ],
)
def test_every_other_refusal_is_told_by_its_kind(stubbed: Stubbed, code: str, error: type[Exception]) -> None:
    client, stubber = stubbed("sagemaker")
    refused(stubber, "create_endpoint", "no", code)
    with pytest.raises(error):
        HostedEndpoints(client).create(CREATE)
