from collections import Counter
from collections.abc import Callable
from typing import Any


def test_the_observed_endpoint_has_alarms_one_composite_and_a_dashboard(
    synthesize: Callable[[str], dict[str, Any]], snapshot: Any
) -> None:
    resources = synthesize("observed_endpoint")["Resources"]
    kinds = Counter(one["Type"] for one in resources.values())
    assert kinds["AWS::CloudWatch::Alarm"] == 6
    assert kinds["AWS::CloudWatch::CompositeAlarm"] == 1
    assert kinds["AWS::CloudWatch::Dashboard"] == 1
    (composite,) = [one for one in resources.values() if one["Type"] == "AWS::CloudWatch::CompositeAlarm"]
    assert len(composite["Properties"]["AlarmActions"]) == 1
    assert resources == snapshot
