"""The metrics that target tracking follows, and how they are read.

Sources: the predefined metrics,
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-code-define.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-autoscale.html; the customized ones,
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_CustomizedMetricSpecification.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.cloudwatch.statistics import Statistic
from localcloud.cloudwatch.store import MetricKey, MetricStore
from localcloud.errors import AwsError, NotEmulated
from localcloud.scaling.dimensions import COPIES, INSTANCES, WARM_WORKERS, Dimension

Readings = list[float | None]

MINUTE = 60
_NAMESPACE = "AWS/SageMaker"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Predefined:
    dimension: Dimension
    metric: str
    statistic: str
    period: int = MINUTE


PREDEFINED: Mapping[str, _Predefined] = {
    "SageMakerVariantInvocationsPerInstance": _Predefined(
        dimension=INSTANCES, metric="InvocationsPerInstance", statistic="Sum"
    ),
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": _Predefined(
        dimension=INSTANCES, metric="ConcurrentRequestsPerModel", statistic="Average", period=10
    ),
    "SageMakerVariantProvisionedConcurrencyUtilization": _Predefined(
        dimension=WARM_WORKERS, metric="ServerlessProvisionedConcurrencyUtilization", statistic="Average"
    ),
    "SageMakerInferenceComponentInvocationsPerCopy": _Predefined(
        dimension=COPIES, metric="InvocationsPerCopy", statistic="Sum"
    ),
    "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution": _Predefined(
        dimension=COPIES, metric="ConcurrentRequestsPerCopy", statistic="Average", period=10
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One metric with its statistic and period (seconds)."""

    key: MetricKey
    statistic: Statistic
    period: int = MINUTE
    unit: str | None = None

    def readings(self, store: MetricStore, now: float, *, periods: int) -> Readings:
        """Return the last complete periods, oldest first, None where there is no data point."""
        end = int(now // self.period) * self.period
        starts = range(end - periods * self.period, end, self.period)
        found = [
            store.merged(self.key, start=at, end=at + self.period, unit=self.unit, samples=False)
            for at in starts
        ]
        return [self.statistic.value(each) if each is not None else None for each in found]


def watched(configuration: Mapping[str, Any], dimension: Dimension, resource_id: str) -> Watched:
    """Return the metric of a target-tracking configuration.

    Raises:
        AwsError: ValidationException, when there is none, two, or one that the dimension does not have.
        NotEmulated: for metric math.

    """
    predefined = configuration.get("PredefinedMetricSpecification")
    customized = configuration.get("CustomizedMetricSpecification")
    if (predefined is None) == (customized is None):
        raise AwsError(
            "ValidationException",
            "exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification is required",
        )
    if predefined is not None:
        return _predefined(predefined, dimension, resource_id)
    return _customized(customized or {})


def _predefined(given: Mapping[str, Any], dimension: Dimension, resource_id: str) -> Watched:
    name = given["PredefinedMetricType"]
    known = [each for each, metric in PREDEFINED.items() if metric.dimension is dimension]
    if name not in known:
        raise AwsError(
            "ValidationException",
            f"Scalable dimension {dimension.name} only supports the following predefined metric types: "
            f"{', '.join(known)}; got {name}",
        )
    if "ResourceLabel" in given:
        raise AwsError("ValidationException", f"ResourceLabel must not be given for {name}")
    metric = PREDEFINED[name]
    return Watched(
        key=MetricKey.of(_NAMESPACE, metric.metric, dimension.names(resource_id)),
        statistic=Statistic(name=metric.statistic),
        period=metric.period,
    )


def _customized(given: Mapping[str, Any]) -> Watched:
    if "Metrics" in given:
        raise NotEmulated("Application Auto Scaling CustomizedMetricSpecification.Metrics (metric math)")
    missing = [name for name in ("Namespace", "MetricName", "Statistic") if name not in given]
    if missing:
        raise AwsError("ValidationException", f"CustomizedMetricSpecification must have {', '.join(missing)}")
    dimensions = {each["Name"]: each["Value"] for each in given.get("Dimensions", ())}
    return Watched(
        key=MetricKey.of(given["Namespace"], given["MetricName"], dimensions),
        statistic=Statistic(name=given["Statistic"]),
        unit=given.get("Unit"),
    )
