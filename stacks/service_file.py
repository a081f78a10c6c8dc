"""What a service file may say: frozen models; every bound is written here once."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from stacks.findings import Finding, refuse
from stacks.needs import NeedsPart, Place, contradictions
from stacks.part import Part
from tidegate import Bake, RolloutPlan, RolloutStep, Signal
from tidegate.instance_families import is_burstable, is_elastic_inference

KNOWN_SIGNALS: Final[Mapping[str, str]] = {
    "5xx": "Invocation5XXErrors",
    "model_errors": "InvocationModelErrors",
}
_NAME: Final = re.compile(r"[a-z0-9](-?[a-z0-9])*")
_INSTANCE_TYPE: Final = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")
_BUCKETS: Final = (10, 30, 60, 120, 180, 240, 300)
_MINUTE: Final = 60


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise PydanticCustomError("name", "must be lower-case letters, digits and single inner hyphens")
    return value


def _instance_type(value: str) -> str:
    if not _INSTANCE_TYPE.fullmatch(value):
        raise PydanticCustomError("instance_type", "must look like ml.m5.large")
    if is_elastic_inference(value):
        raise PydanticCustomError("retired", "Elastic Inference is retired; use ml.inf2, ml.g4dn or ml.g5")
    return value


def _frequency(value: int) -> int:
    if value not in _BUCKETS:
        raise PydanticCustomError("frequency", f"must be one of {', '.join(map(str, _BUCKETS))}")
    return value


# Editors read the schema, which cannot run the validators: it gets what they check.
_NAMED: Final[JsonDict] = {"pattern": f"^{_NAME.pattern}$"}
ServiceName = Annotated[str, Field(max_length=32, json_schema_extra=_NAMED), AfterValidator(_name)]
EnvironmentName = Annotated[str, Field(max_length=24, json_schema_extra=_NAMED), AfterValidator(_name)]
Seconds = Annotated[int, Field(json_schema_extra={"enum": list(_BUCKETS)}), AfterValidator(_frequency)]
InstanceType = Annotated[
    str,
    Field(json_schema_extra={"pattern": f"^{_INSTANCE_TYPE.pattern}$"}),
    AfterValidator(_instance_type),
]
Policy = Literal["roll_back", "needs_human"]
Reason = Annotated[str, Field(min_length=1)]


class ModelPart(Part):
    """What the containers get beside the model package: environment variables, and images they may pull."""

    environment: dict[str, str] = Field(default_factory=dict)
    repositories: Annotated[tuple[str, ...], Field(strict=False)] = ()


class ScalingPart(Part):
    """Target tracking of the live variant."""

    min: Annotated[int, Field(ge=1)]
    max: Annotated[int, Field(ge=1)]
    invocations_per_instance_per_minute: Annotated[float, Field(gt=0)]

    @field_validator("max")
    @classmethod
    def _not_below_min(cls, value: int, info: ValidationInfo) -> int:
        lowest = info.data.get("min", value)
        if value < lowest:
            raise PydanticCustomError("max", f"must be at least min ({lowest})")
        return value

    @property
    def most_per_minute(self) -> float:
        """The load that the largest fleet holds."""
        return self.max * self.invocations_per_instance_per_minute


class EndpointPart(Part):
    """The fleet of the live variant."""

    instance_type: InstanceType
    instances: Annotated[int, Field(ge=1)]
    metrics_frequency_seconds: Seconds | None = None
    scaling: ScalingPart | None = None
    acknowledge: dict[Literal["one-instance"], Reason] = Field(default_factory=dict)

    @field_validator("scaling")
    @classmethod
    def _fits(cls, value: ScalingPart | None, info: ValidationInfo) -> ScalingPart | None:
        instance_type, count = info.data.get("instance_type", ""), info.data.get("instances")
        if value is None:
            return None
        if is_burstable(instance_type):
            raise PydanticCustomError(
                "burstable", f"burstable instance types cannot be scaled ({instance_type})"
            )
        if count is not None and not value.min <= count <= value.max:
            raise PydanticCustomError("count", f"min to max must include endpoint.instances ({count})")
        return value


class BakePart(Part):
    """How much evidence a phase needs."""

    min_bake_minutes: Annotated[float, Field(gt=0)]
    max_bake_minutes: Annotated[float, Field(gt=0)]
    min_requests: Annotated[int, Field(ge=1)]

    @field_validator("max_bake_minutes")
    @classmethod
    def _not_below_min(cls, value: float, info: ValidationInfo) -> float:
        shortest = info.data.get("min_bake_minutes", value)
        if value < shortest:
            raise PydanticCustomError("max_bake", f"must be at least min_bake_minutes ({shortest:g})")
        return value

    def bake(self) -> Bake:
        """Return the bake in seconds."""
        return Bake(
            min_bake_seconds=round(self.min_bake_minutes * _MINUTE),
            max_bake_seconds=round(self.max_bake_minutes * _MINUTE),
            min_requests=self.min_requests,
        )


class StepPart(BakePart):
    """One step of the rollout."""

    weight_percent: Annotated[int, Field(ge=1, le=100)]

    def step(self) -> RolloutStep:
        """Return the step in seconds."""
        bake = self.bake()
        return RolloutStep(
            weight_percent=self.weight_percent,
            min_bake_seconds=bake.min_bake_seconds,
            max_bake_seconds=bake.max_bake_seconds,
            min_requests=bake.min_requests,
        )


class SignalPart(Part):
    """Tolerances of one signal; `metric` only for signals that are not built in."""

    metric: Annotated[str, Field(min_length=1)] | None = None
    max_ratio: Annotated[float, Field(ge=1)] = 1.0
    max_rate: Annotated[float, Field(gt=0, lt=1)] = 0.01


class RolloutPart(Part):
    """Steps, evidence and policies of the rollout."""

    steps: Annotated[tuple[StepPart, ...], Field(strict=False, min_length=1)]
    watch: BakePart
    signals: Annotated[dict[str, SignalPart], Field(min_length=1)]
    bucket_seconds: Seconds = 60
    settle_seconds: Annotated[int, Field(ge=0, le=900)] = 60
    candidate_instances: Annotated[int, Field(ge=1)] | None = None
    alpha: Annotated[float, Field(gt=0, le=0.5)] = 0.01
    alpha_promote: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    promote_margin: Annotated[float, Field(gt=1)] = 1.5
    on_inconclusive: Policy = "roll_back"
    on_no_data: Policy = "roll_back"
    rollback_hold_seconds: Annotated[int, Field(ge=60)] = 60

    @field_validator("signals")
    @classmethod
    def _metric_known(cls, value: dict[str, SignalPart]) -> dict[str, SignalPart]:
        message = f"must be {' or '.join(KNOWN_SIGNALS)}, or have a metric"
        unknown = [name for name, part in value.items() if part.metric is None and name not in KNOWN_SIGNALS]
        return refuse(value, [Finding(at=(name,), message=message, got=name) for name in unknown])

    @field_validator("steps")
    @classmethod
    def _growing(cls, value: tuple[StepPart, ...]) -> tuple[StepPart, ...]:
        faults = []
        for index, (before, step) in enumerate(pairwise(value), start=1):
            if step.weight_percent <= before.weight_percent:
                message = f"must be greater than the step before ({before.weight_percent})"
                faults.append(Finding(at=(index, "weight_percent"), message=message))
        if value[-1].weight_percent != 100:
            last = (len(value) - 1, "weight_percent")
            faults.append(Finding(at=last, message="must be 100 in the last step"))
        return refuse(value, faults)

    def plan(self) -> RolloutPlan:
        """Return the plan for the library.

        Raises:
            ValueError: naming what only the whole plan shows.

        """
        names = set(type(self).model_fields) - {"steps", "watch", "signals"}
        return RolloutPlan(
            steps=tuple(step.step() for step in self.steps),
            watch=self.watch.bake(),
            signals=tuple(_signal(name, part) for name, part in self.signals.items()),
            **{name: getattr(self, name) for name in sorted(names)},
        )


class ServiceFile(Part):
    """One service: a model on an endpoint, and how new versions get there."""

    service: ServiceName
    description: str = ""
    environments: Annotated[tuple[EnvironmentName, ...], Field(strict=False, min_length=1)]
    model: ModelPart = ModelPart()
    endpoint: EndpointPart
    rollout: RolloutPart
    needs: NeedsPart | None = None

    def contradictions(self) -> list[tuple[Place, str]]:
        """Return where the service contradicts its own needs: the field, and why."""
        scaling = self.endpoint.scaling
        if self.needs is None:
            return []
        found = contradictions(
            self.needs,
            instance_type=self.endpoint.instance_type,
            requests_per_minute=scaling.most_per_minute if scaling is not None else None,
        )
        return [(("needs", *place), message) for place, message in found]


class Environment(Part):
    """Where an environment lies, and as whom it is deployed."""

    account: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    deploy_with: Literal["cli-credentials", "bootstrap-roles"]


def _signal(name: str, part: SignalPart) -> Signal:
    metric = part.metric if part.metric is not None else KNOWN_SIGNALS[name]
    return Signal(name=name, metric=metric, max_ratio=part.max_ratio, max_rate=part.max_rate)
