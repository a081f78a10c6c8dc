"""Target tracking: as many units as keep a metric at its target."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from tidegate._metric_facts import HOSTS
from tidegate._scaling_kind import ScalingKind
from tidegate._validation import Faults
from tidegate.compatibility_numbers import refusal
from tidegate.scaling_metric import ScalingMetric

_ALL: Final = tuple(ScalingKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingPolicy:
    """Target tracking: as many units as keep a metric at its target. Use the factories.

    Attributes:
        name: Short name, part of the policy's name.
        target: Value to hold, above 0.
        predefined: Predefined metric of Application Auto Scaling; None when `metric` is set.
        metric: Metric of CloudWatch; None when `predefined` is set.
        kinds: The kinds of capacity that have the metric.
        scale_in_cooldown_seconds: Pause after a scale-in; 300 by default.
        scale_out_cooldown_seconds: Pause after a scale-out; 60 by default.
        scale_in: Whether capacity is taken away too. Yes by default.

    Raises:
        ValueError: naming every fault at once.

    Example:
        TrackingPolicy.concurrent_requests(per_model=4)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-code-define.html

    """

    name: str
    target: float
    predefined: str | None = None
    metric: ScalingMetric | None = None
    kinds: tuple[ScalingKind, ...] = _ALL
    scale_in_cooldown_seconds: int = 300
    scale_out_cooldown_seconds: int = 60
    scale_in: bool = True

    def __post_init__(self) -> None:
        faults = Faults(f"tracking policy {self.name!r}")
        faults.require_name(self.name, field="name")
        faults.rule(
            "scaling-target", ok=self.target > 0, message=f"target must be above 0, got {self.target:g}"
        )
        faults.rule(
            "scaling-predefined",
            ok=(self.predefined is None) != (self.metric is None),
            message="exactly one of predefined and metric must be set, "
            f"got {self.predefined} and {self.metric}",
        )
        faults.rule(
            "scaling-target",
            ok=self.predefined is None or "Utilization" not in self.predefined or self.target <= 1,
            message=f"target of a utilization must be above 0 and at most 1, got {self.target:g}",
        )
        for field in ("scale_in_cooldown_seconds", "scale_out_cooldown_seconds"):
            value = getattr(self, field)
            faults.rule("scaling-cooldown", ok=value >= 0, message=f"{field} must be at least 0, got {value}")
        faults.raise_if_any()

    @classmethod
    def invocations(cls, *, per_instance_per_minute: float, **options: Any) -> Self:
        """Return the policy on requests a minute of an instance."""
        return cls._predefined(
            "invocations",
            "SageMakerVariantInvocationsPerInstance",
            per_instance_per_minute,
            ScalingKind.INSTANCES,
            options,
        )

    @classmethod
    def concurrent_requests(cls, *, per_model: float, **options: Any) -> Self:
        """Return the policy on requests in flight of a model; the metric comes every 10 s."""
        return cls._predefined(
            "concurrency",
            "SageMakerVariantConcurrentRequestsPerModelHighResolution",
            per_model,
            ScalingKind.INSTANCES,
            options,
        )

    @classmethod
    def provisioned_concurrency(cls, *, utilization: float, **options: Any) -> Self:
        """Return the policy on the share of a serverless endpoint's warm workers in use, at most 1."""
        return cls._predefined(
            "provisioned-concurrency",
            "SageMakerVariantProvisionedConcurrencyUtilization",
            utilization,
            ScalingKind.WARM_WORKERS,
            options,
        )

    @classmethod
    def invocations_per_copy(cls, *, per_minute: float, **options: Any) -> Self:
        """Return the policy on requests a minute of a copy of an inference component."""
        return cls._predefined(
            "invocations",
            "SageMakerInferenceComponentInvocationsPerCopy",
            per_minute,
            ScalingKind.COPIES,
            options,
        )

    @classmethod
    def concurrent_requests_per_copy(cls, *, requests: float, **options: Any) -> Self:
        """Return the policy on requests in flight of a copy; the metric comes every 10 s."""
        return cls._predefined(
            "concurrency",
            "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
            requests,
            ScalingKind.COPIES,
            options,
        )

    @classmethod
    def backlog(cls, *, per_instance: float, **options: Any) -> Self:
        """Return the policy on an asynchronous endpoint's waiting requests of an instance."""
        metric = ScalingMetric(name="ApproximateBacklogSizePerInstance")
        return cls(
            name="backlog",
            target=per_instance,
            metric=metric,
            kinds=(ScalingKind.QUEUE,),
            **options,
        )

    @classmethod
    def cpu(cls, *, percent: float, vcpus: int, **options: Any) -> Self:
        """Return the policy on CPU, as a share of the instance: SageMaker adds up its `vcpus` cores."""
        return cls._host("cpu", "CPUUtilization", percent, vcpus, options)

    @classmethod
    def gpu(cls, *, percent: float, gpus: int, **options: Any) -> Self:
        """Return the policy on GPU, as a share of the instance: SageMaker adds up its `gpus` devices."""
        return cls._host("gpu", "GPUUtilization", percent, gpus, options)

    @classmethod
    def custom(cls, name: str, *, metric: ScalingMetric, target: float, **options: Any) -> Self:
        """Return the policy on a metric of your own; it must fall when capacity grows."""
        return cls(name=name, target=target, metric=metric, **options)

    @classmethod
    def _predefined(
        cls, name: str, predefined: str, target: float, kind: ScalingKind, options: Mapping[str, Any]
    ) -> Self:
        return cls(name=name, target=target, predefined=predefined, kinds=(kind,), **options)

    @classmethod
    def _host(cls, name: str, metric: str, percent: float, units: int, options: Mapping[str, Any]) -> Self:
        if not 0 < percent <= 100 or units < 1:
            raise ValueError(
                refusal(
                    "scaling-target",
                    f"percent must be above 0 and at most 100 of at least 1 unit, got {percent} of {units}",
                )
            )
        return cls(
            name=name,
            target=percent * units,
            metric=ScalingMetric(name=metric, namespace=HOSTS, unit="Percent"),
            kinds=(ScalingKind.INSTANCES, ScalingKind.QUEUE),
            **options,
        )
