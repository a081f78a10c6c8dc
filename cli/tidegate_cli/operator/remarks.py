"""What a rollout's record says besides its outcome, for people."""

from dataclasses import dataclass
from typing import Self

from tidegate_cli.operator.ledger import Run
from tidegate_cli.operator.words import date_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarks:
    """What became known beside the decision, or after it.

    Attributes:
        live_trouble: Which alarm of the version before burnt when the traffic went back to it; empty if none.
        resolved_at: When a deploy took the decision that a human was asked for, in epoch seconds; or None.

    """

    live_trouble: str
    resolved_at: float | None

    @classmethod
    def of(cls, run: Run) -> Self:
        """Read a rollout's record."""
        resolved = run.body.get("resolved_at")
        return cls(
            live_trouble=str(run.body.get("live_trouble") or ""),
            resolved_at=None if resolved is None else float(resolved),
        )

    def rows(self) -> list[tuple[str, str]]:
        """Return the remarks as rows of a table."""
        rows = []
        if self.live_trouble:
            rows.append(("live then", f"the version before was in trouble too: {self.live_trouble}"))
        if self.resolved_at is not None:
            rows.append(("resolved", f"by a deploy, {date_time(self.resolved_at)}: nobody is waited for"))
        return rows
