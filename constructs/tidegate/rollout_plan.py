"""The plan of a rollout: steps, watch, signals and policies, as frozen values."""

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Final, Self

from tidegate._guardrails_rules import guardrails_faults
from tidegate._plan_waits import PlanWaits
from tidegate._rollout_plan_rules import CONTROLLER, GUARDRAILS, HANDLER_TIMEOUT_SECONDS, plan_faults
from tidegate._validation import Faults
from tidegate.bake import Bake
from tidegate.needs_human import NeedsHuman
from tidegate.rollout_step import RolloutStep
from tidegate.shadow_phase import ShadowPhase
from tidegate.signal import Signal

if TYPE_CHECKING:
    from tidegate.deployment_guardrails import DeploymentGuardrails

LOOKS_PER_EXECUTION: Final = 2_000
"""Looks of the judge in one execution: each writes ten events into a history that ends at 25,000."""

_TAKEN_FOR_GRANTED: Final = {"on_live_rejected": "notify", "backend": CONTROLLER}


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
        on_live_rejected: What a rejection of the live version in the registry does: `notify` (people are
            told) or `go_back` (the last promoted version that is still approved goes live again, without a
            candidate; while a rollout is in flight, by `on_new_approval`).
        backend: Who moves the traffic: the `controller`, step by step with a judgement after each, or
            SageMaker's own `guardrails`, under alarms; see `by_guardrails`.

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
    on_live_rejected: str = "notify"
    backend: str = CONTROLLER

    def __post_init__(self) -> None:
        faults = Faults("rollout plan")
        for message in (*plan_faults(self), *(guardrails_faults(self) if self.is_by_guardrails else ())):
            faults.require(ok=False, message=message)
        faults.raise_if_any()

    @classmethod
    def all_at_once(cls, *, bake_seconds: int = 600, min_requests: int = 100) -> Self:
        """Return a plan of one step of 100 %, and the watch after it: nothing is compared with live."""
        return cls.stepped(percents=(100,), bake_seconds=bake_seconds, min_requests=min_requests)

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

    def by_guardrails(self) -> Self:
        """Return this plan for SageMaker's own guardrails as the backend.

        Each step then bakes exactly its shortest time, whatever was served in it: SageMaker counts no
        requests and compares nothing, it looks at alarms. The watch stays as it is.

        Raises:
            ValueError: naming every reason why SageMaker cannot carry it out, with AWS's page.

        """
        baked = (replace(one, max_bake_seconds=one.min_bake_seconds, min_requests=0) for one in self.steps)
        return replace(self, backend=GUARDRAILS, steps=tuple(baked))

    def deployment_guardrails(self) -> "DeploymentGuardrails":
        """Return this plan for `RealTimeEndpoint(guardrails=...)`; raises ValueError for another backend."""
        from tidegate._guardrails_plan import deployment_guardrails

        return deployment_guardrails(self)

    @property
    def is_by_guardrails(self) -> bool:
        """Whether SageMaker's own guardrails move the traffic."""
        return self.backend == GUARDRAILS

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
        return looks > LOOKS_PER_EXECUTION and not self.is_by_guardrails

    @property
    def execution_seconds(self) -> int:
        """The longest that the bakes in one execution of the state machine may take, in seconds."""
        if not self.may_chain:
            return self.max_seconds
        return LOOKS_PER_EXECUTION * (self.bucket_seconds + self.settle_seconds)

    def to_json(self) -> str:
        """Return the plan as the JSON text that the handlers read."""
        values = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        # What is not wanted, or taken for granted, is left out: Lambda's whole environment may have 4 KB.
        told = {name: value for name, value in values.items() if value != _TAKEN_FOR_GRANTED.get(name)}
        return json.dumps(told, separators=(",", ":"), sort_keys=True)


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
