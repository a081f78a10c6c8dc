"""The rollout plan as the handlers read it: frozen values parsed from JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from tidegate_runtime.errors import PlanInvalid
from tidegate_runtime.plan_contest import Contest
from tidegate_runtime.plan_gates import StepGate, Waits
from tidegate_runtime.plan_needs_human import NeedsHuman

POLICIES: Final = ("roll_back", "needs_human")
ON_BOTH_BAD: Final = ("hold", *POLICIES)
ON_NEW_APPROVAL: Final = ("reject", "queue", "supersede")
ON_LIVE_REJECTED: Final = ("notify", "go_back")
CONTROLLER: Final = "controller"
GUARDRAILS: Final = "guardrails"

_WORDS: Final = {
    "on_inconclusive": POLICIES,
    "on_no_data": POLICIES,
    "on_new_approval": ON_NEW_APPROVAL,
    "on_live_rejected": ON_LIVE_REJECTED,
    "on_both_bad": ON_BOTH_BAD,
    "backend": (CONTROLLER, GUARDRAILS),
}

LOOKS_PER_EXECUTION: Final = 2_000
"""Looks of the judge in one execution: each writes ten events into a history that ends at 25,000."""

_UPDATES_SECONDS: Final = 4 * 3600
"""Allowance for preparing, shifting, promoting and rolling back, beside the bakes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bake:
    """How much evidence a phase needs, and how long it may take.

    Attributes:
        min_bake_seconds: Shortest time under observation.
        max_bake_seconds: Time after which the phase is inconclusive.
        min_requests: Requests that the judged variant must have served.

    """

    min_bake_seconds: int
    max_bake_seconds: int
    min_requests: int

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Parse one bake."""
        return cls(**{name: int(raw[name]) for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Bake):
    """One step: a bake at `weight_percent` of the traffic, 1 to 100.

    Attributes:
        gate: Who decides once the step has passed; nobody when None.
        before: ARN of the function that is called before the share is raised; empty for none.
        after: ARN of the function that is called once the step has passed; empty for none.
        contest: What candidate and live compete for; None: the candidate must only be no worse.

    """

    weight_percent: int
    gate: StepGate | None = None
    before: str = ""
    after: str = ""
    contest: Contest | None = None

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Parse one step."""
        return cls(
            **asdict(Bake.from_dict(raw)),
            weight_percent=int(raw["weight_percent"]),
            gate=StepGate.from_dict(raw.get("gate")),
            before=str(raw.get("before") or ""),
            after=str(raw.get("after") or ""),
            contest=Contest.from_dict(raw["contest"]) if raw.get("contest") else None,
        )

    @property
    def updates_seconds(self) -> int:
        """How long the step's own changes of the weights take at most."""
        return 0 if self.contest is None else self.contest.updates_seconds(self.max_bake_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowPhase(Bake):
    """A bake on copies of `traffic_percent` of the requests, 1 to 100; nobody gets the answers."""

    traffic_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedSignal:
    """A counted bad event: CloudWatch metric, tolerated ratio to live, tolerated own rate."""

    name: str
    metric: str
    max_ratio: float = 1.0
    max_rate: float = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A rollout plan; see `tidegate.RolloutPlan` for the meaning of each field."""

    bucket_seconds: int
    settle_seconds: int
    steps: tuple[Step, ...]
    watch: Bake
    signals: tuple[WatchedSignal, ...]
    alpha: float
    alpha_promote: float
    promote_margin: float
    on_inconclusive: str
    on_no_data: str
    rollback_hold_seconds: int
    candidate_instances: int | None = None
    on_new_approval: str = "reject"
    shadow: ShadowPhase | None = None
    on_both_bad: str = "hold"
    looks_per_execution: int = LOOKS_PER_EXECUTION
    needs_human: NeedsHuman = field(default_factory=NeedsHuman)
    on_live_rejected: str = "notify"
    backend: str = CONTROLLER

    def __post_init__(self) -> None:
        faults = self._step_faults()
        if self.bucket_seconds < 1:
            faults.append(f"bucket_seconds must be at least 1, got {self.bucket_seconds}")
        if not self.signals:
            faults.append("signals must not be empty")
        for name, allowed in _WORDS.items():
            if getattr(self, name) not in allowed:
                faults.append(f"{name} must be one of {allowed}, got {getattr(self, name)!r}")
        if self.shadow is not None and not 1 <= self.shadow.traffic_percent <= 100:
            faults.append(f"shadow.traffic_percent must be 1 to 100, got {self.shadow.traffic_percent}")
        if faults:
            raise PlanInvalid("; ".join(faults))

    def _step_faults(self) -> list[str]:
        weights = [step.weight_percent for step in self.steps]
        faults = []
        if not weights or weights != sorted(set(weights)) or weights[-1] != 100 or weights[0] < 1:
            faults.append(f"steps must grow strictly from at least 1 to 100, got {weights}")
        if any(step.contest for step in (*self.steps[:-2], *self.steps[-1:])):
            faults.append("only the step before the last may be a contest")
        return faults

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Parse the plan.

        Raises:
            PlanInvalid: the text is not JSON, a field is missing, unknown or of the wrong type.

        """
        try:
            raw = json.loads(text)
            steps = tuple(Step.from_dict(step) for step in raw.pop("steps"))
            watch = Bake.from_dict(raw.pop("watch"))
            signals = tuple(WatchedSignal(**signal) for signal in raw.pop("signals"))
            shadow = raw.pop("shadow", None)
            phase = None if shadow is None else ShadowPhase.from_dict(shadow)
            waiting = NeedsHuman.from_dict(raw.pop("needs_human", None))
            return cls(steps=steps, watch=watch, signals=signals, shadow=phase, needs_human=waiting, **raw)
        except KeyError as error:
            raise PlanInvalid(f"rollout plan: field {error} is missing") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise PlanInvalid(f"rollout plan: {error}") from error

    @property
    def longest_seconds(self) -> int:
        """Time after which a run counts as stuck: all longest bakes and waits plus four hours of updates."""
        return self.bakes_seconds + self.waits.seconds + _UPDATES_SECONDS

    @property
    def bakes_seconds(self) -> int:
        """The longest all phases together may bake, changes of a bandit's weights included, in seconds."""
        bakes: list[Bake] = [*self.steps, self.watch]
        bakes += [] if self.shadow is None else [self.shadow]
        updates = sum(step.updates_seconds for step in self.steps)
        return sum(bake.max_bake_seconds for bake in bakes) + updates

    @property
    def waits(self) -> Waits:
        """What the plan waits for beside its evidence."""
        return Waits(
            gate_seconds=sum(step.gate.max_wait_seconds for step in self.steps if step.gate is not None),
            hooks=sum(bool(hook) for step in self.steps for hook in (step.before, step.after)),
        )

    @property
    def may_chain(self) -> bool:
        """Whether the looks may be too many for one execution: then the machine can start the next."""
        looks = self.waits.looks(bakes_seconds=self.bakes_seconds, bucket_seconds=self.bucket_seconds)
        return looks > self.looks_per_execution and self.backend != GUARDRAILS

    @property
    def shadow_phase(self) -> ShadowPhase:
        """The shadow phase of a plan that has one.

        Raises:
            PlanInvalid: the plan has none: the controller was deployed with another plan meanwhile.

        """
        if self.shadow is None:
            raise PlanInvalid("the candidate is a shadow, but the plan has no shadow phase any more")
        return self.shadow
