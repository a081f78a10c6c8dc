"""One alarm of an endpoint, as a value: what is watched, and when it is bad."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Self

from aws_cdk import Duration

from tidegate._alarm_rules import check_firing, check_timing
from tidegate._metric_facts import METRICS
from tidegate._validation import NAME_PATTERN, Faults
from tidegate.compatibility_numbers import refusal
from tidegate.instance_sizes import units_of

_LONGEST_ANSWER_SECONDS: Final = 60
_LONGEST_ASYNC_ANSWER_SECONDS: Final = 3600
_MICROSECONDS: Final = 1_000_000

# What a saturation alarm is called, by its metric.
_HOST_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CPUUtilization": "cpu",
        "MemoryUtilization": "memory",
        "DiskUtilization": "disk",
        "GPUUtilization": "gpu",
        "GPUMemoryUtilization": "gpu-memory",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointAlarm:
    """When one metric of an endpoint is bad. Prefer the factories: they know units and defaults.

    Attributes:
        name: Short name in alarm names, for example `5xx`.
        metric: CloudWatch name of the metric.
        statistic: `Average`, `Maximum`, `Minimum`, `Sum`, `SampleCount`, or a percentile such as `p99`.
        threshold: The first bad value, in the metric's own unit; of a rate, a share of the requests.
        below: Whether values under the threshold are bad, instead of values from it on.
        rate: Whether the sum of the metric is divided by the number of requests.
        min_requests: Fewest requests of a period for which a rate counts; fewer are no alarm.
        highest: Largest value of one sample; what AWS documents for the metric when None.
        missing_is_breaching: Whether a period without data is bad. No by default.
        expected_requests_per_minute: Traffic that the thresholds were chosen for; not checked when None.
        period_seconds: Length of a period: 10, 20, 30 or a multiple of 60.
        periods: Number of latest periods that are looked at.
        datapoints: Number of bad ones among them that fire.

    Raises:
        ValueError: naming every fault at once, also when the alarm could never fire.

    Example:
        EndpointAlarm.server_error_rate(at_least=0.05)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html

    """

    name: str
    metric: str
    statistic: str
    threshold: float
    below: bool = False
    rate: bool = False
    min_requests: int = 0
    highest: float | None = None
    missing_is_breaching: bool = False
    expected_requests_per_minute: float | None = None
    period_seconds: int = 60
    periods: int = 3
    datapoints: int = 3

    def __post_init__(self) -> None:
        faults = Faults(f"alarm {self.name!r}")
        faults.rule(
            "name-characters",
            ok=NAME_PATTERN.fullmatch(self.name) is not None,
            message=f"name must be letters, digits and inner hyphens, got {self.name!r}",
        )
        fact = METRICS.get(self.metric)
        faults.rule(
            "alarm-metric",
            ok=fact is not None,
            message=f"metric must be one of {sorted(METRICS)}, got {self.metric!r}",
        )
        check_timing(faults, self)
        if fact is not None:
            if self.highest is None:
                object.__setattr__(self, "highest", fact.highest)
            check_firing(faults, self, fact)
        faults.raise_if_any()

    @classmethod
    def server_error_rate(cls, *, at_least: float, min_requests: int = 20, **timing: Any) -> Self:
        """Return the alarm `5xx`: a share of the requests ended in a server error."""
        return cls._rate("5xx", "Invocation5XXErrors", at_least, min_requests, timing)

    @classmethod
    def model_error_rate(cls, *, at_least: float, min_requests: int = 20, **timing: Any) -> Self:
        """Return the alarm `model-errors`: a share of the requests got no 2xx from the container."""
        return cls._rate("model-errors", "InvocationModelErrors", at_least, min_requests, timing)

    @classmethod
    def client_error_rate(cls, *, at_least: float, min_requests: int = 20, **timing: Any) -> Self:
        """Return the alarm `4xx`: a share of the requests was refused as the caller's fault."""
        return cls._rate("4xx", "Invocation4XXErrors", at_least, min_requests, timing)

    @classmethod
    def model_latency(
        cls,
        *,
        percentile: float,
        at_least: Duration,
        expected_requests_per_minute: float,
        asynchronous: bool = False,
        **timing: Any,
    ) -> Self:
        """Return the alarm `latency-pNN`: the container took this long; compared in microseconds.

        Args:
            percentile: Above 0 and below 100, for example 99 or 99.9.
            at_least: The first bad latency.
            expected_requests_per_minute: Traffic; too little of it leaves a percentile unevaluated.
            asynchronous: Whether the endpoint is asynchronous: requests then take up to an hour, else 60 s.
            **timing: `period_seconds`, `periods` and `datapoints`.

        """
        longest = _LONGEST_ASYNC_ANSWER_SECONDS if asynchronous else _LONGEST_ANSWER_SECONDS
        return cls(
            name=f"latency-p{percentile:g}".replace(".", "-"),
            metric="ModelLatency",
            statistic=f"p{percentile:g}",
            threshold=at_least.to_milliseconds() * 1000,
            highest=longest * _MICROSECONDS,
            expected_requests_per_minute=expected_requests_per_minute,
            **timing,
        )

    @classmethod
    def saturation(
        cls,
        metric: str,
        *,
        percent: float,
        units: int = 1,
        instance_type: str | None = None,
        **timing: Any,
    ) -> Self:
        """Return the alarm `cpu`, `memory`, `disk`, `gpu` or `gpu-memory`: the instances are nearly full.

        Args:
            metric: For example `CPUUtilization`, of the namespace /aws/sagemaker/Endpoints.
            percent: First bad share of the whole instance, above 0 and at most 100.
            units: vCPUs or GPUs of the instance type: SageMaker adds up their percentages. Taken from
                `instance_type` when that is given and known.
            instance_type: SageMaker instance type, for example `ml.m5.xlarge`.
            **timing: `period_seconds`, `periods` and `datapoints`.

        """
        if metric not in _HOST_NAMES:
            raise ValueError(
                refusal("alarm-metric", f"metric must be one of {sorted(_HOST_NAMES)}, got {metric!r}")
            )
        known = None if instance_type is None else units_of(metric, instance_type)
        units = known if known is not None else units
        if units < 1 or (units > 1 and METRICS[metric].highest is not None):
            raise ValueError(
                refusal(
                    "alarm-units",
                    f"units of {metric} must be at least 1, and 1 for memory and disk, got {units}",
                )
            )
        return cls(
            name=_HOST_NAMES[metric],
            metric=metric,
            statistic="Average",
            threshold=percent * units,
            highest=100.0 * units,
            **timing,
        )

    @classmethod
    def no_traffic(cls, *, minutes: int = 15) -> Self:
        """Return the alarm `no-traffic`: not one request in so many minutes; no data is bad here."""
        return cls(
            name="no-traffic",
            metric="Invocations",
            statistic="Sum",
            threshold=1,
            below=True,
            missing_is_breaching=True,
            period_seconds=60,
            periods=minutes,
            datapoints=minutes,
        )

    @classmethod
    def backlog_age(cls, *, at_least: Duration, **timing: Any) -> Self:
        """Return the alarm `backlog-age`: a request waits in an asynchronous endpoint's queue this long."""
        return cls(
            name="backlog-age",
            metric="ApproximateAgeOfOldestRequest",
            statistic="Maximum",
            threshold=at_least.to_seconds(),
            **timing,
        )

    @classmethod
    def async_failures(cls, metric: str = "InvocationFailures", *, at_least: int = 1, **timing: Any) -> Self:
        """Return the alarm on a count of an asynchronous endpoint, for example of `ExpiredRequests`."""
        return cls(
            name=metric.lower(),
            metric=metric,
            statistic="Sum",
            threshold=at_least,
            **{"periods": 1, "datapoints": 1, **timing},
        )

    @classmethod
    def _rate(
        cls, name: str, metric: str, at_least: float, min_requests: int, timing: Mapping[str, Any]
    ) -> Self:
        return cls(
            name=name,
            metric=metric,
            statistic="Sum",
            threshold=at_least,
            rate=True,
            min_requests=min_requests,
            **timing,
        )
