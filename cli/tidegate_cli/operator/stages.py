"""The stages of a rollout: the shadow, each step, and the watch, with why it ended."""

from dataclasses import dataclass
from typing import Final, Self

from tidegate_cli.operator.ledger import LogEntry, Run
from tidegate_cli.operator.served import Served
from tidegate_runtime.state import SHADOWING

_ENDS: Final = ("SHADOWED", "SHIFTED", "PROMOTING", "PROMOTED", "ROLLBACK_REQUESTED", "ENDED")


_NAMED: Final = {SHADOWING: ("shadow", 0), "PROMOTED": ("watch", 100)}
"""Stages with a name of their own by what begins them, with the share of the traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage.

    Attributes:
        name: `shadow`, `step 2`, or `watch`.
        weight_percent: Share of the traffic of the version that is judged: 0 as a shadow, 100 under watch.
        last_percent: Its share at the end: another one where a bandit moved it.
        began_at: Epoch seconds.
        seconds: How long it took; None while it lasts.
        looks: How often the judge looked.
        served: What the judged version answered in it; of a shadow the copies that it answered.
        verdict: The last verdict; empty before the first.
        reason: The judge's words on it.

    """

    name: str
    weight_percent: int
    last_percent: int
    began_at: float
    seconds: float | None
    looks: int
    served: Served
    verdict: str
    reason: str

    @classmethod
    def of(
        cls, begun: LogEntry, judged: list[LogEntry], *, last_percent: int, ended_at: float | None
    ) -> Self:
        """Sum up the judgements of one stage."""
        last = judged[-1].body if judged else {}
        name, percent = _NAMED.get(begun.kind, ("", 0))
        return cls(
            name=name or f"step {int(begun.body['step']) + 1}",
            weight_percent=percent if name else int(begun.body["weight_percent"]),
            last_percent=percent if name else last_percent,
            began_at=begun.at,
            seconds=None if ended_at is None else ended_at - begun.at,
            looks=len(judged),
            served=Served.of(judged),
            verdict=str(last.get("verdict", "")),
            reason=str(last.get("reason", "")),
        )

    @property
    def share_in_words(self) -> str:
        """For example `50 %`, or `50 to 90 %` where a bandit moved it."""
        same = self.weight_percent == self.last_percent
        return f"{self.weight_percent} %" if same else f"{self.weight_percent} to {self.last_percent} %"


def stages_of(run: Run) -> tuple[Stage, ...]:
    """Return the stages that a rollout went through, in order; none for a first version."""
    if run.body.get("first"):
        return ()
    begins = [entry for entry in run.log if entry.kind in ("SHIFTED", *_NAMED)]
    # A handler that was stopped records the same begin once more.
    begins = [e for i, e in enumerate(begins) if i == 0 or _place(e) != _place(begins[i - 1])]
    return tuple(_stage(run, begun) for begun in begins)


def _stage(run: Run, begun: LogEntry) -> Stage:
    after = (e for e in run.log if e.kind in _ENDS and e.at > begun.at and _place(e) != _place(begun))
    end = next((entry.at for entry in after), None)
    judged = [e for e in run.log if e.kind == "JUDGED" and begun.at <= e.at and (end is None or e.at <= end)]
    moved = [e for e in run.log if e.kind == "REWEIGHED" and e.body.get("step") == begun.body.get("step")]
    share = int((moved[-1] if moved else begun).body.get("weight_percent", 0))
    return Stage.of(begun, judged, last_percent=share, ended_at=end)


def _place(entry: LogEntry) -> tuple[str, int]:
    return entry.kind, int(entry.body.get("step", -1))
