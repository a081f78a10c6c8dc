from collections.abc import Callable
from typing import Any


def test_the_batch_transform_starts_by_the_clock_and_by_a_new_object(
    synthesize: Callable[[str], dict[str, Any]], snapshot: Any
) -> None:
    resources = synthesize("batch_transform")["Resources"]
    rules = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::Events::Rule"]
    assert {"ScheduleExpression" if "ScheduleExpression" in rule else "EventPattern" for rule in rules} == {
        "ScheduleExpression",
        "EventPattern",
    }
    assert resources == snapshot
