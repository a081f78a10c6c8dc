"""The state of a rollback, which has a state machine of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from tidegate_runtime.state import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackState:
    """A rollback in progress. Times are seconds since 1970, 0 for "not yet".

    Attributes:
        rollout_id: The rollout to roll back.
        reason: Why.
        source: `verdict`, `alarm`, `operator`, `execution` or `watchdog`.
        state: The rollout's last known state; None when the rollback does not come from its state machine.
        requested_at: When the first call of the handler ran.
        known: Whether it is known what the rollout has done; otherwise the ledger is asked again.
        owned: Whether the rollout may have touched anything: otherwise the rollback touches nothing.
        refused_since: Since when the endpoint refuses changes.
        seconds_refused: How long the endpoint refused the weight change.
        accepted_at: When the endpoint accepted weight 0.
        zero_since: Since when weight 0 is observed without a break.
        stack_requested_at: When the stack was last asked to go back.
        traffic_requested_at: When the endpoint was asked to take the configuration of before, all at once.
        update_requested_at: When the endpoint was last asked to take the stack's configuration.
        attempts: How often the stack, or the endpoint, was asked.
        outcome: `NEEDS_HUMAN` or `SUPERSEDED` when the end is not ROLLED_BACK.

    """

    rollout_id: str
    reason: str = ""
    source: str = "operator"
    state: RunState | None = None
    requested_at: float = 0.0
    known: bool = False
    owned: bool = True
    refused_since: float = 0.0
    seconds_refused: float = 0.0
    accepted_at: float = 0.0
    zero_since: float = 0.0
    stack_requested_at: float = 0.0
    traffic_requested_at: float = 0.0
    update_requested_at: float = 0.0
    attempts: int = 0
    status: str = ""
    wait_seconds: int = 1
    outcome: str = ""

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Parse a rollback's state; fields it does not know are left out."""
        known = {name: raw[name] for name in cls.__dataclass_fields__ if raw.get(name) is not None}
        if "state" in known:
            known["state"] = RunState.from_dict(known["state"])
        if "reason" in known:
            known["reason"] = _readable(known["reason"])
        return cls(**known)

    def to_dict(self) -> dict[str, Any]:
        """Return the state as JSON-like values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain | {"state": self.state.to_dict() if self.state else None}

    def wait(self, seconds: float) -> "RollbackState":
        """Return this state with status WAIT for at least one second, rounded up."""
        return replace(self, status="WAIT", wait_seconds=max(1, -int(-seconds // 1)))

    def done(self, *, outcome: str = "", reason: str = "") -> "RollbackState":
        """Return this state with status DONE."""
        return replace(self, status="DONE", outcome=outcome, reason=reason or self.reason)


def _readable(reason: str) -> str:
    """Return `Error: message` for the `Error: {"errorMessage": ...}` that a failed function leaves."""
    name, _, cause = reason.partition(": ")
    try:
        document = json.loads(cause)
    except ValueError:
        return reason
    message = document.get("errorMessage") if isinstance(document, dict) else None
    return f"{name}: {message}" if message else reason
