"""The `Meter` port on a function's own log, in CloudWatch's embedded metric format.

It needs no permission and no call: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import sys
from typing import Final, TextIO

NAMESPACE: Final = "Tidegate"
_MILLIS: Final = 1000


class EmbeddedMetrics:
    """Writes metrics of namespace `Tidegate` as a line of the log.

    `Rollouts` (a count) and `RolloutSeconds`, by `Endpoint`, and by `Endpoint` and `Outcome`.
    """

    def __init__(self, *, endpoint_name: str, stream: TextIO | None = None) -> None:
        self._endpoint_name = endpoint_name
        self._stream = stream

    def ended(self, *, outcome: str, at: float, seconds: float) -> None:
        """Count an end, and how long the rollout took."""
        metrics = [{"Name": "Rollouts", "Unit": "Count"}, {"Name": "RolloutSeconds", "Unit": "Seconds"}]
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [["Endpoint"], ["Endpoint", "Outcome"]],
            "Metrics": metrics,
        }
        line = {
            "_aws": {"Timestamp": int(at * _MILLIS), "CloudWatchMetrics": [directive]},
            "Endpoint": self._endpoint_name,
            "Outcome": outcome,
            "Rollouts": 1,
            "RolloutSeconds": round(seconds, 3),
        }
        stream = self._stream if self._stream is not None else sys.stdout
        stream.write(json.dumps(line) + "\n")
        stream.flush()
