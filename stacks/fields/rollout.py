"""How new versions get to the live endpoint."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from stacks.fields.phases import BakePart, ShadowPhasePart, StepPart, step_rules
from stacks.fields.values import Count, Policy, Seconds, Text, TopicArn
from stacks.findings import Finding, refuse
from stacks.part import Part
from tidegate import NeedsHuman, RolloutPlan, Signal
from tidegate.needs_human import LONGEST_HOURS

KNOWN_SIGNALS: Final[Mapping[str, str]] = {
    "5xx": "Invocation5XXErrors",
    "model_errors": "InvocationModelErrors",
}


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
        return refuse(value, *(_metric_fault(name, part) for name, part in value.items()))

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
        return refuse(value, *step_rules(value, info.data.get("backend")))

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


def _metric_fault(name: str, part: SignalPart) -> Iterator[Finding]:
    if part.metric is None and name not in KNOWN_SIGNALS:
        message = f"must be {' or '.join(KNOWN_SIGNALS)}, or have a metric"
        yield Finding(at=(name,), message=message, got=name)


def _signal(name: str, part: SignalPart) -> Signal:
    metric = part.metric if part.metric is not None else KNOWN_SIGNALS[name]
    return Signal(name=name, metric=metric, max_ratio=part.max_ratio, max_rate=part.max_rate)
