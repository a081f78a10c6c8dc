"""What validation gates have made: how it is found among everything that is called alike, and deleted."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from tidegate_runtime.adapters.gate_leftovers import MadeForValidation
from tidegate_runtime.errors import Denied, EndpointBusy, Rejected

Stubbed = Callable[[str], tuple[Any, Stubber]]

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
ARN = "arn:aws:sagemaker:us-east-1:000000000000:"
OURS = "digits-prod-validation-00112233aabbccdd"
OTHERS = [
    "digits-prod",
    "digits-prod-validation",
    "digits-prod-validation-eu",
    "digits-prod-validation-eu-validation-00112233aabbccdd",
    "my-digits-prod-validation-00112233aabbccdd",
    "digits-prod-validation-00112233AABBCCDD",
    "digits-prod-candidate-00112233aabbccdd",
    "digits-prod-00112233aabbccdd",
]
ASKED = {
    "NameContains": "digits-prod-validation",
    "CreationTimeBefore": NOW.timestamp(),
    "SortBy": "CreationTime",
    "SortOrder": "Ascending",
}


def listed(stubber: Stubber, endpoints: list[str], configs: list[str], models: list[str]) -> None:
    found = {
        "list_endpoints": [
            {
                "EndpointName": name,
                "EndpointArn": f"{ARN}endpoint/{name}",
                "CreationTime": NOW,
                "LastModifiedTime": NOW,
                "EndpointStatus": "InService",
            }
            for name in endpoints
        ],
        "list_endpoint_configs": [
            {
                "EndpointConfigName": name,
                "EndpointConfigArn": f"{ARN}endpoint-config/{name}",
                "CreationTime": NOW,
            }
            for name in configs
        ],
        "list_models": [
            {"ModelName": name, "ModelArn": f"{ARN}model/{name}", "CreationTime": NOW} for name in models
        ],
    }
    results = {
        "list_endpoints": "Endpoints",
        "list_endpoint_configs": "EndpointConfigs",
        "list_models": "Models",
    }
    for operation, summaries in found.items():
        stubber.add_response(operation, {results[operation]: summaries}, ASKED)


def test_only_what_a_gate_of_this_endpoint_has_made_is_found(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    listed(stubber, [*OTHERS, OURS], [OURS, *OTHERS], OTHERS)
    made = MadeForValidation(client, endpoint_name="digits-prod")
    assert made.made_before(NOW.timestamp()) == [OURS]


def test_what_has_lost_its_endpoint_is_found_by_its_configuration_or_its_model(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    other = "digits-prod-validation-ffffffffffffffff"
    listed(stubber, [], [OURS], [OURS, other])
    assert MadeForValidation(client, endpoint_name="digits-prod").made_before(NOW.timestamp()) == [
        OURS,
        other,
    ]


def test_the_endpoint_goes_first_and_what_is_gone_already_counts_as_deleted(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    for operation, what in (
        ("delete_endpoint", "endpoint"),
        ("delete_endpoint_config", "endpoint configuration"),
        ("delete_model", "model"),
    ):
        message = f'Could not find {what} "arn".'
        stubber.add_client_error(operation, "ValidationException", message, 400)
    MadeForValidation(client, endpoint_name="digits-prod").delete(OURS)
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        ("AccessDeniedException", "not authorized to perform: sagemaker:DeleteEndpoint", Denied),
        ("ValidationException", "Cannot update in-progress endpoint", EndpointBusy),
        ("ValidationException", "This endpoint takes no deletion", Rejected),
    ],
)
def test_an_endpoint_that_takes_no_deletion_keeps_its_configuration(
    stubbed: Stubbed, code: str, message: str, error: type[Exception]
) -> None:
    client, stubber = stubbed("sagemaker")
    stubber.add_client_error("delete_endpoint", code, message, 400)
    with pytest.raises(error):
        MadeForValidation(client, endpoint_name="digits-prod").delete(OURS)
