"""How long a rollout has waited for people and functions."""

from dataclasses import dataclass
from typing import Any, Final, Self

from tidegate_cli.operator.ledger import Run
from tidegate_cli.operator.words import duration

_CLOSED: Final = "GATE_CLOSED"
_LEAVES_THE_GATE: Final = ("GATE_OPENED", "GATE_REJECTED", "ROLLBACK_REQUESTED", "ENDED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """The waits of a rollout that is over, or so far as its log goes.

    Attributes:
        gate_seconds: At closed gates.
        held_seconds: Held by operators, at a gate or not.

    """

    gate_seconds: float
    held_seconds: float

    @classmethod
    def of(cls, run: Run) -> Self:
        """Add up a rollout's log and record."""
        latest = run.log[-1].at if run.log else run.started_at
        end = latest if run.ended_at is None else run.ended_at
        return cls(
            gate_seconds=_at_gates(run, end),
            held_seconds=sum(_held(hold, end) for hold in run.body.get("holds") or ()),
        )

    def in_words(self) -> str:
        """For example `gates 12 min, held 2 h`; empty without any wait."""
        said = (("gates", self.gate_seconds), ("held", self.held_seconds))
        return ", ".join(f"{what} {duration(seconds)}" for what, seconds in said if seconds)


def _at_gates(run: Run, end: float) -> float:
    waited, closed_at = 0.0, None
    for entry in run.log:
        if entry.kind == _CLOSED and closed_at is None:
            closed_at = entry.at
        elif entry.kind in _LEAVES_THE_GATE and closed_at is not None:
            waited, closed_at = waited + entry.at - closed_at, None
    return waited if closed_at is None else waited + end - closed_at


def _held(hold: dict[str, Any], end: float) -> float:
    """Return how long a hold has lasted: one that was not lifted may reach beyond the rollout's end."""
    return max(0.0, min(float(hold["until"]), end) - float(hold["since"]))
