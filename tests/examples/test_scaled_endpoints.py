from collections.abc import Callable
from typing import Any


def test_the_scaled_endpoints_follow_their_load_each_by_its_own_dimension(
    synthesize: Callable[[str], dict[str, Any]], snapshot: Any
) -> None:
    resources = synthesize("scaled_endpoints")["Resources"]
    targets = [
        one["Properties"]
        for one in resources.values()
        if one["Type"] == "AWS::ApplicationAutoScaling::ScalableTarget"
    ]
    assert sorted((one["ScalableDimension"].split(":")[-1], one["MinCapacity"]) for one in targets) == [
        ("DesiredCopyCount", 0),
        ("DesiredInstanceCount", 0),
        ("DesiredInstanceCount", 1),
        ("DesiredInstanceCount", 2),
        ("DesiredProvisionedConcurrency", 1),
    ]
    assert resources == snapshot
