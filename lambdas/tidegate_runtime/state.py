"""The state that travels through the state machines, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from tidegate_runtime.errors import UnexpectedConfig

EARLY_PHASES: Final = ("", "QUEUED", "STARTED")
"""Phases in which a rollout has not touched anything."""

BEFORE_TRAFFIC: Final = ("PREPARED", "SAMPLED")
"""Phases in which the candidate is there, and its first share is what comes next."""

SHADOWING: Final = "SHADOWING"
"""Phase, and decision in the ledger: the candidate gets copies of requests, and nobody its answers."""

WATCHING: Final = "WATCHING"
"""Phase in which the promoted version is judged alone."""

ENDED: Final = ("PROMOTED", "ROLLED_BACK", "SUPERSEDED")
"""Outcomes after which nothing is left to do; NEEDS_HUMAN may still be rolled back."""

ROLLBACK_PHASES: Final = ("ROLLING_BACK", "RESTORING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """Which activities of automatic scaling are suspended on a scalable target."""

    scale_in: bool = False
    scale_out: bool = False
    scheduled: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the activities as JSON-like values."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What was live when the rollout started.

    Attributes:
        config_name: Endpoint configuration of the stack.
        model_name: Model of the variant `live`.
        package_arn: Model package version of the live pointer.
        instances: Instances of `live`.
        instance_type: Instance type of `live`.
        scaling: What was suspended on the scalable target; None when there is no target.

    """

    config_name: str
    model_name: str
    package_arn: str
    instances: int
    instance_type: str
    scaling: Suspended | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the baseline as JSON-like values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain | {"scaling": self.scaling.to_dict() if self.scaling else None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the controller puts beside `live`.

    Attributes:
        model_name: Model made from the candidate's package.
        config_name: Endpoint configuration with both variants.
        instances: Instances of the candidate.
        live_instances: Instances of `live` in that configuration.
        mirror_percent: Share of live's requests that it gets copies of, as the variant `shadow`; 0 where it
            is the variant `candidate`, which may get traffic of its own.

    """

    model_name: str
    config_name: str
    instances: int
    live_instances: int
    mirror_percent: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the candidate as JSON-like values."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """One rollout in flight: what a handler gets and returns.

    Times are seconds since 1970. `status` tells the state machine what to do next, `wait_seconds` how long to
    wait before. `link` numbers the rollout's executions from 1, `looks` counts the judge's looks in this one.
    `passed_step` is the last step with an explicit PASS, -1 before the first;
    `target_percent` is the share that a bandit wants for the candidate in this step, 0 where the plan's
    stands; `proof` is why the last step allowed the promotion. `shadowed` is the configuration under which
    the candidate passed as a shadow, empty before; `sampled` is how many samples it has answered well.
    `fix_forward` means that live is in trouble: the candidate is then judged alone, by the absolute
    tolerances. `paused_seconds` is how long the step has waited for operators, gates and hooks; `hooks_done`
    names the hooks that are done, `hook_since` is since when one is being called, and `hook_seconds` what
    those of this step took. `instead_of` is the live
    version that was rejected in the registry, of a rollout that goes back to the last good one; `direct` that
    there is no candidate.
    """

    rollout_id: str
    model_package_arn: str
    instead_of: str = ""
    direct: bool = False
    first: bool = False
    fix_forward: bool = False
    phase: str = ""
    step: int = 0
    steps_total: int = 0
    passed_step: int = -1
    weight_percent: int = 0
    target_percent: int = 0
    status: str = ""
    baseline: Baseline | None = None
    candidate: Candidate | None = None
    promoted_config: str = ""
    shadowed: str = ""
    sampled: int = 0
    since: int = 0
    cursor: int = 0
    evidence: dict[str, Any] | None = None
    verdict: str = ""
    reason: str = ""
    proof: str = ""
    paused_seconds: float = 0.0
    hooks_done: tuple[str, ...] = ()
    hook_since: float = 0.0
    hook_seconds: float = 0.0
    requested_at: float = 0.0
    stack_requested_at: float = 0.0
    wait_seconds: int = 1
    link: int = 1
    looks: int = 0
    outcome: str = ""
    error: dict[str, Any] | None = None

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Parse a state; fields it does not know are left out."""
        known = {name: raw[name] for name in cls.__dataclass_fields__ if raw.get(name) is not None}
        if "baseline" in known:
            known["baseline"] = baseline_from_dict(known["baseline"])
        if "candidate" in known:
            known["candidate"] = Candidate(**known["candidate"])
        known["hooks_done"] = tuple(known.get("hooks_done", ()))
        return cls(**known)

    def to_dict(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        parts = {"baseline": self.baseline, "candidate": self.candidate}
        return plain | {name: part.to_dict() if part else None for name, part in parts.items()}

    def wait(self, seconds: int) -> "RunState":
        """Return this state with status WAIT for at least one second."""
        return replace(self, status="WAIT", wait_seconds=max(1, seconds))

    def done(self, status: str = "DONE") -> "RunState":
        """Return this state with a final status of the step."""
        return replace(self, status=status)


def baseline_from_dict(raw: Mapping[str, Any]) -> Baseline:
    """Parse a baseline as `RunState.to_dict` writes it."""
    scaling = Suspended(**raw["scaling"]) if raw.get("scaling") else None
    return Baseline(**{**raw, "scaling": scaling})


def require_baseline(state: RunState) -> Baseline:
    """Return the baseline, which Check has put into the state."""
    if state.baseline is None:
        raise UnexpectedConfig("the state holds no baseline: Check must run first")
    return state.baseline
