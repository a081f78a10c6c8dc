"""The job `smoke`: asks the endpoint the declared requests after a deployment, as any caller would."""

from dataclasses import dataclass
from typing import Final

from deliver.outcome import Done, Failed, Outcome, Wait
from deliver.request import Request
from tidegate_runtime.ports import Clock
from tidegate_runtime.smoke import Progress, SmokeTest

BUDGET_SECONDS: Final = 10
"""How long a call may have lasted when it asks again: it waits 45 s for an answer, and ends after 60 s."""

PATIENCE_SECONDS: Final = 1_800
"""How long all requests together may take: a model that is still loading is no failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoke:
    """Sends one request after the other, and fails with the first answer that is not as declared."""

    test: SmokeTest
    clock: Clock

    def __call__(self, request: Request) -> Outcome:
        """Make progress."""
        before = Progress(**request.token) if request.token else Progress(since=self.clock.now())
        look = self.test.ask(before, budget_seconds=BUDGET_SECONDS)
        told = self.test.told(look.progress)
        if look.failure:
            return Failed(message=look.failure)
        if look.progress.answered == len(self.test.samples):
            return Done(summary=told)
        why = f"{told}; {look.trouble}" if look.trouble else told
        if self.clock.now() - look.progress.since > PATIENCE_SECONDS:
            return Failed(message=f"after {PATIENCE_SECONDS // 60} minutes, only {why}")
        return Wait(summary=why, token=look.progress.to_document())
