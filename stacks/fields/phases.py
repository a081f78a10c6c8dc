"""The phases of a rollout: how long each lasts, what it needs, and who decides about it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from stacks.fields.contest import ContestPart
from stacks.fields.values import Count, FunctionArn, Policy
from stacks.findings import NOTHING, Finding
from stacks.part import Part
from stacks.unknown import each, itself
from tidegate import Bake, Gate, RolloutStep, ShadowPhase
from tidegate.contest_rules import contest_faults

_MINUTE: Final = 60
_FIELDS: Final[Mapping[str, str]] = {"max_bake": "max_bake_minutes"}

_BAKES: Final = (
    "must be left out with the backend guardrails: SageMaker bakes min_bake_minutes, neither longer nor "
    "shorter, and counts no requests"
)


def not_below_min(value: float | None, info: ValidationInfo) -> float | None:
    """Refuse a longest bake that is shorter than the shortest."""
    shortest = info.data.get("min_bake_minutes")
    if value is not None and shortest is not None and value < shortest:
        raise PydanticCustomError("max_bake", f"must be at least min_bake_minutes ({shortest:g})")
    return value


class BakePart(Part):
    """How much evidence a phase needs."""

    min_bake_minutes: Annotated[float, Field(gt=0)]
    max_bake_minutes: Annotated[float, Field(gt=0)]
    min_requests: Count

    _longest = field_validator("max_bake_minutes")(not_below_min)

    def bake(self) -> Bake:
        """Return the bake in seconds."""
        return Bake(
            min_bake_seconds=round(self.min_bake_minutes * _MINUTE),
            max_bake_seconds=round(self.max_bake_minutes * _MINUTE),
            min_requests=self.min_requests,
        )


class GatePart(Part):
    """Who decides about a step that has passed: a person, or a function."""

    approval: Literal["manual"] | None = None
    function: FunctionArn | None = None
    max_wait_hours: Annotated[float, Field(ge=0.1, le=336)] = 24
    on_timeout: Policy = "roll_back"

    @model_validator(mode="after")
    def _one_decides(self) -> Self:
        if (self.approval is None) == (self.function is None):
            raise PydanticCustomError("gate", "must have either approval: manual or a function")
        return self

    def gate(self) -> Gate:
        """Return the gate in seconds."""
        return Gate(
            function_arn=self.function,
            max_wait_seconds=round(self.max_wait_hours * 60 * _MINUTE),
            on_timeout=self.on_timeout,
        )


class StepPart(Part):
    """One step of the rollout; with guardrails a share and a bake only."""

    weight_percent: Annotated[int, Field(ge=1, le=100)]
    min_bake_minutes: Annotated[float, Field(gt=0)]
    max_bake_minutes: Annotated[float, Field(gt=0)] | None = None
    min_requests: Count | None = None
    gate: GatePart | None = None
    before: FunctionArn | None = None
    after: FunctionArn | None = None
    contest: ContestPart | None = None

    _longest = field_validator("max_bake_minutes")(not_below_min)

    def step(self) -> RolloutStep:
        """Return the step in seconds."""
        longest = self.max_bake_minutes if self.max_bake_minutes is not None else self.min_bake_minutes
        return RolloutStep(
            weight_percent=self.weight_percent,
            min_bake_seconds=round(self.min_bake_minutes * _MINUTE),
            max_bake_seconds=round(longest * _MINUTE),
            min_requests=self.min_requests if self.min_requests is not None else 0,
            gate=None if self.gate is None else self.gate.gate(),
            before=self.before,
            after=self.after,
            contest=None if self.contest is None else self.contest.contest(),
        )

    def findings(self, index: int, *, backend: str) -> Iterator[Finding]:
        """Yield what is missing in a step that the controller judges, or too much in one of SageMaker's."""
        for name in ("max_bake_minutes", "min_requests"):
            given = self.says(name)
            if backend == "guardrails" and given:
                yield Finding(at=(index, name), message=_BAKES)
            elif backend != "guardrails" and not given:
                yield Finding(at=(index, name), message="is required", got=NOTHING)


class ShadowPhasePart(BakePart):
    """The first phase, in which the candidate gets copies of requests only."""

    traffic_percent: Annotated[int, Field(ge=1, le=100)]

    def phase(self) -> ShadowPhase:
        """Return the phase in seconds."""
        bake = self.bake()
        return ShadowPhase(
            traffic_percent=self.traffic_percent,
            min_bake_seconds=bake.min_bake_seconds,
            max_bake_seconds=bake.max_bake_seconds,
            min_requests=bake.min_requests,
        )


def step_rules(steps: Sequence[StepPart], backend: str | None) -> Iterator[Iterator[Finding]]:
    """Yield the rules of the steps of a rollout.

    Args:
        steps: The steps.
        backend: Who carries them out; None when it is not known.

    """
    if backend is not None:
        yield from (step.findings(index, backend=backend) for index, step in each(steps, itself))
    yield from (_smaller(index, *pair) for index, pair in enumerate(pairwise(steps), start=1))
    yield _not_whole(steps)
    yield _contests(steps)


def _smaller(index: int, before: StepPart, step: StepPart) -> Iterator[Finding]:
    if step.weight_percent <= before.weight_percent:
        message = f"must be greater than the step before ({before.weight_percent})"
        yield Finding(at=(index, "weight_percent"), message=message)


def _not_whole(steps: Sequence[StepPart]) -> Iterator[Finding]:
    if steps[-1].weight_percent != 100:
        yield Finding(at=(len(steps) - 1, "weight_percent"), message="must be 100 in the last step")


def _contests(steps: Sequence[StepPart]) -> Iterator[Finding]:
    for one in contest_faults([step.step() for step in steps]):
        at = (one.step, _FIELDS.get(one.field, one.field))
        yield Finding(at=at, message=one.message, got=NOTHING)
