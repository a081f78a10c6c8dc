"""What a rollout's record says about holds, its gate, and evidence that an operator waived."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

APPROVED: Final = "APPROVED"
REJECTED: Final = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A time in which no share rises and nothing is promoted; times are seconds since 1970.

    Attributes:
        by: Who asked for it.
        reason: Why.
        since: When it began.
        until: When it ends by itself, or when it was lifted.

    """

    by: str
    reason: str
    since: float
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRecord:
    """The gate that the rollout stands at, or that it came through last.

    Attributes:
        step: Index of the step that has passed.
        since: When it was closed.
        until: When it has waited long enough; holds come on top.
        function: ARN of the function that decides; empty when a person does.
        decision: `APPROVED`, `REJECTED`, or empty while it is closed.
        by: Who decided.
        reason: Why.
        decided_at: When.
        token: The task that waits for the decision; it may be over.
        told: Whether people know.

    """

    step: int
    since: float
    until: float
    function: str = ""
    decision: str = ""
    by: str = ""
    reason: str = ""
    decided_at: float = 0.0
    token: str = ""
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """An operator's word that a step needs no more evidence; `every`: nor does any after it."""

    step: int
    every: bool
    by: str
    reason: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Everything of a record that says whether a rollout may go on."""

    holds: tuple[Hold, ...] = ()
    gate: GateRecord | None = None
    waiver: Waiver | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """Read the document of a record."""
        gate, waiver = body.get("gate"), body.get("waiver")
        return cls(
            holds=tuple(Hold(**hold) for hold in body.get("holds", ())),
            gate=GateRecord(**gate) if gate else None,
            waiver=Waiver(**waiver) if waiver else None,
        )

    def to_body(self) -> dict[str, Any]:
        """Return the fields of the record's document; what is not there is left out."""
        fields = {
            "holds": [asdict(hold) for hold in self.holds],
            "gate": asdict(self.gate) if self.gate else None,
            "waiver": asdict(self.waiver) if self.waiver else None,
        }
        return {name: value for name, value in fields.items() if value}

    def hold(self, now: float) -> Hold | None:
        """Return the hold that stands now."""
        return next((hold for hold in self.holds if hold.since <= now < hold.until), None)

    def waives(self, step: int) -> Waiver | None:
        """Return the operator's word on a step's evidence."""
        waiver = self.waiver
        if waiver is None:
            return None
        return waiver if waiver.step == step or (waiver.every and waiver.step <= step) else None

    def gate_at(self, step: int) -> GateRecord | None:
        """Return the gate behind a step, once it was closed."""
        return self.gate if self.gate is not None and self.gate.step == step else None

    def deadline(self, gate: GateRecord, now: float) -> float:
        """Return when a gate has waited long enough: what the rollout was held does not count."""
        return gate.until + _covered(self._held(gate.since, now))

    def paused_seconds(self, step: int, *, since: float, now: float) -> float:
        """Return how long a step has waited for operators and its gate, since its evidence began."""
        gate = self.gate_at(step)
        waited = [] if gate is None else [(gate.since, gate.decided_at or now)]
        return _covered([*self._held(since, now), *_within(waited, since, now)])

    def _held(self, since: float, now: float) -> list[tuple[float, float]]:
        return _within([(hold.since, hold.until) for hold in self.holds], since, now)


def _within(spans: list[tuple[float, float]], since: float, now: float) -> list[tuple[float, float]]:
    return [(max(begin, since), min(end, now)) for begin, end in spans]


def _covered(spans: list[tuple[float, float]]) -> float:
    """Return the length of all spans together, counting once what several cover."""
    total, reached = 0.0, float("-inf")
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return total
