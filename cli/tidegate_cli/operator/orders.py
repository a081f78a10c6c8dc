"""Holds, gates and waivers of a rollout as its record has them, for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from tidegate_cli.operator.ledger import RUNNING, Run
from tidegate_cli.operator.words import date_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What operators and gates have to do with a rollout now; times are epoch seconds.

    Attributes:
        hold: The hold that stands: `by`, `reason`, `since`, `until`; None without one.
        gate: The gate that the rollout waits at: `step` (from 1), `since`, `until`, `function`; None without.
        waiver: Whose word stands for a step's evidence: `step` (from 1), `every`, `by`, `reason`; or None.

    """

    hold: Mapping[str, Any] | None
    gate: Mapping[str, Any] | None
    waiver: Mapping[str, Any] | None

    @classmethod
    def of(cls, run: Run, *, now: float) -> Self:
        """Read a rollout's record; nothing stands once it has ended."""
        if run.status != RUNNING:
            return cls(hold=None, gate=None, waiver=None)
        body = run.body
        holds = [hold for hold in body.get("holds", ()) if hold["since"] <= now < hold["until"]]
        gate, waiver = body.get("gate"), body.get("waiver")
        current = body.get("step")
        if gate is not None and (gate.get("decision") or gate["step"] != current):
            gate = None
        if waiver is not None and not (waiver["step"] == current or waiver["every"]):
            waiver = None
        return cls(
            hold=holds[-1] if holds else None,
            gate=_told(gate, "since", "until", "function") if gate is not None else None,
            waiver=_told(waiver, "every", "by", "reason") if waiver is not None else None,
        )

    def next(self) -> str:
        """Say what the rollout waits for; empty when it waits for nobody."""
        if self.hold is not None:
            return "its hold ends, or is lifted with `tidegate resume`"
        if self.gate is None:
            return ""
        decides = f", decided by {self.gate['function']}" if self.gate["function"] else ""
        return (
            f"the gate after step {self.gate['step']} opens{decides}: `tidegate promote`, or `tidegate abort`"
        )

    def rows(self) -> list[tuple[str, str]]:
        """Return what stands as rows of a table."""
        rows = []
        if self.hold is not None:
            until = date_time(float(self.hold["until"]))
            rows.append(("held", f"by {self.hold['by']} until {until}: {self.hold['reason']}"))
        if self.gate is not None:
            since, until = (date_time(float(self.gate[name])) for name in ("since", "until"))
            where = f"waits at the gate after step {self.gate['step']}"
            rows.append(("gate", f"{where} since {since}, until {until}"))
        if self.waiver is not None:
            every = " and all later ones" if self.waiver["every"] else ""
            what = f"of step {self.waiver['step']}{every} by {self.waiver['by']}: {self.waiver['reason']}"
            rows.append(("waived", f"evidence {what}"))
        return rows


def _told(raw: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return {"step": int(raw["step"]) + 1, **{name: raw[name] for name in names}}
