"""Counts what happened, asks the judge, applies the plan's policies."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from judge.chaining import counted
from judge.glance import nothing_to_judge
from judge.holds import BOTH_BAD, OVERDUE_SECONDS, Answer, Look
from judge.measure import comparison, measure
from tidegate_runtime.endpoint_status import mirrored, observed, settled
from tidegate_runtime.errors import Throttled, UnexpectedConfig
from tidegate_runtime.health_ports import Alarms
from tidegate_runtime.journal import Journal
from tidegate_runtime.judge import Bucket, Evidence, JudgeConfig, Judgement, Verdict, assess
from tidegate_runtime.judging import evidence_of, judge_config, requirement, until_readable
from tidegate_runtime.plan import Bake, Plan
from tidegate_runtime.ports import Clock, Endpoint, EndpointView, Metrics
from tidegate_runtime.state import SHADOWING, WATCHING, Candidate, RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Decides about a shadow, about a step of the rollout, or about the promoted version under watch."""

    plan: Plan
    endpoint: Endpoint
    metrics: Metrics
    alarms: Alarms
    clock: Clock
    journal: Journal

    def __call__(self, state: RunState) -> RunState:
        """Count the buckets that are new and decide.

        Returns:
            Status `CONTINUE`, `SHADOWED` (a shadow passed), `NEXT_STEP` (the state names the next step),
            `PASS` (at the last step, and when watching), `FAIL` or `NEEDS_HUMAN`. `verdict` is the judge's
            own word.

        Raises:
            UnexpectedConfig: the endpoint's configuration or weights are not the rollout's any more.
            EndpointFailed: the endpoint does not recover by itself.

        """
        steady = self._steady(state)
        config, now = self._config(state), self.clock.now()
        evidence = evidence_of(state, config)
        buckets = self._new_buckets(state, evidence, now)
        for bucket in buckets:
            evidence = evidence.add(bucket)
        cursor = buckets[-1].start + buckets[-1].seconds if buckets else state.cursor
        state = replace(
            state,
            evidence=evidence.to_json(),
            cursor=cursor,
            wait_seconds=until_readable(self.plan, cursor=cursor, now=now),
        )
        judgement = self._late(state, self._assess(evidence, state), now)
        look = Look(
            plan=self.plan, bake=self._bake(state), state=state, evidence=evidence, steady=steady, now=now
        )
        answer = look.answer(judgement, self.alarms)
        state = replace(state, verdict=answer.verdict, reason=answer.reason)
        if buckets or answer.again or state.verdict != Verdict.CONTINUE.value:
            self._record(state, judgement, buckets, evidence, answer)
        if answer.again:
            state = replace(state, evidence=evidence.begin_step().to_json())
        return counted(self._next(state), plan=self.plan, journal=self.journal)

    def _new_buckets(self, state: RunState, evidence: Evidence, now: float) -> list[Bucket]:
        plan, metrics, step_seconds = self.plan, self.metrics, evidence.step_seconds
        try:
            if nothing_to_judge(state, plan=plan, metrics=metrics, now=now, step_seconds=step_seconds):
                return []
            return measure(state, plan=plan, metrics=metrics, now=now)
        except Throttled:
            # Counted at a later look, like what is incomplete; a phase waits for it as long as for that.
            return []

    def _config(self, state: RunState) -> JudgeConfig:
        return judge_config(self.plan, paired=state.phase == SHADOWING)

    def _bake(self, state: RunState) -> Bake:
        if state.phase == SHADOWING:
            return self.plan.shadow_phase
        return self.plan.watch if state.phase == WATCHING else self.plan.steps[state.step]

    def _steady(self, state: RunState) -> bool:
        view, candidate = self.endpoint.describe(), state.candidate
        if state.phase == WATCHING:
            return settled(view, expected=(state.promoted_config,))
        steady = settled(view, expected=(candidate.config_name if candidate else "",))
        if not steady:
            return False
        if state.phase == SHADOWING:
            _require_mirrored(view, candidate)
        elif not observed(view, share=state.weight_percent):
            raise UnexpectedConfig(f"the candidate's share must be {state.weight_percent} %: {view.variants}")
        return True

    def _assess(self, evidence: Evidence, state: RunState) -> Judgement:
        stepping = state.phase not in (WATCHING, SHADOWING)
        return assess(
            evidence,
            self._config(state),
            requirement(self._bake(state), bucket_seconds=self.plan.bucket_seconds),
            compare=comparison(state),
            promotion=stepping and state.step == len(self.plan.steps) - 1,
        )

    def _late(self, state: RunState, judgement: Judgement, now: float) -> Judgement:
        """Bound the time of a phase whose buckets do not come."""
        bake = self._bake(state).max_bake_seconds + self.plan.settle_seconds + OVERDUE_SECONDS
        if judgement.verdict is not Verdict.CONTINUE or now - state.since <= bake:
            return judgement
        verdict = Verdict.NO_DATA if state.cursor == state.since else Verdict.INCONCLUSIVE
        reason = f"measurements are missing since {state.cursor}, {int(now - state.cursor)} s ago"
        return replace(judgement, verdict=verdict, reason=reason)

    def _record(
        self,
        state: RunState,
        judgement: Judgement,
        buckets: Sequence[Bucket],
        evidence: Evidence,
        answer: Answer,
    ) -> None:
        held = {name: True for name in ("held", "again") if getattr(answer, name)}
        self.journal.record(
            "JUDGED",
            verdict=state.verdict,
            reason=state.reason,
            phase=state.phase,
            step=state.step,
            weight_percent=state.weight_percent,
            compare=comparison(state),
            **held,
            buckets=[_plain(bucket) for bucket in buckets],
            signals=[asdict(signal) for signal in judgement.signals],
            step_requests=evidence.step_requests,
            step_seconds=evidence.step_seconds,
        )

    def _next(self, state: RunState) -> RunState:
        policies = {
            "INCONCLUSIVE": self.plan.on_inconclusive,
            "NO_DATA": self.plan.on_no_data,
            BOTH_BAD: self.plan.on_both_bad,
        }
        if state.verdict in policies:
            return state.done("FAIL" if policies[state.verdict] == "roll_back" else "NEEDS_HUMAN")
        if state.verdict != "PASS":
            return state.done(state.verdict)
        if state.phase == SHADOWING:
            return self._shadowed(state)
        if state.phase == WATCHING:
            self.journal.record("WATCHED", reason=state.reason)
            return replace(state, reason=f"{state.proof}; under watch {state.reason}").done("PASS")
        passed = replace(state, passed_step=state.step)
        if state.step == len(self.plan.steps) - 1:
            return replace(passed, proof=state.reason).done("PASS")
        return replace(passed, step=state.step + 1).done("NEXT_STEP")

    def _shadowed(self, state: RunState) -> RunState:
        """Let the candidate be prepared for traffic; what copies have shown is not evidence about answers."""
        self.journal.record("SHADOWED", reason=state.reason)
        ours = state.candidate.config_name if state.candidate else ""
        passed = replace(state, phase="SHADOWED", shadowed=ours, candidate=None, evidence=None, verdict="")
        return passed.done("SHADOWED")


def _require_mirrored(view: EndpointView, candidate: Candidate | None) -> None:
    percent = candidate.mirror_percent if candidate else 0
    if not mirrored(view, percent=percent):
        raise UnexpectedConfig(f"the candidate must be a shadow of {percent} %: {view.shadows}")


def _plain(bucket: Bucket) -> dict[str, Any]:
    return {
        "start": bucket.start,
        **{
            name: {"requests": counts.requests, "bad": dict(counts.bad)}
            for name, counts in (("live", bucket.live), ("candidate", bucket.candidate))
        },
    }
