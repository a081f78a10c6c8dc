"""Application Auto Scaling as a real boto3 client sees it, over HTTP."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from localcloud.protocol import handle_json

if TYPE_CHECKING:
    from tests.localcloud.scaling.conftest import World

KEYS: dict[str, Any] = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits-rehearsal/variant/live",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


@pytest.fixture
def client(world: "World") -> Iterator[Any]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, content = handle_json(world.scaling, dict(self.headers.items()), body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield boto3.client(
            "application-autoscaling",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            endpoint_url=f"http://127.0.0.1:{server.server_port}",
        )
        server.shutdown()


def test_a_target_its_policy_and_its_activities_go_through_the_wire(client: Any, world: "World") -> None:
    client.register_scalable_target(**KEYS, MinCapacity=3, MaxCapacity=8)
    client.put_scaling_policy(
        **KEYS,
        PolicyName="load",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 100.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
        },
    )
    [target] = client.describe_scalable_targets(
        ServiceNamespace="sagemaker",
        ResourceIds=[KEYS["ResourceId"]],
        ScalableDimension=KEYS["ScalableDimension"],
    )["ScalableTargets"]
    assert (target["MinCapacity"], target["CreationTime"].timestamp()) == (3, world.clock.now())
    [policy] = client.describe_scaling_policies(**KEYS)["ScalingPolicies"]
    assert policy["PolicyName"] == "load"
    [activity] = client.describe_scaling_activities(**KEYS)["ScalingActivities"]
    assert activity["Cause"] == "minimum capacity was set to 3"
    client.delete_scaling_policy(**KEYS, PolicyName="load")
    client.deregister_scalable_target(**KEYS)
    assert not world.scaling.is_registered("digits-rehearsal", "live")


def test_rejects_an_unknown_target_with_awss_code(client: Any) -> None:
    with pytest.raises(client.exceptions.ObjectNotFoundException):
        client.deregister_scalable_target(**KEYS)
