"""The metrics of asynchronous endpoints.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
"""

from collections.abc import Mapping
from typing import Final

from localcloud.sagemaker.invocation_metrics import MetricSink

_NAMESPACE: Final = "AWS/SageMaker"


def record_backlog(
    sink: MetricSink,
    endpoint: str,
    *,
    queued: int,
    running: int,
    instances: int,
    oldest_seconds: float,
    at: float,
) -> None:
    """Record the state of a queue, with the dimension EndpointName alone.

    Args:
        sink: where samples go.
        endpoint: endpoint name.
        queued: requests that nobody works on.
        running: requests that a model works on.
        instances: instances that serve.
        oldest_seconds: age of the oldest queued request, cloud seconds.
        at: epoch seconds of the cloud clock.

    """
    size = queued + running
    samples = {
        "ApproximateBacklogSize": (float(size), "Count"),
        "ApproximateBacklogSizePerInstance": (size / max(1, instances), "Count"),
        "HasBacklogWithoutCapacity": (float(queued > 0 and instances == 0), "Count"),
        "ApproximateAgeOfOldestRequest": (oldest_seconds, "Seconds"),
    }
    for name, (value, unit) in samples.items():
        sink.record(_NAMESPACE, name, {"EndpointName": endpoint}, value, unit, at)


def record_end(
    sink: MetricSink,
    endpoint: str,
    variant: str,
    counts: Mapping[str, bool],
    milliseconds: Mapping[str, float],
    at: float,
) -> None:
    """Record how one request ended, with the dimensions EndpointName and VariantName."""
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    for name, happened in counts.items():
        sink.record(_NAMESPACE, name, dimensions, float(happened), "Count", at)
    for name, value in milliseconds.items():
        sink.record(_NAMESPACE, name, dimensions, value, "Milliseconds", at)
