"""Which kind of inference fits a workload, and why the others do not.

Whether a kind fits is decided by the compatibility table and the limits of a request; points order what is
left (`docs/advice.md`).

Example:
    >>> from tidegate.advice import advise
    >>> from tidegate.workload import Workload
    >>> advise(Workload(payload_mb=200, processing_seconds=300, answer_within_seconds=900)).best.mode.value
    'async'

"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tidegate import _compatibility_terms as at
from tidegate._advice_points import START_SECONDS, Point, points
from tidegate._rulebook_hosting import MOST_SERVERLESS_CONCURRENCY, SERVERLESS_SIZE
from tidegate.compatibility import Feature, Finding, Mode, Severity, cell, check
from tidegate.workload import Workload

_MOST_CONTAINERS: Final = 15
_CHOOSE: Final = f"{at.GUIDE}/deploy-model-options.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A kind that fits.

    Attributes:
        mode: The kind.
        points: What speaks for it and against it.
        conditions: What it needs in addition, from the compatibility table.

    """

    mode: Mode
    points: tuple[Point, ...]
    conditions: tuple[Finding, ...]

    @property
    def score(self) -> int:
        """Sum of the points."""
        return sum(point.weight for point in self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A kind that does not fit, and every reason why."""

    mode: Mode
    reasons: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The answer: what fits, best first, and what does not.

    Attributes:
        choices: The kinds that fit, best first.
        rejected: The kinds that do not.

    """

    choices: tuple[Choice, ...]
    rejected: tuple[Rejection, ...]

    @property
    def best(self) -> Choice:
        """The best kind.

        Raises:
            LookupError: no kind fits.

        """
        if not self.choices:
            raise LookupError("no kind of inference fits the workload")
        return self.choices[0]

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON values."""
        return {
            "best": self.choices[0].mode.value if self.choices else None,
            "choices": [
                {
                    "kind": choice.mode.value,
                    "score": choice.score,
                    "points": [{"weight": point.weight, "reason": point.reason} for point in choice.points],
                    "conditions": [_finding_json(finding) for finding in choice.conditions],
                }
                for choice in self.choices
            ],
            "rejected": [
                {"kind": one.mode.value, "reasons": [_finding_json(finding) for finding in one.reasons]}
                for one in self.rejected
            ],
        }


def advise(workload: Workload) -> Advice:
    """Return which kinds of inference fit a workload, best first, and why the others do not."""
    reasons = {mode: tuple(rejections(mode, workload)) for mode in Mode}
    choices = [
        Choice(mode=mode, points=points(mode, workload), conditions=tuple(_conditions(mode, workload)))
        for mode in Mode
        if not reasons[mode]
    ]
    # Sorting is stable: with equal points the simpler kind, which comes first in `Mode`, stays first.
    choices.sort(key=lambda choice: -choice.score)
    rejected = [Rejection(mode=mode, reasons=found) for mode, found in reasons.items() if found]
    return Advice(choices=tuple(choices), rejected=tuple(rejected))


def rejections(mode: Mode, workload: Workload) -> Iterator[Finding]:
    """Yield every reason why a kind does not fit a workload."""
    limits = list(check(mode, payload_mb=workload.payload_mb, processing_seconds=workload.processing_seconds))
    # The numbers say the same as these two cells, and more exactly.
    said = {Feature.LARGE_PAYLOADS, Feature.LONG_PROCESSING}
    table = check(mode, workload.wanted - said)
    yield from (finding for finding in (*limits, *table) if finding.severity is Severity.ERROR)
    yield from _too_slow(mode, workload)
    yield from _wrong_number(mode, workload)


def _conditions(mode: Mode, workload: Workload) -> Iterator[Finding]:
    yield from (found for found in check(mode, workload.wanted) if found.severity is Severity.NOTE)
    if mode is Mode.SERVERLESS and _is_late(mode, workload):
        needed = cell(mode, Feature.PROVISIONED_CONCURRENCY)
        yield Finding(
            rule="advice/cold-start",
            severity=Severity.NOTE,
            reason=f"needs provisioned concurrency against cold starts; it {needed.reason}",
            source=needed.source,
        )


def _too_slow(mode: Mode, workload: Workload) -> Iterator[Finding]:
    # Provisioned concurrency takes a serverless endpoint's cold starts away: a condition, not a refusal.
    if mode is not Mode.SERVERLESS and _is_late(mode, workload):
        yield _no(
            "advice/answer-time",
            f"a request may wait {START_SECONDS[mode]:g} s before its processing of "
            f"{workload.processing_seconds:g} s starts, and the answer is needed within "
            f"{workload.answer_within_seconds:g} s",
            _CHOOSE,
        )


def _is_late(mode: Mode, workload: Workload) -> bool:
    return workload.answer_within_seconds < workload.processing_seconds + START_SECONDS.get(mode, 0)


def _wrong_number(mode: Mode, workload: Workload) -> Iterator[Finding]:
    models, frameworks = workload.models, workload.frameworks
    if mode is Mode.SERVERLESS and workload.concurrency > MOST_SERVERLESS_CONCURRENCY:
        most = MOST_SERVERLESS_CONCURRENCY
        reason = f"at most {most} requests at once, got {workload.concurrency:g}"
        yield _no("serverless-concurrency", reason, SERVERLESS_SIZE)
    if mode is Mode.MULTI_MODEL and models == 1:
        yield _no("advice/one-model", "there is one model only", at.MULTI_MODEL)
    if mode is Mode.MULTI_MODEL and frameworks > 1:
        reason = f"all models share one container, got {frameworks} frameworks"
        yield _no("advice/one-container", reason, at.MULTI_MODEL)
    if mode is Mode.DIRECT and frameworks == 1:
        yield _no("advice/one-framework", "one container serves all of the models", at.DIRECT)
    if mode is Mode.DIRECT and models > _MOST_CONTAINERS:
        reason = f"at most {_MOST_CONTAINERS} containers, each with one model, got {models} models"
        yield _no("advice/containers", reason, at.DIRECT)
    if mode is Mode.SERIAL and Feature.PIPELINE not in workload.features:
        yield _no("advice/no-pipeline", "it is for containers in sequence, one after another", at.PIPELINES)


def _no(rule: str, reason: str, source: str) -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, reason=reason, source=source)


def _finding_json(finding: Finding) -> dict[str, str]:
    return {"rule": finding.rule, "reason": finding.reason, "source": finding.source}
