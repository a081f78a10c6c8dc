"""The job `smoke`: asks the endpoint the declared requests after a deployment, as any caller would."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from deliver.outcome import Done, Failed, Outcome, Wait
from deliver.request import Request
from tidegate_runtime.errors import Rejected, Transient
from tidegate_runtime.ports import Clock
from tidegate_runtime.sample_ports import ANY_VARIANT, Invoker
from tidegate_runtime.samples import Sample

BUDGET_SECONDS: Final = 10
"""How long a call may have lasted when it asks again: it waits 45 s for an answer, and ends after 60 s."""

PATIENCE_SECONDS: Final = 1_800
"""How long all requests together may take: a model that is still loading is no failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the calls so far have found out.

    Attributes:
        since: When the first one began, in seconds since 1970.
        answered: How many requests were answered as declared.
        warnings: How many answers were usable and not quite as declared.
        slowest: Seconds of the slowest answer.

    """

    since: float
    answered: int = 0
    warnings: int = 0
    slowest: float = 0.0

    def to_token(self) -> dict[str, Any]:
        """Return it as a job's token."""
        return {name: getattr(self, name) for name in Progress.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoke:
    """Sends one request after the other, and fails with the first answer that is not as declared.

    The requests go where the weights send them, and are counted in the endpoint's metrics.
    """

    samples: Sequence[Sample]
    invoker: Invoker
    clock: Clock

    def __call__(self, request: Request) -> Outcome:
        """Make progress."""
        began = self.clock.now()
        progress = Progress(**request.token) if request.token else Progress(since=began)
        trouble = ""
        for sample in self.samples[progress.answered :]:
            if self.clock.now() - began > BUDGET_SECONDS:
                break
            try:
                answer = self.invoker.invoke(ANY_VARIANT, sample)
            except Transient as error:
                trouble = f"request {sample.name!r}: {error}"
                break
            except Rejected as error:
                return Failed(message=f"request {sample.name!r} could not be sent: {error}")
            complaints = sample.complaints(answer)
            wrong = [complaint.text for complaint in complaints if not complaint.warning]
            if wrong:
                return Failed(message=_told(sample, wrong))
            progress = replace(
                progress,
                answered=progress.answered + 1,
                warnings=progress.warnings + bool(complaints),
                slowest=max(progress.slowest, answer.seconds),
            )
        return self._outcome(progress, trouble)

    def _outcome(self, progress: Progress, trouble: str) -> Outcome:
        count = f"{progress.answered} of {len(self.samples)} requests are answered as declared"
        if progress.answered == len(self.samples):
            warned = f", {progress.warnings} of them with a warning" if progress.warnings else ""
            return Done(summary=f"{count}{warned}; the slowest took {1000 * progress.slowest:.0f} ms")
        why = f"{count}; {trouble}" if trouble else count
        if self.clock.now() - progress.since > PATIENCE_SECONDS:
            return Failed(message=f"after {PATIENCE_SECONDS // 60} minutes, only {why}")
        return Wait(summary=why, token=progress.to_token())


def _told(sample: Sample, wrong: Sequence[str]) -> str:
    return f"request {sample.name!r}: {'; '.join(wrong)} (expected: {sample.expect.told})"
