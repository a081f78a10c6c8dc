"""What only the function of an A/B test asks of AWS, and that function itself on real clients."""

import datetime as dt
import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from tidegate_runtime import errors
from tidegate_runtime.adapters import aws
from tidegate_runtime.adapters.config_age import SageMakerConfigs
from tidegate_runtime.adapters.floors import ScalingFloors
from tidegate_runtime.adapters.topic import SnsTopic

Stubbed = Callable[[str], tuple[Any, Stubber]]

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
TOPIC = "arn:aws:sns:us-east-1:000000000000:told"
SCALED = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
DOCUMENT = {
    "champion": "a",
    "instance_types": {"a": "ml.m5.large", "b": "ml.m5.large"},
    "deadline": 1_000,
    "idle_after_seconds": 86_400,
}


def test_a_configuration_tells_when_it_was_made(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sagemaker")
    answer = {
        "EndpointConfigName": "config",
        "EndpointConfigArn": "arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/config",
        "ProductionVariants": [{"VariantName": "a"}],
        "CreationTime": NOW,
    }
    stubber.add_response("describe_endpoint_config", answer, {"EndpointConfigName": "config"})
    assert SageMakerConfigs(client).created_at("config") == NOW.timestamp()


def test_only_scaled_variants_have_a_minimum(stubbed: Stubbed) -> None:
    client, stubber = stubbed("application-autoscaling")
    ids = ["endpoint/ranking/variant/b", "endpoint/ranking/variant/c"]
    target = {
        **SCALED,
        "ResourceId": ids[1],
        "MinCapacity": 2,
        "MaxCapacity": 8,
        "RoleARN": "arn:aws:iam::000000000000:role/x",
        "CreationTime": NOW,
    }
    expected = {"ServiceNamespace": "sagemaker", "ResourceIds": ids}
    expected["ScalableDimension"] = SCALED["ScalableDimension"]
    stubber.add_response("describe_scalable_targets", {"ScalableTargets": [target]}, expected)
    assert ScalingFloors(client, endpoint_name="ranking").read(["b", "c"]) == {"c": 2}


def test_lowering_a_minimum_leaves_maximum_and_suspensions_alone(stubbed: Stubbed) -> None:
    client, stubber = stubbed("application-autoscaling")
    expected = {**SCALED, "ResourceId": "endpoint/ranking/variant/b", "MinCapacity": 1}
    stubber.add_response("register_scalable_target", {}, expected)
    ScalingFloors(client, endpoint_name="ranking").lower("b", to=1)


def test_a_topic_that_refuses_is_named_as_denied(stubbed: Stubbed) -> None:
    client, stubber = stubbed("sns")
    stubber.add_client_error("publish", "AccessDeniedException")
    with pytest.raises(errors.Denied):
        SnsTopic(client, arn=TOPIC).publish(subject="over", text="b is idle")


@pytest.fixture
def handler(stubbed: Stubbed, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, dict[str, Stubber]]:
    """Return the handler's module, imported anew on stubbed clients, with their stubbers by service."""
    stubbers: dict[str, Stubber] = {}

    def client(service: str) -> Any:
        made, stubbers[service] = stubbed(service)
        return made

    monkeypatch.setattr(aws, "client", client)
    monkeypatch.setattr(aws, "deferred", client)
    monkeypatch.setenv("ENDPOINT_NAME", "ranking")
    monkeypatch.setenv("AB_TEST", json.dumps(DOCUMENT))
    monkeypatch.setenv("TOPIC_ARN", TOPIC)
    monkeypatch.delitem(sys.modules, "ab_test.handler", raising=False)
    module = importlib.import_module("ab_test.handler")
    monkeypatch.delitem(sys.modules, "ab_test.handler")
    return module, stubbers


def endpoint(status: str = "InService", *, weights: tuple[float, float] = (50.0, 50.0)) -> dict[str, Any]:
    variants = [
        {
            "VariantName": name,
            "CurrentWeight": weight,
            "DesiredWeight": weight,
            "CurrentInstanceCount": 2,
            "DesiredInstanceCount": 2,
        }
        for name, weight in zip("ab", weights, strict=True)
    ]
    return {
        "EndpointName": "ranking",
        "EndpointArn": "arn:aws:sagemaker:us-east-1:000000000000:endpoint/ranking",
        "EndpointConfigName": "config",
        "EndpointStatus": status,
        "ProductionVariants": variants,
        "CreationTime": NOW,
        "LastModifiedTime": NOW,
    }


def test_the_function_moves_all_weights_in_one_call_and_tells(
    handler: tuple[Any, dict[str, Stubber]],
) -> None:
    module, stubbers = handler
    stubbers["sagemaker"].add_response("describe_endpoint", endpoint(), {"EndpointName": "ranking"})
    stubbers["application-autoscaling"].add_response("describe_scalable_targets", {"ScalableTargets": []})
    wanted = [{"VariantName": "a", "DesiredWeight": 100.0}, {"VariantName": "b", "DesiredWeight": 0.0}]
    stubbers["sagemaker"].add_response(
        "update_endpoint_weights_and_capacities",
        {"EndpointArn": "arn:aws:sagemaker:us-east-1:000000000000:endpoint/ranking"},
        {"EndpointName": "ranking", "DesiredWeightsAndCapacities": wanted},
    )
    stubbers["sns"].add_response(
        "publish",
        {"MessageId": "1"},
        {"TopicArn": TOPIC, "Subject": "A/B test on ranking: over", "Message": ANY},
    )
    assert module.handle({}, None) == {"leaving": ["b"], "did": ["weights a=100, b=0"]}


def test_the_function_takes_down_one_fleet_in_one_call(handler: tuple[Any, dict[str, Stubber]]) -> None:
    module, stubbers = handler
    stubbers["sagemaker"].add_response("describe_endpoint", endpoint(weights=(100.0, 0.0)))
    stubbers["application-autoscaling"].add_response("describe_scalable_targets", {"ScalableTargets": []})
    wanted = [{"VariantName": "b", "DesiredInstanceCount": 1}]
    stubbers["sagemaker"].add_response(
        "update_endpoint_weights_and_capacities",
        {"EndpointArn": "arn:aws:sagemaker:us-east-1:000000000000:endpoint/ranking"},
        {"EndpointName": "ranking", "DesiredWeightsAndCapacities": wanted},
    )
    stubbers["sns"].add_client_error("publish", "InternalError", http_status_code=400)
    assert module.handle({}, None)["did"] == ["b goes down to 1 instance"]


def test_the_function_asks_nothing_more_of_an_endpoint_that_is_being_updated(
    handler: tuple[Any, dict[str, Stubber]],
) -> None:
    module, stubbers = handler
    stubbers["sagemaker"].add_response("describe_endpoint", endpoint("Updating"))
    assert module.handle({}, None)["because"] == "the endpoint is Updating"
