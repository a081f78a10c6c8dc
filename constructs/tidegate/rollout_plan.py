"""The plan of a rollout: steps, watch, signals and policies, as frozen values."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

from tidegate._plan_waits import PlanWaits
from tidegate._validation import Faults
from tidegate.bake import Bake
from tidegate.contest_rules import contest_faults
from tidegate.needs_human import NeedsHuman
from tidegate.rollout_step import RolloutStep
from tidegate.shadow_phase import ShadowPhase
from tidegate.signal import Signal

BUCKET_SECONDS: Final = (10, 30, 60, 120, 180, 240, 300)
POLICIES: Final = ("roll_back", "needs_human")
ON_BOTH_BAD: Final = ("hold", *POLICIES)
ON_NEW_APPROVAL: Final = ("reject", "queue", "supersede")
HANDLER_TIMEOUT_SECONDS: Final = 60
"""Longest run time of a rollout handler; a rollback holds weight 0 at least this long."""

LOOKS_PER_EXECUTION: Final = 2_000
"""Looks of the judge in one execution: each writes ten events into a history that ends at 25,000."""

MAX_DAYS: Final = 30
"""Longest that all phases of a rollout together may bake."""

_DAY: Final = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPlan:
    """How a new model version gets traffic, what it is judged by, and what happens in doubt.

    Attributes:
        steps: Shares of the traffic, strictly growing, the last 100 %.
        watch: Evidence needed after the promotion, on the promoted fleet.
        signals: What the judge counts as bad events.
        bucket_seconds: Period of the metrics the judge reads: one of 10, 30, 60, 120, 180, 240, 300.
        settle_seconds: Age at which a bucket counts as complete.
        candidate_instances: Instances of the candidate; as many as live has when None.
        alpha: Bound on the probability of a false rollback.
        alpha_promote: Bound on the probability of promoting a candidate worse than the margin.
        promote_margin: Rate ratio, above 1, that a promotion must exclude.
        on_inconclusive: `roll_back` or `needs_human`, when the evidence stays in between.
        on_no_data: `roll_back` or `needs_human`, when there is no evidence.
        rollback_hold_seconds: How long weight 0 is re-asserted; at least the longest handler timeout (60).
        on_new_approval: What an approval during a rollout does: `reject` (nothing), `queue` (it starts at the
            end of the one in flight) or `supersede` (the one in flight is rolled back first, unless it is
            being promoted already).
        shadow: First phase, in which the candidate gets copies of requests only; none when None.
        on_both_bad: What happens at the end of a step in which live itself was beyond its tolerance and the
            candidate no better: `hold` (the step is repeated until it is over, or the longest bake is),
            `roll_back` or `needs_human`.
        needs_human: Reminders and deadline of a rollout that waits for a human; every 4 hours, and rolled
            back after 24, when None.

    Raises:
        ValueError: naming every fault at once.

    Example:
        RolloutPlan.canary(percent=5, bake_seconds=600, min_requests=500)

    """

    steps: tuple[RolloutStep, ...]
    watch: Bake
    signals: tuple[Signal, ...]
    bucket_seconds: int = 60
    settle_seconds: int = 60
    candidate_instances: int | None = None
    alpha: float = 0.01
    alpha_promote: float = 0.05
    promote_margin: float = 1.5
    on_inconclusive: str = "roll_back"
    on_no_data: str = "roll_back"
    rollback_hold_seconds: int = HANDLER_TIMEOUT_SECONDS
    on_new_approval: str = "reject"
    shadow: ShadowPhase | None = None
    on_both_bad: str = "hold"
    needs_human: NeedsHuman | None = None

    def __post_init__(self) -> None:
        faults = Faults("rollout plan")
        for message in (*self._step_faults(), *self._signal_faults(), *self._number_faults()):
            faults.require(ok=False, message=message)
        faults.raise_if_any()

    @classmethod
    def canary(cls, *, percent: int = 10, bake_seconds: int = 600, min_requests: int = 100) -> Self:
        """Return a plan of two steps: `percent`, then everything."""
        return cls.stepped(percents=(percent, 100), bake_seconds=bake_seconds, min_requests=min_requests)

    @classmethod
    def linear(cls, *, percent: int = 25, bake_seconds: int = 600, min_requests: int = 100) -> Self:
        """Return a plan of equal steps of `percent` up to 100 %."""
        if not 1 <= percent <= 100:
            raise ValueError(f"percent must be 1 to 100, got {percent}")
        percents = (*range(percent, 100, percent), 100)
        return cls.stepped(percents=percents, bake_seconds=bake_seconds, min_requests=min_requests)

    @classmethod
    def stepped(cls, *, percents: tuple[int, ...], bake_seconds: int = 600, min_requests: int = 100) -> Self:
        """Return a plan with these shares, the same bake at each, and the default signals.

        Args:
            percents: The candidate's shares, strictly growing, the last 100.
            bake_seconds: Shortest bake of every step and of the watch; the longest is six times that.
            min_requests: Requests the candidate must have served in every step.

        """
        bake = Bake(
            min_bake_seconds=bake_seconds, max_bake_seconds=6 * bake_seconds, min_requests=min_requests
        )
        return cls(
            steps=tuple(RolloutStep(weight_percent=percent, **asdict(bake)) for percent in percents),
            watch=bake,
            signals=(Signal.server_errors(), Signal.model_errors()),
        )

    @property
    def max_seconds(self) -> int:
        """The longest all phases together may bake, changes of a bandit's weights included, in seconds."""
        shadow = 0 if self.shadow is None else self.shadow.max_bake_seconds
        return shadow + sum(step.longest_seconds for step in self.steps) + self.watch.max_bake_seconds

    @property
    def may_chain(self) -> bool:
        """Whether the rollout may need more looks than one execution's history holds."""
        looks = PlanWaits.of(self.steps).looks(
            bakes_seconds=self.max_seconds, bucket_seconds=self.bucket_seconds
        )
        return looks > LOOKS_PER_EXECUTION

    @property
    def execution_seconds(self) -> int:
        """The longest that the bakes in one execution of the state machine may take, in seconds."""
        if not self.may_chain:
            return self.max_seconds
        return LOOKS_PER_EXECUTION * (self.bucket_seconds + self.settle_seconds)

    def to_json(self) -> str:
        """Return the plan as the JSON text that the handlers read."""
        return json.dumps(self._to_dict(), separators=(",", ":"), sort_keys=True)

    def _to_dict(self) -> dict[str, Any]:
        # What is not wanted is left out: Lambda's whole environment may have 4 KB.
        values = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def _step_faults(self) -> list[str]:
        faults = [] if self.steps else ["steps must not be empty"]
        before = 0
        for index, step in enumerate(self.steps):
            where = f"steps[{index}]"
            if not before < step.weight_percent <= 100:
                faults.append(
                    f"{where}.weight_percent must be greater than the step before ({before}) "
                    f"and at most 100, got {step.weight_percent}"
                )
            before = step.weight_percent
            faults += [f"{where}.{fault}" for fault in step.faults()]
        if self.steps and self.steps[-1].weight_percent != 100:
            faults.append(f"the last step must be 100, got {self.steps[-1].weight_percent}")
        contests = contest_faults(self.steps)
        faults += [f"steps[{fault.step}].{fault.field} {fault.message}" for fault in contests]
        shadow = [] if self.shadow is None else [f"shadow.{fault}" for fault in self.shadow.faults()]
        return faults + shadow + [f"watch.{fault}" for fault in self.watch.faults()]

    def _signal_faults(self) -> list[str]:
        faults = [] if self.signals else ["signals must not be empty"]
        for field in ("name", "metric"):
            values = [getattr(signal, field) for signal in self.signals]
            twice = sorted({value for value in values if values.count(value) > 1})
            faults += [f"signals must differ in {field}, got {value!r} twice" for value in twice]
        return faults

    def _number_faults(self) -> list[str]:
        checks = {
            f"bucket_seconds must be one of {BUCKET_SECONDS}, got {self.bucket_seconds}": (
                self.bucket_seconds in BUCKET_SECONDS
            ),
            f"settle_seconds must be 0 to 900, got {self.settle_seconds}": 0 <= self.settle_seconds <= 900,
            f"candidate_instances must be at least 1, got {self.candidate_instances}": (
                self.candidate_instances is None or self.candidate_instances >= 1
            ),
            f"alpha must be above 0 and at most 0.5, got {self.alpha}": 0 < self.alpha <= 0.5,
            f"alpha_promote must be above 0 and at most 0.5, got {self.alpha_promote}": (
                0 < self.alpha_promote <= 0.5
            ),
            f"promote_margin must be above 1, got {self.promote_margin}": self.promote_margin > 1,
            f"on_inconclusive must be one of {POLICIES}, got {self.on_inconclusive!r}": (
                self.on_inconclusive in POLICIES
            ),
            f"on_no_data must be one of {POLICIES}, got {self.on_no_data!r}": self.on_no_data in POLICIES,
            f"on_new_approval must be one of {ON_NEW_APPROVAL}, got {self.on_new_approval!r}": (
                self.on_new_approval in ON_NEW_APPROVAL
            ),
            f"on_both_bad must be one of {ON_BOTH_BAD}, got {self.on_both_bad!r}": (
                self.on_both_bad in ON_BOTH_BAD
            ),
            f"rollback_hold_seconds must be at least {HANDLER_TIMEOUT_SECONDS}, the longest handler timeout, "
            f"got {self.rollback_hold_seconds}": self.rollback_hold_seconds >= HANDLER_TIMEOUT_SECONDS,
            f"the bakes must sum up to at most {MAX_DAYS} days, got {self.max_seconds / _DAY:.1f}": (
                self.max_seconds <= MAX_DAYS * _DAY
            ),
        }
        return [message for message, ok in checks.items() if not ok]


def _plain(value: object) -> object:
    if isinstance(value, RolloutStep):
        numbers = {name: number for name, number in asdict(value).items() if number is not None}
        return numbers if value.contest is None else {**numbers, "contest": value.contest.to_dict()}
    if isinstance(value, Bake | NeedsHuman | Signal):
        # The handlers' environment holds 4 KB: what is not there is left out.
        return {name: one for name, one in asdict(value).items() if one is not None}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
