from collections.abc import Callable
from typing import Any


def test_the_guarded_endpoint_bakes_a_canary_before_the_rest(
    synthesize: Callable[[str], dict[str, Any]], snapshot: Any
) -> None:
    resources = synthesize("guarded_endpoint")["Resources"]
    (endpoint,) = [one for one in resources.values() if one["Type"] == "AWS::SageMaker::Endpoint"]
    config = endpoint["Properties"]["DeploymentConfig"]
    traffic = config["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert (traffic["Type"], traffic["WaitIntervalInSeconds"]) == ("CANARY", 600)
    assert len(config["AutoRollbackConfiguration"]["Alarms"]) == 2
    assert resources == snapshot
