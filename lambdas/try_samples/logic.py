"""Asks the candidate the declared samples, while it has no traffic, and waits until it has warmed up."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tidegate_runtime.endpoint_status import POLL_SECONDS, settled
from tidegate_runtime.errors import Transient, UnexpectedConfig
from tidegate_runtime.expectations import Complaint
from tidegate_runtime.journal import Journal
from tidegate_runtime.ports import CANDIDATE, Clock, Endpoint
from tidegate_runtime.sample_ports import Invoker
from tidegate_runtime.samples import Sample
from tidegate_runtime.state import RunState

BUDGET_SECONDS: Final = 10
"""How long a call may have lasted when it asks again: it waits 45 s for an answer, and ends after 60 s."""

PATIENCE_SECONDS: Final = 1_800
"""How long all samples together may take, warm-up included."""

WARM_UP_POLL_SECONDS: Final = 10


@dataclass(slots=True, kw_only=True)
class _Asked:
    """What one call found out."""

    answered: list[str] = field(default_factory=list)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    trouble: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrySamples:
    """Sends one sample after the other to the variant `candidate`, and judges the answers.

    The requests are counted in the candidate's metrics; they are no evidence, since only buckets that begin
    after the first shift of traffic are read.
    """

    samples: Sequence[Sample]
    endpoint: Endpoint
    invoker: Invoker
    clock: Clock
    journal: Journal

    def __call__(self, state: RunState) -> RunState:
        """Make progress; WAIT for the candidate or for another call, DONE when all samples are answered well.

        Returns:
            Status `WAIT`, `DONE`, or `FAIL` with the sample and what is wrong with its answer as the reason.

        Raises:
            UnexpectedConfig: the endpoint has another configuration, or a candidate with traffic, or none.
            RollbackRequested: the rollout may not act any more.

        """
        self.journal.require_holding()
        view = self.endpoint.describe()
        ours = state.candidate.config_name if state.candidate else ""
        if not settled(view, expected=(ours,)):
            return state.wait(POLL_SECONDS)
        candidate = view.variant(CANDIDATE)
        if candidate is None or candidate.weight or candidate.desired_weight:
            raise UnexpectedConfig(f"the candidate must be there at weight 0, got {candidate}")
        if not state.requested_at:
            self.journal.advance("SAMPLING")
            state = replace(state, phase="SAMPLING", requested_at=self.clock.now())
        return self._answer(state, self._ask(state))

    def _ask(self, state: RunState) -> _Asked:
        asked, began = _Asked(), self.clock.now()
        for sample in self.samples[state.sampled :]:
            if asked.answered and self.clock.now() - began > BUDGET_SECONDS:
                break
            try:
                answer = self.invoker.invoke(CANDIDATE, sample)
            except Transient as error:
                asked.trouble = f"sample {sample.name!r}: {error}"
                break
            complaints = sample.complaints(answer)
            asked.reason = _reason(sample, complaints)
            if asked.reason:
                break
            asked.answered.append(sample.name)
            warnings = [complaint.text for complaint in complaints]
            asked.warnings |= {sample.name: warnings} if warnings else {}
        return asked

    def _answer(self, state: RunState, asked: _Asked) -> RunState:
        state = replace(state, sampled=state.sampled + len(asked.answered))
        late = self.clock.now() - state.requested_at > PATIENCE_SECONDS
        is_done = state.sampled == len(self.samples)
        if late and not is_done and not asked.reason:
            missing = asked.trouble or f"{state.sampled} of {len(self.samples)} samples were answered"
            asked.reason = f"not all samples are answered after {PATIENCE_SECONDS} s: {missing}"
        verdict = "FAIL" if asked.reason else "PASS" if is_done else "CONTINUE"
        self.journal.record(
            "SAMPLED",
            verdict=verdict,
            reason=asked.reason or asked.trouble,
            answered=asked.answered,
            warnings=asked.warnings,
            sampled=state.sampled,
            samples=len(self.samples),
        )
        if asked.reason:
            return replace(state, reason=asked.reason).done("FAIL")
        if is_done:
            return replace(state, phase="SAMPLED", requested_at=0.0).done()
        return state.wait(WARM_UP_POLL_SECONDS if asked.trouble else 1)


def _reason(sample: Sample, complaints: Sequence[Complaint]) -> str:
    found = [complaint.text for complaint in complaints if not complaint.warning]
    return f"sample {sample.name!r}: {'; '.join(found)}" if found else ""
