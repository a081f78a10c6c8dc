"""How new versions get to the live endpoint."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from stacks.fields.contest import ContestPart
from stacks.fields.values import Count, FunctionArn, Policy, Seconds, Text, TopicArn
from stacks.findings import NOTHING, Finding, refuse
from stacks.part import Part
from tidegate import Bake, Gate, NeedsHuman, RolloutPlan, RolloutStep, ShadowPhase, Signal
from tidegate.contest_rules import contest_faults
from tidegate.needs_human import LONGEST_HOURS

KNOWN_SIGNALS: Final[Mapping[str, str]] = {
    "5xx": "Invocation5XXErrors",
    "model_errors": "InvocationModelErrors",
}
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
            given = getattr(self, name) is not None
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


class SignalPart(Part):
    """Tolerances of one signal; `metric` only for signals that are not built in."""

    metric: Text | None = None
    max_ratio: Annotated[float, Field(ge=1)] = 1.0
    max_rate: Annotated[float, Field(gt=0, lt=1)] = 0.01


class NeedsHumanPart(Part):
    """Reminders and deadline of a rollout that waits for a human."""

    remind_hours: Annotated[int, Field(ge=1, le=LONGEST_HOURS)] = 4
    deadline_hours: Annotated[int, Field(ge=1, le=LONGEST_HOURS)] = 24
    on_deadline: Literal["roll_back", "keep"] = "roll_back"

    @field_validator("deadline_hours")
    @classmethod
    def _not_before_a_reminder(cls, value: int, info: ValidationInfo) -> int:
        shortest = info.data.get("remind_hours", value)
        if value < shortest:
            raise PydanticCustomError("deadline", f"must be at least remind_hours ({shortest})")
        return value

    def policy(self) -> NeedsHuman:
        """Return the policy for the library."""
        return NeedsHuman(
            remind_hours=self.remind_hours,
            deadline_hours=self.deadline_hours,
            on_deadline=self.on_deadline,
        )


class RolloutPart(Part):
    """Steps, evidence and policies of the rollout."""

    shadow: ShadowPhasePart | None = None
    backend: Literal["controller", "guardrails"] = "controller"
    steps: Annotated[tuple[StepPart, ...], Field(strict=False, min_length=1)]
    watch: BakePart
    signals: Annotated[dict[str, SignalPart], Field(min_length=1)]
    bucket_seconds: Seconds = 60
    settle_seconds: Annotated[int, Field(ge=0, le=900)] = 60
    candidate_instances: Count | None = None
    alpha: Annotated[float, Field(gt=0, le=0.5)] = 0.01
    alpha_promote: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    promote_margin: Annotated[float, Field(gt=1)] = 1.5
    on_inconclusive: Policy = "roll_back"
    on_no_data: Policy = "roll_back"
    rollback_hold_seconds: Annotated[int, Field(ge=60)] = 60
    on_new_approval: Literal["reject", "queue", "supersede"] = "reject"
    on_both_bad: Literal["hold", "roll_back", "needs_human"] = "hold"
    needs_human: NeedsHumanPart | None = None
    on_live_rejected: Literal["notify", "go_back"] = "notify"
    notify: TopicArn | None = None
    samples: Text | None = None

    @field_validator("signals")
    @classmethod
    def _metric_known(cls, value: dict[str, SignalPart]) -> dict[str, SignalPart]:
        message = f"must be {' or '.join(KNOWN_SIGNALS)}, or have a metric"
        unknown = [name for name, part in value.items() if part.metric is None and name not in KNOWN_SIGNALS]
        return refuse(value, [Finding(at=(name,), message=message, got=name) for name in unknown])

    @field_validator("samples")
    @classmethod
    def _not_a_service(cls, value: str | None) -> str | None:
        if value is not None and "/" not in value and value.endswith(".yaml"):
            message = (
                f"must lie in a folder of its own, as samples/{value}: each .yaml file here is a service"
            )
            raise PydanticCustomError("samples", message)
        return value

    @field_validator("steps")
    @classmethod
    def _growing(cls, value: tuple[StepPart, ...], info: ValidationInfo) -> tuple[StepPart, ...]:
        backend = info.data.get("backend", "controller")
        faults = [one for i, step in enumerate(value) for one in step.findings(i, backend=backend)]
        for index, (before, step) in enumerate(pairwise(value), start=1):
            if step.weight_percent <= before.weight_percent:
                message = f"must be greater than the step before ({before.weight_percent})"
                faults.append(Finding(at=(index, "weight_percent"), message=message))
        if value[-1].weight_percent != 100:
            last = (len(value) - 1, "weight_percent")
            faults.append(Finding(at=last, message="must be 100 in the last step"))
        faults += [
            Finding(at=(one.step, _FIELDS.get(one.field, one.field)), message=one.message, got=NOTHING)
            for one in contest_faults([step.step() for step in value])
        ]
        return refuse(value, faults)

    def plan(self) -> RolloutPlan:
        """Return the plan for the library.

        Raises:
            ValueError: naming what only the whole plan shows.

        """
        names = set(type(self).model_fields) - {
            *("needs_human", "notify", "samples", "shadow", "signals", "steps", "watch")
        }
        return RolloutPlan(
            needs_human=None if self.needs_human is None else self.needs_human.policy(),
            shadow=None if self.shadow is None else self.shadow.phase(),
            steps=tuple(step.step() for step in self.steps),
            watch=self.watch.bake(),
            signals=tuple(_signal(name, part) for name, part in self.signals.items()),
            **{name: getattr(self, name) for name in sorted(names)},
        )


def _signal(name: str, part: SignalPart) -> Signal:
    metric = part.metric if part.metric is not None else KNOWN_SIGNALS[name]
    return Signal(name=name, metric=metric, max_ratio=part.max_ratio, max_rate=part.max_rate)
