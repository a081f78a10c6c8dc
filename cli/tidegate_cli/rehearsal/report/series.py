"""Numbers over time, from the ledger and the client's records; x is cloud minutes since the start."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tidegate_cli.operator.evidence import Evidence
from tidegate_cli.operator.ledger import LogEntry
from tidegate_cli.rehearsal.records import OK, Record
from tidegate_cli.rehearsal.result import Rehearsal, Rollout

_MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Points of a line."""

    x: list[float]
    y: list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A decision: when, what, and its mood (`good`, `bad` or `neutral`)."""

    x: float
    text: str
    mood: str


def minutes(rollout: Rollout, at: float) -> float:
    """Return cloud minutes since the rollout's start."""
    return (at - rollout.run.started_at) / _MINUTE


def end_of(rollout: Rollout) -> float:
    """Return the rollout's end, in cloud minutes since its start."""
    ended = rollout.run.body.get("ended_at")
    last = rollout.run.log[-1].at if rollout.run.log else rollout.run.started_at
    return minutes(rollout, float(ended) if ended else last)


def planned_share(rollout: Rollout) -> Series:
    """Return the share of the traffic that the candidate was given, in per cent, as steps."""
    x, y = [0.0], [0.0]
    for entry in rollout.run.log:
        if entry.kind in ("SHIFTED", "REWEIGHED"):
            _append(x, y, minutes(rollout, entry.at), float(entry.body["weight_percent"]))
        elif entry.kind == "WEIGHT_ZERO":
            _append(x, y, minutes(rollout, entry.at), 0.0)
    _append(x, y, max(x[-1], end_of(rollout)), y[-1])
    return Series(x=x, y=y)


def served_share(rollout: Rollout, found: Rehearsal) -> Series:
    """Return the share that the client saw answered by the version, in per cent, per cloud minute."""
    candidate = _per_minute(rollout, found, rollout.candidate)
    promoted = [r for r in rollout.live if r.version == rollout.version]
    taken_over = _per_minute(rollout, found, promoted)
    live = _per_minute(rollout, found, rollout.live)
    x: list[float] = []
    y: list[float] = []
    for minute in sorted({*candidate, *live}):
        mine = len(candidate.get(minute, [])) + len(taken_over.get(minute, []))
        total = len(candidate.get(minute, [])) + len(live.get(minute, []))
        if minute <= end_of(rollout):
            x.append(minute + 0.5)
            y.append(100 * mine / total)
    return Series(x=x, y=y)


def error_rate(rollout: Rollout, found: Rehearsal, records: Iterable[Record]) -> Series:
    """Return the errors among all requests so far, in per cent, cumulated per cloud minute."""
    x: list[float] = []
    y: list[float] = []
    requests = errors = 0
    for minute, some in sorted(_per_minute(rollout, found, records).items()):
        requests += len(some)
        errors += sum(record.outcome != OK for record in some)
        x.append(minute + 1)
        y.append(100 * errors / requests)
    return Series(x=x, y=y)


def minute_error_rate(rollout: Rollout, found: Rehearsal, records: Iterable[Record]) -> Series:
    """Return the errors among the requests of each cloud minute, in per cent."""
    per_minute = sorted(_per_minute(rollout, found, records).items())
    return Series(
        x=[minute + 0.5 for minute, _ in per_minute],
        y=[100 * sum(r.outcome != OK for r in some) / len(some) for _, some in per_minute],
    )


def evidence(rollout: Rollout) -> Series:
    """Return the e-value of all signals together over time; NaN where the evidence starts anew."""
    x: list[float] = []
    y: list[float] = []
    before: tuple[str, bool] | None = None
    for entry, found in _evidence(rollout):
        # At 100 % and under watch nothing runs beside the version: only that phase's own counts decide. Of a
        # shadow's evidence nothing is kept.
        kind = (str(entry.body.get("phase")), entry.body.get("weight_percent") == 100)
        if before is not None and before != kind:
            _append(x, y, minutes(rollout, entry.at), math.nan)
        _append(x, y, minutes(rollout, entry.at), max(found.e_value, 1e-12))
        before = kind
    return Series(x=x, y=y)


def threshold(rollout: Rollout) -> float | None:
    """Return the e-value at which the candidate fails; None when nothing was judged."""
    found = [evidence.threshold for _, evidence in _evidence(rollout)]
    return found[-1] if found else None


def marks(rollout: Rollout) -> list[Mark]:
    """Return the decisions, oldest first."""
    found = (_mark(rollout, entry) for entry in rollout.run.log)
    return [mark for mark in found if mark is not None]


def _mark(rollout: Rollout, entry: LogEntry) -> Mark | None:
    at = minutes(rollout, entry.at)
    verdict = entry.body.get("verdict")
    if entry.kind in ("SHIFTED", "REWEIGHED"):
        return Mark(x=at, text=f"shift to {entry.body['weight_percent']} %", mood="neutral")
    if entry.kind == "JUDGED" and verdict == "PASS":
        return Mark(x=at, text="PASS", mood="good")
    if entry.kind == "JUDGED" and verdict not in ("CONTINUE", "REWEIGH"):
        return Mark(x=at, text=str(verdict), mood="bad")
    if entry.kind == "WEIGHT_ZERO":
        return Mark(x=at, text="weight 0", mood="neutral")
    if entry.kind == "PROMOTED":
        return Mark(x=at, text="promoted", mood="good")
    return None


def _evidence(rollout: Rollout) -> list[tuple[LogEntry, Evidence]]:
    judged = [entry for entry in rollout.run.log if entry.kind == "JUDGED"]
    found = [(entry, Evidence.of(entry.body.get("signals", ()))) for entry in judged]
    return [(entry, evidence) for entry, evidence in found if evidence is not None]


def _per_minute(rollout: Rollout, found: Rehearsal, records: Iterable[Record]) -> dict[int, list[Record]]:
    grouped: dict[int, list[Record]] = {}
    for record in records:
        minute = int(minutes(rollout, found.cloud_time(record.at)))
        grouped.setdefault(minute, []).append(record)
    return grouped


def _append(x: list[float], y: list[float], at: float, value: float) -> None:
    x.append(at)
    y.append(value)
