"""The endpoint: what is sent, what is understood, what errors become."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from tidegate_runtime import errors
from tidegate_runtime.adapters.sagemaker import SageMakerEndpoint
from tidegate_runtime.ports import Variant

Stubbed = Callable[[str], tuple[Any, Stubber]]

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:digits-rollout"
PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/digits/2"
DESCRIBED = {
    "EndpointName": "digits",
    "EndpointArn": "arn:aws:sagemaker:us-east-1:000000000000:endpoint/digits",
    "EndpointConfigName": "old",
    "EndpointStatus": "Updating",
    "CreationTime": NOW,
    "LastModifiedTime": NOW,
    "ProductionVariants": [
        {
            "VariantName": "live",
            "CurrentWeight": 95.0,
            "DesiredWeight": 90.0,
            "CurrentInstanceCount": 2,
            "DesiredInstanceCount": 3,
        }
    ],
    "PendingDeploymentSummary": {"EndpointConfigName": "new"},
}


def endpoint(stubbed: Stubbed) -> tuple[SageMakerEndpoint, Stubber]:
    client, stubber = stubbed("sagemaker")
    return SageMakerEndpoint(client, name="digits"), stubber


def test_an_endpoint_is_read_with_what_is_on_its_way(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    stubber.add_response("describe_endpoint", DESCRIBED, {"EndpointName": "digits"})
    view = adapter.describe()
    assert (view.status, view.config_name, view.pending_config) == ("Updating", "old", "new")
    assert view.variants == (
        Variant(name="live", weight=95.0, desired_weight=90.0, instances=2, desired_instances=3),
    )


@pytest.mark.parametrize(
    ("code", "message", "status", "error"),
    [
        ("ThrottlingException", "Rate exceeded", 400, errors.Transient),
        ("InternalFailure", "oops", 500, errors.Transient),
        ("ValidationException", 'Cannot update in-progress endpoint "x".', 400, errors.EndpointBusy),
        ("ValidationException", 'Could not find endpoint "x".', 400, errors.EndpointMissing),
        ("ValidationException", 'Could not find endpoint configuration "x".', 400, errors.Transient),
        ("ValidationException", "1 validation error detected", 400, errors.Rejected),
        ("AccessDeniedException", "not authorized", 400, errors.Denied),
        ("ResourceLimitExceeded", "limit", 400, errors.QuotaExceeded),
    ],
)
def test_an_error_of_sagemaker_gets_its_name(
    stubbed: Stubbed, code: str, message: str, status: int, error: type[Exception]
) -> None:
    adapter, stubber = endpoint(stubbed)
    stubber.add_client_error("update_endpoint", code, message, http_status_code=status)
    with pytest.raises(error):
        adapter.update("new")


def test_an_update_states_everything_by_its_configuration(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    answer = {"EndpointArn": DESCRIBED["EndpointArn"]}
    stubber.add_response("update_endpoint", answer, {"EndpointName": "digits", "EndpointConfigName": "new"})
    adapter.update("new")


def test_an_update_that_keeps_counts_does_not_keep_weights(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    expected = {
        "EndpointName": "digits",
        "EndpointConfigName": "old",
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
    }
    stubber.add_response("update_endpoint", {"EndpointArn": DESCRIBED["EndpointArn"]}, expected)
    adapter.update("old", retain_counts=True)


def test_all_weights_go_in_one_call(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    desired = [
        {"VariantName": "live", "DesiredWeight": 95.0},
        {"VariantName": "candidate", "DesiredWeight": 5.0},
    ]
    stubber.add_response(
        "update_endpoint_weights_and_capacities",
        {"EndpointArn": DESCRIBED["EndpointArn"]},
        {"EndpointName": "digits", "DesiredWeightsAndCapacities": desired},
    )
    adapter.set_weights({"live": 95.0, "candidate": 5.0})


def test_a_model_that_exists_is_the_same_model(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    message = "Cannot create already existing model"
    stubber.add_client_error("create_model", "ValidationException", message)
    adapter.create_model({"ModelName": "m", "ExecutionRoleArn": "arn:aws:iam::000000000000:role/execution"})


def test_a_configuration_is_read_as_it_can_be_created(stubbed: Stubbed) -> None:
    adapter, stubber = endpoint(stubbed)
    variants = [{"VariantName": "live", "ModelName": "m", "InitialVariantWeight": 0.0}]
    answer = {
        "EndpointConfigName": "old",
        "EndpointConfigArn": "arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/old",
        "CreationTime": NOW,
        "ProductionVariants": variants,
        "MetricsConfig": {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 10},
        "EnableNetworkIsolation": False,
    }
    stubber.add_response("describe_endpoint_config", answer, {"EndpointConfigName": "old"})
    assert set(adapter.config("old")) == {"ProductionVariants", "MetricsConfig", "EnableNetworkIsolation"}
