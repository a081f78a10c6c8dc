"""One look of the judge: what it saw, what it said, and how sure one can be of the rates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tidegate_cli.operator.ledger import LogEntry
from tidegate_cli.operator.words import clock_time
from tidegate_runtime.judge import bounds
from tidegate_runtime.judge.contest_counts import Pair
from tidegate_runtime.judge.counts import Bucket, Counts
from tidegate_runtime.judge.judgement import Comparison, Judgement, SignalEvidence
from tidegate_runtime.state import SHADOWING, WATCHING

_PLACES: Final = {SHADOWING: "the shadow", WATCHING: "the watch"}
_KINDS: Final = {SHADOWING: "shadow", WATCHING: "watch"}

LEVEL: Final = 0.05
"""The intervals that people are shown hold with 95 %, at all looks together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The evidence of all signals together after one bucket.

    Attributes:
        start: Begin of the bucket, epoch seconds.
        seconds: Its length.
        log10_e: Decimal logarithm of the e-value.
        kind: What it is evidence of: `shadow` on copies of requests, `relative` to live, `absolute`, or
            `watch` after the promotion; each starts anew.

    """

    start: int
    seconds: int
    log10_e: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Bad answers of one variant, and where its true rate lies.

    Attributes:
        bad: Bad answers.
        requests: All requests.
        lower: The true rate is above this, with 95 % at all looks together.
        upper: The true rate is below this.

    """

    bad: int
    requests: int
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRates:
    """One signal's rates at a look.

    Attributes:
        name: The signal.
        candidate: The candidate's; after the promotion the promoted version's.
        live: Live's; without requests where nothing ran beside the candidate.
        e_value: Evidence that the candidate is worse than tolerated.

    """

    name: str
    candidate: Interval
    live: Interval
    e_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A judgement on record, and what the judge makes of the same counts now.

    Attributes:
        entry: The record.
        judgement: Today's judgement; None when the counts cannot be judged.
        points: The evidence after each bucket of this look.
        intervals: The rates of each signal.
        differences: What does not come out as recorded, in words.

    """

    entry: LogEntry
    judgement: Judgement | None
    points: tuple[Point, ...]
    intervals: tuple[SignalRates, ...]
    differences: tuple[str, ...]

    @property
    def when(self) -> str:
        """Where and when it was, for example `step 2 at 05:14:00Z`."""
        place = _PLACES.get(str(self.entry.body.get("phase")))
        if place is None:
            place = f"step {int(self.entry.body.get('step', 0)) + 1}"
        return f"{place} at {clock_time(self.entry.at)}"


def bucket_of(raw: Mapping[str, Any], seconds: int) -> Bucket:
    """Return a bucket as the ledger keeps it; raises KeyError, TypeError or ValueError where it is none."""
    return Bucket(
        start=int(raw["start"]),
        seconds=seconds,
        live=Counts(requests=raw["live"]["requests"], bad=raw["live"]["bad"]),
        candidate=Counts(requests=raw["candidate"]["requests"], bad=raw["candidate"]["bad"]),
        rewards=Pair(**raw["rewards"]) if raw.get("rewards") is not None else None,
    )


def comparison_of(entry: LogEntry) -> Comparison:
    """Return what a judgement compared with: live, or the tolerated rates where live told nothing."""
    return "absolute" if entry.body.get("compare") == "absolute" else "relative"


def kind_of(entry: LogEntry) -> str:
    """Return `shadow` before any traffic, `watch` after the promotion, else what was compared with."""
    return _KINDS.get(str(entry.body.get("phase"))) or comparison_of(entry)


def intervals_of(judgement: Judgement) -> tuple[SignalRates, ...]:
    """Return the rates of each signal, with intervals that are valid at every look."""
    return tuple(
        SignalRates(
            name=signal.name,
            candidate=_interval(signal.candidate_bad, signal.candidate_requests, signal),
            live=_interval(signal.live_bad, signal.live_requests, signal),
            e_value=signal.e_value,
        )
        for signal in judgement.signals
    )


def _interval(bad: int, requests: int, signal: SignalEvidence) -> Interval:
    # Half of the error on each side: both bounds hold together.
    horizon, alpha = 1 / signal.max_rate, LEVEL / 2
    return Interval(
        bad=bad,
        requests=requests,
        lower=bounds.lower_bound(bad, requests, alpha=alpha, horizon=horizon),
        upper=bounds.upper_bound(bad, requests, alpha=alpha, horizon=horizon),
    )
