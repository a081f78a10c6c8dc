"""Sets the candidate's share, and only after an explicit PASS on the share before, or a bandit's word."""

from dataclasses import dataclass, replace
from typing import Final

from tidegate_runtime.clock import next_boundary, utc
from tidegate_runtime.endpoint_status import observed, settled
from tidegate_runtime.errors import EndpointBusy, EvidenceMissing, UnexpectedConfig
from tidegate_runtime.journal import Journal
from tidegate_runtime.judging import begun, evidence_of, judge_config, until_readable
from tidegate_runtime.orders import Hold
from tidegate_runtime.plan import Plan
from tidegate_runtime.ports import CANDIDATE, LIVE, Clock, Endpoint
from tidegate_runtime.state import RunState

REWEIGH: Final = "REWEIGH"
"""The judge's word for: nothing speaks against the candidate, and its share should change."""

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
            EvidenceMissing: the step before has no explicit PASS, and no bandit of this step asks for it.
            UnexpectedConfig: the endpoint has another configuration, or no candidate.
            RollbackRequested: the rollout may not raise traffic any more.

        """
        self.journal.require_holding()
        self._require_pass(state)
        share = state.target_percent or self.plan.steps[state.step].weight_percent
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
        if state.verdict == REWEIGH:
            _require_bandit(state, self.plan)
        elif state.step > 0 and state.verdict != "PASS":
            raise EvidenceMissing(f"the last judgement must be a PASS, got {state.verdict or 'none'}")

    def _shifted(self, state: RunState, share: int) -> RunState:
        config = judge_config(self.plan)
        now = self.clock.now()
        since = next_boundary(now, bucket_seconds=self.plan.bucket_seconds)
        evidence, reweighs = evidence_of(state, config), state.verdict == REWEIGH
        if reweighs:
            evidence = evidence.reweighed(share)
        else:
            evidence = begun(evidence, self.plan.steps[state.step], share_percent=share)
        self.journal.advance("STEPPING", step=state.step, weight_percent=share, raising=None)
        kind = "REWEIGHED" if reweighs else "SHIFTED"
        self.journal.record(kind, step=state.step, weight_percent=share)
        return replace(
            state,
            phase="STEPPING",
            weight_percent=share,
            since=since,
            cursor=since,
            evidence=evidence.to_json(),
            verdict="",
            paused_seconds=0.0,
            hook_seconds=0.0,
            wait_seconds=until_readable(self.plan, cursor=since, now=now),
        ).done()


def _held(state: RunState, hold: Hold) -> RunState:
    reason = f"held by {hold.by} until {utc(hold.until)}: {hold.reason}"
    if state.verdict == REWEIGH:
        back = replace(state, phase="STEPPING", verdict="", target_percent=0, reason=reason)
        return replace(back, wait_seconds=WEIGHT_POLL_SECONDS).done()
    if state.step == 0:
        return replace(state, reason=reason).wait(_HELD_POLL_SECONDS)
    back = replace(state, phase="STEPPING", step=state.step - 1, verdict="", reason=reason)
    return replace(back, wait_seconds=WEIGHT_POLL_SECONDS).done()


def _require_bandit(state: RunState, plan: Plan) -> None:
    contest = plan.steps[state.step].contest
    if contest is None or not contest.allows(state.target_percent):
        raise EvidenceMissing(f"no bandit of step {state.step} may ask for {state.target_percent} %")
