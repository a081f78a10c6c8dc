"""A clock that stands still until told otherwise, and a CloudWatch on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from localcloud.clock import CloudClock
from localcloud.cloudwatch import CloudWatch

MIDNIGHT = 1_800_000_000 // 86_400 * 86_400


class ManualClock(CloudClock):
    """Time as a number; timers run when `advance` passes them."""

    def __init__(self, time: float = MIDNIGHT) -> None:
        super().__init__(1.0)
        self.time = time
        self.timers: list[tuple[float, int, Callable[[], object]]] = []

    def now(self) -> float:
        return self.time

    def after(self, cloud_seconds: float, fn: Callable[[], object]) -> Any:
        self.timers.append((self.time + cloud_seconds, len(self.timers), fn))

    def advance(self, seconds: float) -> None:
        end = self.time + seconds
        while due := sorted(timer for timer in self.timers if timer[0] <= end):
            self.timers.remove(due[0])
            self.time = due[0][0]
            due[0][2]()
        self.time = end


@dataclass
class World:
    """A CloudWatch, its clock, and what it told the world."""

    clock: ManualClock
    cloudwatch: CloudWatch
    events: list[dict[str, Any]]
    messages: list[tuple[str, str, str]]

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        return self.cloudwatch.call(operation, params)

    def state(self, name: str) -> str:
        found = self.call("DescribeAlarms", AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        return str((found["MetricAlarms"] + found["CompositeAlarms"])[0]["StateValue"])

    def record(self, value: float, *, name: str = "Errors", ago: float = 0.0, **dimensions: str) -> None:
        """Record a sample of the metric that `alarm` watches by default."""
        chosen = dimensions or {"VariantName": "candidate"}
        self.cloudwatch.metrics.record("Test", name, chosen, value, "Count", self.clock.now() - ago)

    def alarm(self, name: str = "broken", **changes: Any) -> None:
        """Put an alarm on the sum of Errors over a minute being above 5."""
        single = {
            "Namespace": "Test",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "VariantName", "Value": "candidate"}],
            "Statistic": "Sum",
            "Period": 60,
        }
        params = {
            "AlarmName": name,
            "EvaluationPeriods": 1,
            "Threshold": 5.0,
            "ComparisonOperator": "GreaterThanThreshold",
            **({} if "Metrics" in changes else single),
            **changes,
        }
        self.call("PutMetricAlarm", **{key: value for key, value in params.items() if value is not None})


@pytest.fixture
def world() -> World:
    clock = ManualClock()
    events: list[dict[str, Any]] = []
    messages: list[tuple[str, str, str]] = []

    def emit(source: str, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
        events.append({"source": source, "type": detail_type, "detail": detail, "resources": resources})

    def notify(topic: str, subject: str, message: str) -> None:
        messages.append((topic, subject, message))

    return World(clock, CloudWatch(clock, emit, notify=notify), events, messages)
