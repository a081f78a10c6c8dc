"""Raises the candidate's share, and only after an explicit PASS on the share before."""

from dataclasses import dataclass, replace
from typing import Final

from tidegate_runtime.clock import next_boundary, utc
from tidegate_runtime.endpoint_status import observed, settled
from tidegate_runtime.errors import EndpointBusy, EvidenceMissing, UnexpectedConfig
from tidegate_runtime.journal import Journal
from tidegate_runtime.judging import evidence_of, judge_config, until_readable
from tidegate_runtime.orders import Hold
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import CANDIDATE, LIVE, Clock, Endpoint
from tidegate_runtime.state import RunState

WEIGHT_POLL_SECONDS: Final = 10

_HELD_POLL_SECONDS: Final = 180
"""How often to look whether a hold before the first traffic is over."""

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

        When an operator holds the rollout before the weights are asked for, DONE leads back to the evidence
        of the step before: what is used after the hold is a PASS on data of then.

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
        hold = self.journal.rise(raising=state.step)
        if hold is not None:
            return _held(state, hold)
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
        self.journal.advance("STEPPING", step=state.step, weight_percent=share, raising=None)
        self.journal.record("SHIFTED", step=state.step, weight_percent=share)
        return replace(
            state,
            phase="STEPPING",
            weight_percent=share,
            since=since,
            cursor=since,
            evidence=evidence_of(state, config).begin_step().to_json(),
            verdict="",
            paused_seconds=0.0,
            hook_seconds=0.0,
            wait_seconds=until_readable(self.plan, cursor=since, now=now),
        ).done()


def _held(state: RunState, hold: Hold) -> RunState:
    reason = f"held by {hold.by} until {utc(hold.until)}: {hold.reason}"
    if state.step == 0:
        return replace(state, reason=reason).wait(_HELD_POLL_SECONDS)
    back = replace(state, phase="STEPPING", step=state.step - 1, verdict="", reason=reason)
    return replace(back, wait_seconds=WEIGHT_POLL_SECONDS).done()
