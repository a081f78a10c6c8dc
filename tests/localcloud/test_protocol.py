import json
from typing import Any

import pytest

from localcloud.errors import AwsError
from localcloud.protocol import JsonService, handle_json

VALID = {"EndpointName": "e", "DesiredWeightsAndCapacities": [{"VariantName": "live", "DesiredWeight": 1}]}


class Echo(JsonService):
    def __init__(self) -> None:
        super().__init__("sagemaker")

    def op_update_endpoint_weights_and_capacities(self, params: dict[str, Any]) -> dict[str, Any]:
        return params


def answered(operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
    status, _, content = handle_json(Echo(), {"x-amz-target": f"SageMaker.{operation}"}, body)
    return status, json.loads(content)


def test_a_valid_request_reaches_the_operation_without_its_nulls() -> None:
    status, echoed = answered("UpdateEndpointWeightsAndCapacities", json.dumps(VALID | {"x": None}).encode())
    assert (status, echoed) == (200, VALID)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"EndpointName": None}, "'EndpointName' failed to satisfy constraint: Member must not be null"),
        ({"EndpointName": 3}, "must be of type string"),
        ({"EndpointName": "-"}, "regular expression pattern"),
        ({"EndpointName": "e" * 64}, "length less than or equal to 63"),
        ({"DesiredWeightsAndCapacities": []}, "length greater than or equal to 1"),
        ({"Wrong": 1}, "Unknown parameter 'Wrong'"),
        (
            {"DesiredWeightsAndCapacities": [{"VariantName": "v", "DesiredWeight": -0.5}]},
            "'DesiredWeightsAndCapacities.1.member.DesiredWeight' failed",
        ),
        ({"DesiredWeightsAndCapacities": [{"VariantName": "v", "DesiredWeight": float("nan")}]}, "finite"),
        ({"DesiredWeightsAndCapacities": [{"VariantName": "v", "DesiredInstanceCount": True}]}, "integer"),
    ],
)
def test_rejects_what_breaks_the_service_model(change: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError) as refusal:
        Echo().call("UpdateEndpointWeightsAndCapacities", VALID | change)
    assert refusal.value.code == "ValidationException"
    assert message in refusal.value.message


def test_rejects_all_faults_at_once() -> None:
    with pytest.raises(AwsError, match="3 validation errors detected"):
        Echo().call("UpdateEndpointWeightsAndCapacities", {"EndpointName": "-", "Wrong": 1})


@pytest.mark.parametrize(
    ("operation", "body", "expected"),
    [
        ("DescribeEndpoint", b'{"EndpointName": "e"}', (501, "NotEmulated")),
        ("MakeCoffee", b"{}", (400, "UnknownOperationException")),
        ("DescribeEndpoint", b"{", (400, "SerializationException")),
        ("DescribeEndpoint", b"[]", (400, "SerializationException")),
    ],
)
def test_rejects_unknown_operations_and_bodies(
    operation: str, body: bytes, expected: tuple[int, str]
) -> None:
    status, error = answered(operation, body)
    assert (status, error["__type"]) == expected
