"""Raises the candidate's share, and only after an explicit PASS on the share before."""

from dataclasses import dataclass, replace
from typing import Final

from tidegate_runtime.clock import next_boundary
from tidegate_runtime.endpoint_status import observed, settled
from tidegate_runtime.errors import EndpointBusy, EvidenceMissing, UnexpectedConfig
from tidegate_runtime.journal import Journal
from tidegate_runtime.judging import evidence_of, judge_config, until_readable
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import CANDIDATE, LIVE, Clock, Endpoint
from tidegate_runtime.state import RunState

WEIGHT_POLL_SECONDS: Final = 10

WEIGHT_CHANGE_SECONDS: Final = 65
"""How long an accepted change of weights takes, about a minute: looking earlier is money for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Sets both weights in one call and waits until they are observed."""

    plan: Plan
    endpoint: Endpoint
    clock: Clock
    journal: Journal

    def __call__(self, state: RunState) -> RunState:
        """Make progress; WAIT until the weights are observed, then DONE with the wait for a bucket.

        Raises:
            EvidenceMissing: the step before has no explicit PASS.
            UnexpectedConfig: the endpoint has another configuration, or no candidate.
            RollbackRequested: the rollout may not raise traffic any more.

        """
        self.journal.require_holding()
        self._require_pass(state)
        share = self.plan.steps[state.step].weight_percent
        view = self.endpoint.describe()
        candidate = state.candidate.config_name if state.candidate else ""
        if not settled(view, expected=(candidate,)):
            return state.wait(WEIGHT_POLL_SECONDS)
        if observed(view, share=share):
            return self._shifted(state, share)
        if view.variant(CANDIDATE) is None:
            raise UnexpectedConfig("the endpoint has no candidate")
        try:
            self.endpoint.set_weights({LIVE: float(100 - share), CANDIDATE: float(share)})
        except EndpointBusy:
            return state.wait(WEIGHT_POLL_SECONDS)
        return replace(state, phase="SHIFTING").wait(WEIGHT_CHANGE_SECONDS)

    def _require_pass(self, state: RunState) -> None:
        if state.step == 0 and self.plan.shadow is not None and not state.shadowed:
            raise EvidenceMissing("the first step needs a PASS as a shadow, which is not there")
        if state.step > state.passed_step + 1:
            raise EvidenceMissing(
                f"step {state.step} needs a PASS on step {state.step - 1}, which is not there"
            )
        if state.step > 0 and state.verdict != "PASS":
            raise EvidenceMissing(f"the last judgement must be a PASS, got {state.verdict or 'none'}")

    def _shifted(self, state: RunState, share: int) -> RunState:
        config = judge_config(self.plan)
        now = self.clock.now()
        since = next_boundary(now, bucket_seconds=self.plan.bucket_seconds)
        self.journal.advance("STEPPING", step=state.step, weight_percent=share)
        self.journal.record("SHIFTED", step=state.step, weight_percent=share)
        return replace(
            state,
            phase="STEPPING",
            weight_percent=share,
            since=since,
            cursor=since,
            evidence=evidence_of(state, config).begin_step().to_json(),
            verdict="",
            wait_seconds=until_readable(self.plan, cursor=since, now=now),
        ).done()
