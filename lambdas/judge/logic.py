"""Counts what happened, asks the judge, applies the plan's policies."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from judge.barriers import GATED, barrier
from judge.chaining import counted
from judge.glance import nothing_to_judge
from judge.holds import Answer, Look
from judge.measure import comparison, contest_of, measure, settled_until
from judge.policies import plain, policies_of
from judge.weighing import Weighing
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.closing import close_gate
from tidegate_runtime.endpoint_status import mirrored, observed, settled
from tidegate_runtime.errors import PlanInvalid, Throttled, UnexpectedConfig
from tidegate_runtime.health_ports import Alarms
from tidegate_runtime.journal import Journal
from tidegate_runtime.judge.assess import assess
from tidegate_runtime.judge.config import JudgeConfig
from tidegate_runtime.judge.counts import Bucket
from tidegate_runtime.judge.evidence import Evidence
from tidegate_runtime.judge.judgement import Judgement, Verdict
from tidegate_runtime.judging import contest_rule, evidence_of, judge_config, requirement, until_readable
from tidegate_runtime.metric_ports import Metrics
from tidegate_runtime.orders import Orders
from tidegate_runtime.plan import Bake, Plan
from tidegate_runtime.ports import Clock, Endpoint, EndpointView
from tidegate_runtime.state import SHADOWING, WATCHING, Candidate, RunState

_LOOKS_OF_A_HOLD: Final = 200
"""How often a rollout looks during a hold of any length: its history has an end."""


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
            `REWEIGH` (the state names the share), `PASS` (at the last step, and when watching), `GATED`,
            `HOOK`, `FAIL` or `NEEDS_HUMAN`. `verdict` is the judge's own word, unless an operator, a hold or
            a gate had another one.

        Raises:
            UnexpectedConfig: the endpoint's configuration or weights are not the rollout's any more.
            EndpointFailed: the endpoint does not recover by itself.
            MetricUnusable: a contest's metric counts no rewards.

        """
        steady = self._steady(state)
        config, now, orders = self._config(state), self.clock.now(), self._orders(state)
        evidence = evidence_of(state, config)
        buckets = self._new_buckets(state, evidence, orders, now)
        for bucket in buckets:
            evidence = evidence.add(bucket)
        cursor = buckets[-1].start + buckets[-1].seconds if buckets else state.cursor
        state = replace(
            state,
            evidence=evidence.to_json(),
            cursor=cursor,
            wait_seconds=self._wait(cursor, orders, now),
            paused_seconds=_paused(state, orders, now),
        )
        judgement, bake = self._assess(evidence, state), self._bake(state)
        weighing = Weighing(
            plan=self.plan,
            bake=bake,
            state=state,
            orders=orders,
            now=now,
            fresh=cursor >= settled_until(self.plan, now),
            counted=bool(buckets) and evidence.step_requests > 0,
        )
        look = Look(plan=self.plan, bake=bake, state=state, evidence=evidence, steady=steady, now=now)
        answer = weighing.held(look.answer(weighing.weighed(judgement), self.alarms))
        waits_for = ""
        if answer.verdict == "PASS" and _stepping(state):
            found = barrier(self.plan, state, orders or Orders(), now=now)
            answer, waits_for = (answer, found) if isinstance(found, str) else (found, "")
        state = replace(state, verdict=answer.verdict, reason=answer.reason)
        if state.verdict == Verdict.REWEIGH.value and judgement.contest is not None:
            state = replace(state, target_percent=judgement.contest.target_percent or 0)
        if buckets or answer.again or state.verdict != Verdict.CONTINUE.value:
            self._record(state, judgement, buckets, evidence, answer)
        if answer.again:
            state = replace(state, evidence=evidence.repeat_step().to_json())
        return counted(self._next(state, waits_for), plan=self.plan, journal=self.journal)

    def _new_buckets(
        self, state: RunState, evidence: Evidence, orders: Orders | None, now: float
    ) -> list[Bucket]:
        plan, metrics, step_seconds = self.plan, self.metrics, evidence.step_seconds
        waived = orders is not None and orders.waives(state.step) is not None
        try:
            if not waived and nothing_to_judge(
                state, plan=plan, metrics=metrics, now=now, step_seconds=step_seconds
            ):
                return []
            return measure(state, plan=plan, metrics=metrics, now=now)
        except Throttled:
            # Counted at a later look, like what is incomplete; a phase waits for it as long as for that.
            return []

    def _orders(self, state: RunState) -> Orders | None:
        """Return what is on record about the step; no operator has a say about a shadow, or under watch."""
        if not _stepping(state):
            return Orders()
        return best_effort("read the orders", self.journal.orders, otherwise=None)

    def _wait(self, cursor: int, orders: Orders | None, now: float) -> int:
        """Return the seconds until the next look: less often while the rollout is held."""
        seconds = until_readable(self.plan, cursor=cursor, now=now)
        hold = orders.hold(now) if orders else None
        if hold is None:
            return seconds
        pace = max(seconds, (hold.until - hold.since) / _LOOKS_OF_A_HOLD)
        return max(1, math.ceil(min(pace, hold.until - now)))

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
        contest = contest_of(state, self.plan)
        if evidence.contest is None and contest is not None:
            raise PlanInvalid("the step began as no contest: the controller has another plan meanwhile")
        return assess(
            evidence,
            self._config(state),
            requirement(
                self._bake(state),
                bucket_seconds=self.plan.bucket_seconds,
                paused_seconds=state.paused_seconds,
            ),
            compare=comparison(state),
            promotion=_stepping(state) and state.step == len(self.plan.steps) - 1,
            contest=None if contest is None else contest_rule(contest, self.plan),
        )

    def _record(
        self,
        state: RunState,
        judgement: Judgement,
        buckets: Sequence[Bucket],
        evidence: Evidence,
        answer: Answer,
    ) -> None:
        own = judgement.verdict.value
        more = {
            **({"judged": own} if own != state.verdict else {}),
            **({"again": True} if answer.again else {}),
            **({"paused_seconds": state.paused_seconds} if state.paused_seconds else {}),
        }
        self.journal.record(
            "JUDGED",
            verdict=state.verdict,
            reason=state.reason,
            phase=state.phase,
            step=state.step,
            weight_percent=state.weight_percent,
            compare=comparison(state),
            **more,
            buckets=[plain(bucket) for bucket in buckets],
            signals=[asdict(signal) for signal in judgement.signals],
            **({} if judgement.contest is None else {"contest": asdict(judgement.contest)}),
            step_requests=evidence.step_requests,
            step_seconds=evidence.step_seconds,
        )

    def _next(self, state: RunState, waits_for: str) -> RunState:
        gate = self.plan.steps[state.step].gate if _stepping(state) else None
        policies = policies_of(self.plan, state, gate)
        if state.verdict in policies:
            return state.done("FAIL" if policies[state.verdict] == "roll_back" else "NEEDS_HUMAN")
        if waits_for == GATED and gate is not None:
            closed = best_effort(
                "close the gate", lambda: close_gate(self.journal, state, gate), otherwise=False
            )
            return state.done(GATED if closed else "CONTINUE")
        if waits_for or state.verdict != "PASS":
            return state.done(waits_for or state.verdict)
        return self._passed(state)

    def _passed(self, state: RunState) -> RunState:
        if state.phase == SHADOWING:
            return self._shadowed(state)
        if state.phase == WATCHING:
            self.journal.record("WATCHED", reason=state.reason)
            return replace(state, reason=f"{state.proof}; under watch {state.reason}").done("PASS")
        passed = replace(state, passed_step=state.step, target_percent=0)
        if state.step == len(self.plan.steps) - 1:
            return replace(passed, proof=state.reason).done("PASS")
        return replace(passed, step=state.step + 1).done("NEXT_STEP")

    def _shadowed(self, state: RunState) -> RunState:
        """Let the candidate be prepared for traffic; what copies have shown is not evidence about answers."""
        self.journal.record("SHADOWED", reason=state.reason)
        ours = state.candidate.config_name if state.candidate else ""
        passed = replace(state, phase="SHADOWED", shadowed=ours, candidate=None, evidence=None, verdict="")
        return passed.done("SHADOWED")


def _stepping(state: RunState) -> bool:
    return state.phase not in (WATCHING, SHADOWING)


def _require_mirrored(view: EndpointView, candidate: Candidate | None) -> None:
    percent = candidate.mirror_percent if candidate else 0
    if not mirrored(view, percent=percent):
        raise UnexpectedConfig(f"the candidate must be a shadow of {percent} %: {view.shadows}")


def _paused(state: RunState, orders: Orders | None, now: float) -> float:
    """Return how long the step has waited for others; what was known last when the ledger is silent."""
    if orders is None:
        return state.paused_seconds
    hooks = state.hook_seconds + (now - state.hook_since if state.hook_since else 0.0)
    return orders.paused_seconds(state.step, since=state.since, now=now) + hooks
