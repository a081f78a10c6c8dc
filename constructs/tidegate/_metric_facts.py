"""What CloudWatch knows of an endpoint: every metric with its place, unit, pace and bounds.

Source:
    https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html

"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

INVOCATIONS: Final = "AWS/SageMaker"
HOSTS: Final = "/aws/sagemaker/Endpoints"


class Kind(Enum):
    """Which endpoints publish a metric."""

    ANY = "any"
    REAL_TIME = "real-time"
    ASYNC = "async"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFact:
    """One metric as SageMaker publishes it.

    Attributes:
        unit: Unit of a value, in words.
        namespace: Namespace of the metric.
        kind: Which endpoints publish it.
        per_variant: Whether it has the dimension VariantName beside EndpointName.
        per_request: Whether there is one value a request: without requests there is no data.
        highest: Largest value of one sample; None when it has no bound that AWS documents.

    """

    unit: str
    namespace: str = INVOCATIONS
    kind: Kind = Kind.ANY
    per_variant: bool = True
    per_request: bool = False
    highest: float | None = None

    @property
    def follows_metrics_frequency(self) -> bool:
        """Whether the endpoint's `metrics_frequency_seconds` applies; the others come every minute."""
        return self.namespace == INVOCATIONS and self.per_variant and self.kind is not Kind.ASYNC


def _request(unit: str, *, highest: float | None = None, kind: Kind = Kind.ANY) -> MetricFact:
    return MetricFact(unit=unit, per_request=True, highest=highest, kind=kind)


def _host(*, per_unit: bool = False) -> MetricFact:
    # CPU and GPU figures add up over cores and devices: four cores reach 400 %.
    return MetricFact(unit="percent", namespace=HOSTS, highest=None if per_unit else 100.0)


def _queue(unit: str, *, highest: float | None = None) -> MetricFact:
    return MetricFact(unit=unit, kind=Kind.ASYNC, per_variant=False, highest=highest)


def _async_event(unit: str = "count") -> MetricFact:
    return MetricFact(unit=unit, kind=Kind.ASYNC, per_request=True)


METRICS: Final[Mapping[str, MetricFact]] = MappingProxyType(
    {
        "Invocations": _request("count", highest=1.0, kind=Kind.REAL_TIME),
        "Invocation4XXErrors": _request("count", highest=1.0),
        "Invocation5XXErrors": _request("count", highest=1.0),
        "InvocationModelErrors": _request("count", highest=1.0, kind=Kind.REAL_TIME),
        "ModelLatency": _request("microseconds"),
        "OverheadLatency": _request("microseconds", kind=Kind.REAL_TIME),
        "CPUUtilization": _host(per_unit=True),
        "GPUUtilization": _host(per_unit=True),
        "GPUMemoryUtilization": _host(per_unit=True),
        "MemoryUtilization": _host(),
        "DiskUtilization": _host(),
        "ApproximateBacklogSize": _queue("count"),
        "ApproximateBacklogSizePerInstance": _queue("count"),
        "ApproximateAgeOfOldestRequest": _queue("seconds"),
        "HasBacklogWithoutCapacity": _queue("count", highest=1.0),
        "InvocationFailures": _async_event(),
        "ExpiredRequests": _async_event(),
        "NotificationFailures": _async_event(),
        "RequestDownloadFailures": _async_event(),
        "ResponseUploadFailures": _async_event(),
    }
)
"""Every metric that an alarm may watch, by its CloudWatch name."""
