"""What a service says that it is needed for, and where the service contradicts that."""

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from stacks.declared import Declared
from stacks.part import Part
from tidegate import DeclaredTraffic, advice
from tidegate.compatibility import Feature, Mode
from tidegate.instance_families import has_gpu
from tidegate.workload import Cost, Traffic, Workload

Place = tuple[str, ...]

_MINUTE: Final = 60
# Long enough for every kind of inference: nobody asked for an answer in time.
_ANY_TIME: Final = 1e9
# The field of `needs` that a rule is about, by the end of the rule's id.
_FIELDS: Final = {
    "payload-size": "payload_mb",
    "processing-time": "processing_seconds",
    "answer-time": "answer_within_seconds",
    "serverless-concurrency": "requests_per_second",
    "gpu": "gpu",
}


class NeedsPart(Part):
    """What the service is needed for; a field that is left out asks for nothing."""

    payload_mb: Annotated[float, Field(gt=0)] = 1.0
    processing_seconds: Annotated[float, Field(gt=0)] = 0.1
    answer_within_seconds: Annotated[float, Field(gt=0)] | None = None
    traffic: Traffic = "steady"
    requests_per_second: Annotated[float, Field(gt=0)] | None = None
    base_error_rate: Annotated[float, Field(gt=0, lt=1)] | None = None
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

    def declared_traffic(self) -> DeclaredTraffic | None:
        """Return what a rollout can count on; None when no rate is declared."""
        if self.requests_per_second is None:
            return None
        return DeclaredTraffic(
            requests_per_second=self.requests_per_second, base_error_rate=self.base_error_rate
        )

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


def contradictions(needs: NeedsPart, declared: Declared) -> Iterator[tuple[Place, str]]:
    """Yield where a service contradicts its needs: the field, and why.

    Args:
        needs: What the service is needed for.
        declared: What the service is.

    """
    instead = _instead(needs.workload(), declared.mode)
    hosted = declared.models
    if hosted is not None and needs.models > hosted:
        what = "a service hosts one model" if hosted == 1 else f"{declared.section} hosts {hosted} models"
        yield ("models",), f"{what}, got {needs.models}; {instead}"
    for finding in advice.rejections(declared.mode, _asked(needs, declared)):
        yield (_FIELDS.get(finding.rule.rpartition("/")[2], "features"),), f"{finding}; {instead}"
    yield from _too_small(needs, declared)


def _too_small(needs: NeedsPart, declared: Declared) -> Iterator[tuple[Place, str]]:
    fleets = declared.fleets
    if needs.gpu and fleets and not any(has_gpu(fleet.instance_type) for fleet in fleets.values()):
        place, fleet = next(iter(fleets.items()))
        field = ".".join(map(str, (*place, "instance_type")))
        yield ("gpu",), f"{field} must have a GPU, got {fleet.instance_type}"
    rate, scaled, at_once = needs.requests_per_second, declared.requests_per_minute, declared.concurrency
    if rate is None:
        return
    if scaled is not None and rate * _MINUTE > scaled:
        held = f"{scaled / _MINUTE:g} requests a second"
        yield ("requests_per_second",), f"{declared.section}.scaling holds at most {held}, got {rate:g}"
    if at_once is not None and rate * needs.processing_seconds > at_once:
        wanted = f"{rate:g} a second of {needs.processing_seconds:g} s each"
        yield (
            ("requests_per_second",),
            f"{declared.section}.max_concurrency holds at most {at_once} requests at once, got {wanted}",
        )


def _asked(needs: NeedsPart, declared: Declared) -> Workload:
    """Return the question whether the service's own kind fits, with only what the needs ask for."""
    within = needs.answer_within_seconds
    models = max(needs.models, declared.models or 2)
    return Workload(
        payload_mb=needs.payload_mb,
        processing_seconds=needs.processing_seconds,
        answer_within_seconds=within if within is not None else _ANY_TIME,
        gpu=needs.gpu,
        models=models,
        frameworks=models if declared.mode is Mode.DIRECT else 1,
        features=frozenset(needs.features) | declared.wanted,
    )


def _instead(workload: Workload, mode: Mode) -> str:
    fitting = [choice.mode.value for choice in advice.advise(workload).choices]
    others = [kind for kind in fitting if kind != mode.value]
    return f"what fits is {others[0]}" if others else "no kind of inference fits these needs"
