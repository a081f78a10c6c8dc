"""Asks an endpoint declared requests, one after the other: for a pipeline, and for `tidegate smoke`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tidegate_runtime.errors import Rejected, Transient
from tidegate_runtime.ports import Clock
from tidegate_runtime.sample_ports import ANY_VARIANT, Invoker
from tidegate_runtime.samples import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What has been found out so far.

    Attributes:
        since: When the first request was sent, in seconds since 1970.
        answered: How many requests were answered as declared.
        warnings: How many answers were usable and not quite as declared.
        slowest: Seconds of the slowest answer.

    """

    since: float
    answered: int = 0
    warnings: int = 0
    slowest: float = 0.0

    def to_document(self) -> dict[str, Any]:
        """Return the progress as a document, from which it can be made again."""
        return {name: getattr(self, name) for name in Progress.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What some requests have come to: the first failure, or why there is no answer for the moment."""

    progress: Progress
    failure: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeTest:
    """The declared requests, and whom to ask.

    The requests go where the weights send them, and are counted in the endpoint's metrics.
    """

    samples: Sequence[Sample]
    invoker: Invoker
    clock: Clock

    def ask(self, progress: Progress, *, budget_seconds: float) -> Look:
        """Ask the requests that are left, until the budget is used up, one fails or there is no answer."""
        began = self.clock.now()
        for sample in self.samples[progress.answered :]:
            if self.clock.now() - began > budget_seconds:
                break
            try:
                answer = self.invoker.invoke(ANY_VARIANT, sample)
            except Transient as error:
                return Look(progress=progress, trouble=f"request {sample.name!r}: {error}")
            except Rejected as error:
                why = f"request {sample.name!r} could not be sent: {error}"
                return Look(progress=progress, failure=why)
            complaints = sample.complaints(answer)
            wrong = [complaint.text for complaint in complaints if not complaint.warning]
            if wrong:
                told = f"request {sample.name!r}: {'; '.join(wrong)} (expected: {sample.expect.told})"
                return Look(progress=progress, failure=told)
            progress = replace(
                progress,
                answered=progress.answered + 1,
                warnings=progress.warnings + bool(complaints),
                slowest=max(progress.slowest, answer.seconds),
            )
        return Look(progress=progress)

    def told(self, progress: Progress) -> str:
        """Return how far it is."""
        count = f"{progress.answered} of {len(self.samples)} requests are answered as declared"
        if progress.answered < len(self.samples):
            return count
        warned = f", {progress.warnings} of them with a warning" if progress.warnings else ""
        return f"{count}{warned}; the slowest took {1000 * progress.slowest:.0f} ms"
