"""A metric that scaling follows."""

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate._metric_facts import INVOCATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingMetric:
    """A CloudWatch metric that scaling follows.

    Attributes:
        name: Name of the metric.
        namespace: Namespace; `AWS/SageMaker` by default.
        statistic: `Average`, `Minimum`, `Maximum`, `SampleCount` or `Sum`.
        dimensions: All dimensions; those of the scaled variant or component when None.
        unit: Unit to look for; every unit when None.

    Example:
        ScalingMetric(name="QueueLength", namespace="MyService", dimensions={"Service": "digits"})

    """

    name: str
    namespace: str = INVOCATIONS
    statistic: str = "Average"
    dimensions: Mapping[str, str] | None = None
    unit: str | None = None
