"""What a service says that it is needed for, and where the service contradicts that."""

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from stacks.part import Part
from tidegate import advice
from tidegate.compatibility import Feature, Mode
from tidegate.instance_families import has_gpu
from tidegate.workload import Cost, Traffic, Workload

Place = tuple[str, ...]

_MINUTE: Final = 60
# What every service has: its rollout shifts weights between two variants.
_ROLLED_OUT: Final = frozenset({Feature.SEVERAL_VARIANTS, Feature.CANARY_BY_WEIGHTS})
_FIELDS: Final = {
    "real-time/payload-size": "payload_mb",
    "real-time/processing-time": "processing_seconds",
}


class NeedsPart(Part):
    """What the service is needed for; a field that is left out asks for nothing."""

    payload_mb: Annotated[float, Field(gt=0)] = 1.0
    processing_seconds: Annotated[float, Field(gt=0)] = 0.1
    answer_within_seconds: Annotated[float, Field(gt=0)] | None = None
    traffic: Traffic = "steady"
    requests_per_second: Annotated[float, Field(gt=0)] | None = None
    cost: Cost = "balanced"
    gpu: bool = False
    models: Annotated[int, Field(ge=1)] = 1
    features: Annotated[tuple[Annotated[Feature, Field(strict=False)], ...], Field(strict=False)] = ()

    @field_validator("answer_within_seconds")
    @classmethod
    def _after_processing(cls, value: float | None, info: ValidationInfo) -> float | None:
        shortest = info.data.get("processing_seconds")
        if value is not None and shortest is not None and value < shortest:
            raise PydanticCustomError("answer", f"must be at least processing_seconds ({shortest:g})")
        return value

    def workload(self) -> Workload:
        """Return the question for the advice."""
        within, rate = self.answer_within_seconds, self.requests_per_second
        return Workload(
            payload_mb=self.payload_mb,
            processing_seconds=self.processing_seconds,
            answer_within_seconds=within if within is not None else max(1.0, self.processing_seconds),
            traffic=self.traffic,
            requests_per_second=rate if rate is not None else 1.0,
            cost=self.cost,
            gpu=self.gpu,
            models=self.models,
            features=frozenset(self.features),
        )


def contradictions(
    needs: NeedsPart, *, instance_type: str, requests_per_minute: float | None
) -> Iterator[tuple[Place, str]]:
    """Yield where a real-time service contradicts its needs: the field, and why.

    Args:
        needs: What the service is needed for.
        instance_type: Instance type of its fleet.
        requests_per_minute: The most that its scaling holds; None without scaling.

    """
    workload = needs.workload()
    instead = _instead(workload)
    if needs.models > 1:
        yield ("models",), f"a service hosts one model, got {needs.models}; {instead}"
    asked = Workload(
        payload_mb=needs.payload_mb,
        processing_seconds=needs.processing_seconds,
        answer_within_seconds=workload.answer_within_seconds,
        gpu=needs.gpu,
        features=workload.features | _ROLLED_OUT,
    )
    for finding in advice.rejections(Mode.REAL_TIME, asked):
        yield (_FIELDS.get(finding.rule, "features"),), f"{finding}; {instead}"
    if needs.gpu and not has_gpu(instance_type):
        yield ("gpu",), f"endpoint.instance_type must have a GPU, got {instance_type}"
    rate = needs.requests_per_second
    if rate is not None and requests_per_minute is not None and rate * _MINUTE > requests_per_minute:
        held = f"{requests_per_minute / _MINUTE:g} requests a second"
        yield ("requests_per_second",), f"endpoint.scaling holds at most {held}, got {rate:g}"


def _instead(workload: Workload) -> str:
    fitting = [choice.mode.value for choice in advice.advise(workload).choices]
    others = [kind for kind in fitting if kind != Mode.REAL_TIME.value]
    return f"what fits is {others[0]}" if others else "no kind of inference fits these needs"
