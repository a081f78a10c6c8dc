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
    """A kind of endpoint, by what it publishes."""

    REAL_TIME = "real-time"
    ASYNC = "asynchronous"
    SERVERLESS = "serverless"


_ALL: Final = frozenset(Kind)
_ASYNC: Final = frozenset({Kind.ASYNC})
_SERVERLESS: Final = frozenset({Kind.SERVERLESS})
_INSTANCES: Final = frozenset({Kind.REAL_TIME, Kind.ASYNC})
# A queue does not publish how many requests there were.
_COUNTED: Final = frozenset({Kind.REAL_TIME, Kind.SERVERLESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFact:
    """One metric as SageMaker publishes it.

    Attributes:
        unit: Unit of a value, in words.
        namespace: Namespace of the metric.
        kinds: Which endpoints publish it.
        per_variant: Whether it has the dimension VariantName beside EndpointName.
        per_request: Whether there is one value a request: without requests there is no data.
        highest: Largest value of one sample; None when it has no bound that AWS documents.

    """

    unit: str
    namespace: str = INVOCATIONS
    kinds: frozenset[Kind] = _ALL
    per_variant: bool = True
    per_request: bool = False
    highest: float | None = None

    @property
    def follows_metrics_frequency(self) -> bool:
        """Whether the endpoint's `metrics_frequency_seconds` applies; the others come every minute."""
        return self.per_variant and self.kinds != _ASYNC


def _request(unit: str, *, highest: float | None = None, kinds: frozenset[Kind] = _ALL) -> MetricFact:
    return MetricFact(unit=unit, per_request=True, highest=highest, kinds=kinds)


def _host(*, per_unit: bool = False, kinds: frozenset[Kind] = _INSTANCES) -> MetricFact:
    # CPU and GPU figures add up over cores and devices: four cores reach 400 %.
    return MetricFact(unit="percent", namespace=HOSTS, highest=None if per_unit else 100.0, kinds=kinds)


def _queue(unit: str, *, highest: float | None = None) -> MetricFact:
    return MetricFact(unit=unit, kinds=_ASYNC, per_variant=False, highest=highest)


def _warm(unit: str, *, highest: float | None = None) -> MetricFact:
    return MetricFact(unit=unit, kinds=_SERVERLESS, highest=highest)


def _async_event(unit: str = "count") -> MetricFact:
    return MetricFact(unit=unit, kinds=_ASYNC, per_request=True)


METRICS: Final[Mapping[str, MetricFact]] = MappingProxyType(
    {
        "Invocations": _request("count", highest=1.0, kinds=_COUNTED),
        "Invocation4XXErrors": _request("count", highest=1.0),
        "Invocation5XXErrors": _request("count", highest=1.0),
        "InvocationModelErrors": _request("count", highest=1.0, kinds=_COUNTED),
        "ModelLatency": _request("microseconds"),
        "OverheadLatency": _request("microseconds", kinds=_COUNTED),
        "CPUUtilization": _host(per_unit=True),
        "GPUUtilization": _host(per_unit=True),
        "GPUMemoryUtilization": _host(per_unit=True),
        "MemoryUtilization": _host(kinds=_ALL),
        "DiskUtilization": _host(),
        "ModelSetupTime": _request("microseconds", kinds=_SERVERLESS),
        "ServerlessConcurrentExecutionsUtilization": _warm("share", highest=1.0),
        "ServerlessProvisionedConcurrencyUtilization": _warm("share", highest=1.0),
        "ServerlessProvisionedConcurrencySpilloverInvocations": _warm("count"),
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
