"""What the controller has made: how it is found, and deleted."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from tidegate_runtime.adapters.leftovers import MadeForRollouts
from tidegate_runtime.errors import Denied
from tidegate_runtime.naming import config_prefix, content_name, is_content_name, model_prefix

Stubbed = Callable[[str], tuple[Any, Stubber]]

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
ARN = "arn:aws:sagemaker:us-east-1:000000000000:"
NEWEST_FIRST = {"SortBy": "CreationTime", "SortOrder": "Descending"}
OURS = ["digits-rollout-00112233aabbccdd", "digits-rollout-ffffffffffffffff"]
OTHERS = ["my-digits-rollout-00112233aabbccdd", "digits-rollout-by-hand", "digits-rollout-00112233AABBCCDD"]


def test_configurations_are_found_by_the_names_that_only_the_controller_gives(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    names = [OURS[0], *OTHERS, OURS[1]]
    found = [
        {"EndpointConfigName": name, "EndpointConfigArn": f"{ARN}endpoint-config/{name}", "CreationTime": NOW}
        for name in names
    ]
    asked = {"NameContains": "digits-rollout", **NEWEST_FIRST}
    pages: list[dict[str, Any]] = [
        {"EndpointConfigs": found[:3], "NextToken": "more"},
        {"EndpointConfigs": found[3:]},
    ]
    stubber.add_response("list_endpoint_configs", pages[0], asked)
    stubber.add_response("list_endpoint_configs", pages[1], {**asked, "NextToken": "more"})
    assert MadeForRollouts(client, endpoint_name="digits").configs() == OURS


def test_models_are_found_by_the_names_that_only_the_controller_gives(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    names = ["digits-candidate-00112233aabbccdd", "digits-00112233aabbccdd"]
    found = [{"ModelName": name, "ModelArn": f"{ARN}model/{name}", "CreationTime": NOW} for name in names]
    stubber.add_response(
        "list_models", {"Models": found}, {"NameContains": "digits-candidate", **NEWEST_FIRST}
    )
    assert MadeForRollouts(client, endpoint_name="digits").models() == names[:1]


def test_what_is_gone_already_counts_as_deleted(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    for operation in ("delete_endpoint_config", "delete_model"):
        stubber.add_client_error(operation, "ValidationException", "Could not find it.", 400)
    made = MadeForRollouts(client, endpoint_name="digits")
    made.delete_config("a")
    made.delete_model("b")


def test_a_refusal_is_told(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    stubber.add_client_error("delete_model", service_error_code="AccessDeniedException")
    with pytest.raises(Denied):
        MadeForRollouts(client, endpoint_name="digits").delete_model("b")


@pytest.mark.parametrize("endpoint", ["digits", "d" * 46, "d" * 40 + "-ab"])
def test_every_name_that_is_given_is_known_again_however_long_the_endpoints_is(endpoint: str) -> None:
    for prefix in (config_prefix(endpoint), model_prefix(endpoint)):
        name = content_name(prefix, {"a": 1})
        assert len(name) <= 63
        assert is_content_name(name, prefix=prefix)
