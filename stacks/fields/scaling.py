"""How capacity follows the load: bounds, tracking, steps and schedules."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from stacks.fields.scaling_policies import CustomPart, SchedulePart, StepPolicyPart
from stacks.fields.values import Above0, AtLeast0, Count, Name, Percent
from stacks.findings import refuse, whole
from stacks.part import Part

if TYPE_CHECKING:
    from tidegate import ScheduledCapacity, StepPolicy, TrackingPolicy


class CpuPart(Part):
    """CPU that scaling holds, as a share of the whole instance."""

    percent: Percent
    vcpus: Count


class GpuPart(Part):
    """GPU that scaling holds, as a share of all devices of the instance."""

    percent: Percent
    gpus: Count


class ScalingPart(Part):
    """Bounds, and what every kind of capacity can be scaled by."""

    min: AtLeast0
    max: Count
    scale_in_cooldown_seconds: AtLeast0 = 300
    scale_out_cooldown_seconds: AtLeast0 = 60
    scale_in: bool = True
    custom: dict[Name, CustomPart] = Field(default_factory=dict)
    steps: dict[Name, StepPolicyPart] = Field(default_factory=dict)
    schedules: dict[Name, SchedulePart] = Field(default_factory=dict)

    @field_validator("max")
    @classmethod
    def _not_below_min(cls, value: int, info: ValidationInfo) -> int:
        lowest = info.data.get("min", value)
        if value < lowest:
            raise PydanticCustomError("max", f"must be at least min ({lowest})")
        return value

    @model_validator(mode="after")
    def _scales(self) -> Self:
        if not self.policies() and not self.schedules:
            refuse(self, [whole(f"must have something to scale by: {', '.join(self._by())}")])
        return self

    @property
    def most_per_minute(self) -> float | None:
        """The requests a minute that the most units hold; None when scaling follows something else."""
        return None

    def policies(self) -> "list[TrackingPolicy | StepPolicy]":
        """Return the policies for the library."""
        from tidegate import TrackingPolicy

        custom = [
            TrackingPolicy.custom(name, metric=one.scaling_metric(), target=one.target, **self._pace())
            for name, one in self.custom.items()
        ]
        stepped = [one.policy(name) for name, one in self.steps.items()]
        return [*self._tracking(), *custom, *stepped]

    def scheduled(self) -> "list[ScheduledCapacity]":
        """Return the schedules for the library."""
        return [one.scheduled(name) for name, one in self.schedules.items()]

    def _tracking(self) -> "Iterator[TrackingPolicy]":
        yield from ()

    def _pace(self) -> dict[str, Any]:
        return {
            "scale_in_cooldown_seconds": self.scale_in_cooldown_seconds,
            "scale_out_cooldown_seconds": self.scale_out_cooldown_seconds,
            "scale_in": self.scale_in,
        }

    @classmethod
    def _by(cls) -> list[str]:
        common = {"min", "max", "scale_in_cooldown_seconds", "scale_out_cooldown_seconds", "scale_in"}
        return [name for name in cls.model_fields if name not in common]


class HostScalingPart(ScalingPart):
    """What instances can be scaled by, of an endpoint or of a queue."""

    cpu: CpuPart | None = None
    gpu: GpuPart | None = None

    def _tracking(self) -> "Iterator[TrackingPolicy]":
        from tidegate import TrackingPolicy

        if self.cpu is not None:
            yield TrackingPolicy.cpu(percent=self.cpu.percent, vcpus=self.cpu.vcpus, **self._pace())
        if self.gpu is not None:
            yield TrackingPolicy.gpu(percent=self.gpu.percent, gpus=self.gpu.gpus, **self._pace())


class InstanceScalingPart(HostScalingPart):
    """Scaling of the instances of a real-time variant."""

    min: Count
    invocations_per_instance_per_minute: Above0 | None = None
    concurrent_requests_per_model: Above0 | None = None

    @property
    def most_per_minute(self) -> float | None:
        """The requests a minute that the largest fleet holds."""
        rate = self.invocations_per_instance_per_minute
        return None if rate is None else self.max * rate

    def _tracking(self) -> "Iterator[TrackingPolicy]":
        from tidegate import TrackingPolicy

        rate, concurrent = self.invocations_per_instance_per_minute, self.concurrent_requests_per_model
        if rate is not None:
            yield TrackingPolicy.invocations(per_instance_per_minute=rate, **self._pace())
        if concurrent is not None:
            yield TrackingPolicy.concurrent_requests(per_model=concurrent, **self._pace())
        yield from super()._tracking()


class QueueScalingPart(HostScalingPart):
    """Scaling of the instances behind a queue, also from and to zero."""

    backlog_per_instance: Above0 | None = None

    def _tracking(self) -> "Iterator[TrackingPolicy]":
        from tidegate import TrackingPolicy

        if self.backlog_per_instance is not None:
            yield TrackingPolicy.backlog(per_instance=self.backlog_per_instance, **self._pace())
        yield from super()._tracking()


class WarmScalingPart(ScalingPart):
    """Scaling of the warm workers of a serverless endpoint."""

    min: Count
    utilization: Annotated[float, Field(gt=0, le=1)] | None = None

    def _tracking(self) -> "Iterator[TrackingPolicy]":
        from tidegate import TrackingPolicy

        if self.utilization is not None:
            yield TrackingPolicy.provisioned_concurrency(utilization=self.utilization, **self._pace())


class CopyScalingPart(ScalingPart):
    """Scaling of the copies of an inference component, also from and to zero."""

    invocations_per_copy_per_minute: Above0 | None = None
    concurrent_requests_per_copy: Above0 | None = None

    @property
    def most_per_minute(self) -> float | None:
        """The requests a minute that the most copies hold."""
        rate = self.invocations_per_copy_per_minute
        return None if rate is None else self.max * rate

    def _tracking(self) -> "Iterator[TrackingPolicy]":
        from tidegate import TrackingPolicy

        rate, concurrent = self.invocations_per_copy_per_minute, self.concurrent_requests_per_copy
        if rate is not None:
            yield TrackingPolicy.invocations_per_copy(per_minute=rate, **self._pace())
        if concurrent is not None:
            yield TrackingPolicy.concurrent_requests_per_copy(requests=concurrent, **self._pace())
