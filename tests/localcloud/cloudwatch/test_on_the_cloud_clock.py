"""An alarm on the real accelerated clock, with samples from another thread."""

import threading
from typing import Any

from localcloud.clock import CloudClock
from localcloud.cloudwatch import CloudWatch

PATIENCE_SECONDS = 30


def test_an_alarm_goes_off_by_itself_and_tells_so_once() -> None:
    clock = CloudClock(600.0)
    states: list[str] = []
    alarmed, ended = threading.Event(), threading.Event()

    def emit(_source: str, _type: str, detail: dict[str, Any], _resources: list[str]) -> None:
        states.append(detail["state"]["value"])
        if states[-1] == "ALARM":
            alarmed.set()

    def traffic() -> None:
        while not ended.wait(0.001):
            cloudwatch.metrics.record("Test", "Errors", {}, 1.0, "Count", clock.now())

    cloudwatch = CloudWatch(clock, emit)
    cloudwatch.call(
        "PutMetricAlarm",
        {
            "AlarmName": "broken",
            "Namespace": "Test",
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 2,
            "Threshold": 0.5,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        },
    )
    sender = threading.Thread(target=traffic)
    sender.start()
    try:
        assert alarmed.wait(PATIENCE_SECONDS)
    finally:
        ended.set()
        sender.join()
    cloudwatch.call("DeleteAlarms", {"AlarmNames": ["broken"]})
    assert states in (["OK", "ALARM"], ["ALARM"])
