"""What a candidate must reach to pass the gate, and the sentence that says whether it did."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate_runtime.validation.metrics import METRICS, Metric
from tidegate_runtime.validation.paired import Paired, compare


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether a candidate passes, and why, in one readable line."""

    passed: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """A metric and its limits; every one that is given must hold.

    Attributes:
        metric: Name of the metric.
        max_worse: How much worse than live the candidate may be, in the metric's own unit.
        relative: The same as a share of live's value, 0.05 for five per cent.
        at_least: Lowest value that the candidate may have.
        at_most: Highest value that it may have.

    """

    metric: str
    max_worse: float | None = None
    relative: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def how(self) -> Metric:
        """The metric itself."""
        return METRICS[self.metric]

    @property
    def compares(self) -> bool:
        """Whether live is needed."""
        return self.max_worse is not None or self.relative is not None

    @property
    def has_floor(self) -> bool:
        """Whether a version can be judged that has no live one beside it."""
        return self.at_least is not None or self.at_most is not None

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield field and sentence of everything that is wrong with the limits."""
        if self.metric not in METRICS:
            yield "metric", f"must be one of {', '.join(METRICS)}, got {self.metric!r}"
            return
        if not (self.compares or self.has_floor):
            yield "max_worse", "must have a limit: max_worse, relative, at_least or at_most"
        for name in ("max_worse", "relative"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < math.inf:
                yield name, f"must be at least 0, got {value:g}"
        low, high = self.how.bounds
        if self.max_worse is not None and self.max_worse >= high - low:
            yield (
                "max_worse",
                f"must be below {high - low:g}, or nothing is too much worse; got {self.max_worse:g}",
            )
        yield from self._floor_faults(low, high)

    def _floor_faults(self, low: float, high: float) -> Iterator[tuple[str, str]]:
        floor, other = ("at_least", "at_most") if self.how.more_is_better else ("at_most", "at_least")
        if getattr(self, other) is not None:
            better = "more" if self.how.more_is_better else "less"
            yield other, f"would refuse what is good: of {self.metric}, {better} is better; use {floor}"
        value = getattr(self, floor)
        if value is not None and not low <= value <= high:
            yield floor, f"must be {low:g} to {high:g} for {self.metric}, got {value:g}"

    def judge(
        self, *, labels: Sequence[Any], candidate: Sequence[Any], live: Sequence[Any] | None
    ) -> Judgement:
        """Judge a candidate.

        Args:
            labels: What is right, for each row.
            candidate: The candidate's predictions.
            live: The live version's, or None when there is none yet.

        Raises:
            Unusable: a label or a prediction is none that the metric can take.

        """
        if live is None:
            return self._alone(self.how.value(self.how.rows(labels, candidate)), len(labels))
        found = compare(self.how, labels=labels, candidate=candidate, live=live)
        beyond = self._beyond(found.candidate)
        allowed = self._allowed(found.live)
        # Differences of floating-point values: the margin itself is allowed.
        too_much = allowed is not None and found.worse > allowed and not math.isclose(found.worse, allowed)
        text = f"{self._against(found, allowed)}; {self._evidence(found, allowed)}"
        return Judgement(passed=not too_much and not beyond, text=f"{text}{beyond}")

    def _alone(self, value: float, rows: int) -> Judgement:
        begin = f"{self.metric} {value:.4g} on {rows:,} rows; there is no live version to compare with"
        if not self.has_floor:
            return Judgement(
                passed=False,
                text=f"{begin}, and no at_least or at_most to judge a first version by: declare one",
            )
        beyond = self._beyond(value)
        return Judgement(passed=not beyond, text=f"{begin}{beyond or f', {self._floor} holds'}")

    @property
    def _floor(self) -> str:
        return f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"

    def _beyond(self, value: float) -> str:
        low = self.at_least is not None and value < self.at_least
        high = self.at_most is not None and value > self.at_most
        return f"; {value:.4g} is not {self._floor}" if low or high else ""

    def _allowed(self, live: float) -> float | None:
        share = None if self.relative is None else self.relative * abs(live)
        given = [value for value in (self.max_worse, share) if value is not None]
        return min(given) if given else None

    def _against(self, found: Paired, allowed: float | None) -> str:
        how = "worse" if found.worse > 0 else "better" if found.worse < 0 else "apart"
        limit = "" if allowed is None else f", at most {allowed:.4g} worse is allowed"
        return (
            f"{self.metric} {found.candidate:.4g} against {found.live:.4g} of live on {found.rows:,} rows: "
            f"{abs(found.worse):.4g} {how}{limit}"
        )

    def _evidence(self, found: Paired, allowed: float | None) -> str:
        # As candidate minus live, in the metric's own direction: what people compare with the two values.
        low, high = (-found.high, -found.low) if self.how.more_is_better else (found.low, found.high)
        counts = (
            f"worse on {found.lost:,} rows, better on {found.won:,} "
            f"(exact sign test p = {found.chance:.2g}), "
            f"95 % interval of the difference {low:.3g} to {high:.3g}"
        )
        if allowed is None or not found.low <= allowed < found.high:
            return counts
        needed = _rows_needed(found, allowed)
        return f"{counts}: {found.rows:,} rows cannot tell this from {allowed:.4g} worse{needed}"


def _rows_needed(found: Paired, allowed: float) -> str:
    """Say how many rows would do if the difference stayed: the interval narrows with their square root."""
    gap = abs(found.worse - allowed)
    if gap < 1e-12:
        return ""
    rows = math.ceil(found.rows * ((found.high - found.worse) / gap) ** 2)
    return f", about {rows:,} would" if rows < 10_000_000 else ""


def criteria_from(document: Mapping[str, Any]) -> Criteria:
    """Return the criteria in a document that `criteria_to` has written."""
    return Criteria(**{name: document[name] for name in Criteria.__slots__ if name in document})


def criteria_to(criteria: Criteria) -> dict[str, Any]:
    """Return the criteria as a document, without what is not given."""
    values = {name: getattr(criteria, name) for name in Criteria.__slots__}
    return {name: value for name, value in values.items() if value is not None}
