"""The rollout plan as the handlers read it: frozen values parsed from JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from tidegate_runtime.errors import PlanInvalid

POLICIES: Final = ("roll_back", "needs_human")
ON_NEW_APPROVAL: Final = ("reject", "queue", "supersede")

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
    """One step: a bake at `weight_percent` of the traffic, 1 to 100."""

    weight_percent: int


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
    candidate_instances: int | None
    signals: tuple[WatchedSignal, ...]
    alpha: float
    alpha_promote: float
    promote_margin: float
    on_inconclusive: str
    on_no_data: str
    rollback_hold_seconds: int
    on_new_approval: str = "reject"

    def __post_init__(self) -> None:
        weights = [step.weight_percent for step in self.steps]
        faults = []
        if not weights or weights != sorted(set(weights)) or weights[-1] != 100 or weights[0] < 1:
            faults.append(f"steps must grow strictly from at least 1 to 100, got {weights}")
        if self.bucket_seconds < 1:
            faults.append(f"bucket_seconds must be at least 1, got {self.bucket_seconds}")
        if not self.signals:
            faults.append("signals must not be empty")
        for name in ("on_inconclusive", "on_no_data"):
            if getattr(self, name) not in POLICIES:
                faults.append(f"{name} must be one of {POLICIES}, got {getattr(self, name)!r}")
        if self.on_new_approval not in ON_NEW_APPROVAL:
            faults.append(f"on_new_approval must be one of {ON_NEW_APPROVAL}, got {self.on_new_approval!r}")
        if faults:
            raise PlanInvalid("; ".join(faults))

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
            return cls(steps=steps, watch=watch, signals=signals, **raw)
        except KeyError as error:
            raise PlanInvalid(f"rollout plan: field {error} is missing") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise PlanInvalid(f"rollout plan: {error}") from error

    @property
    def longest_seconds(self) -> int:
        """Time after which a run counts as stuck: all longest bakes plus four hours of updates."""
        return sum(bake.max_bake_seconds for bake in (*self.steps, self.watch)) + _UPDATES_SECONDS
