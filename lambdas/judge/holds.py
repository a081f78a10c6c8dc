"""What keeps a rollout where it is although its step has passed."""

from dataclasses import dataclass, replace
from typing import Final

from judge.measure import comparison
from tidegate_runtime.health_ports import Alarms, burning
from tidegate_runtime.judge.both_bad import both_bad, broken_live
from tidegate_runtime.judge.evidence import Evidence
from tidegate_runtime.judge.judgement import Judgement, Verdict
from tidegate_runtime.judging import judge_config
from tidegate_runtime.plan import Bake, Plan
from tidegate_runtime.ports import LIVE
from tidegate_runtime.state import WATCHING, RunState

BOTH_BAD: Final = "BOTH_BAD"
"""The answer in place of a PASS where the plan's policy does not hold the rollout."""

OVERDUE_SECONDS: Final = 600
"""How much longer than its longest bake a phase may last, for what comes late or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered at a look.

    Attributes:
        verdict: The judge's word, or what stands in its place.
        reason: Why.
        again: Whether the step collects its evidence anew.

    """

    verdict: str
    reason: str
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look: the state with what was counted, and whether the endpoint is as the rollout left it."""

    plan: Plan
    bake: Bake
    state: RunState
    evidence: Evidence
    steady: bool
    now: float

    def answer(self, judgement: Judgement, alarms: Alarms) -> Answer:
        """Return the judge's answer, unless something speaks against going on; asks for alarms only then.

        Nothing is held longer than the longest bake: then it is INCONCLUSIVE, for the plan's policy.
        """
        said = Answer(verdict=judgement.verdict.value, reason=judgement.reason)
        if judgement.verdict is Verdict.FAIL:
            return replace(said, reason=f"{said.reason}{self._remark()}")
        # A bandit's new share needs as much as a new step.
        if judgement.verdict not in (Verdict.PASS, Verdict.REWEIGH):
            return said
        return self._unsteady() or self._alarmed(alarms) or self._both_bad() or said

    def _unsteady(self) -> Answer | None:
        # Evidence is evidence, but nothing moves forward while the endpoint moves by itself.
        return None if self.steady else self._waiting("the endpoint is not in service")

    def _alarmed(self, alarms: Alarms) -> Answer | None:
        if self.state.fix_forward and self.state.phase != WATCHING:
            return None
        lit = burning(alarms.states([LIVE])[LIVE])
        return self._waiting(f"live is in trouble: alarm {', '.join(lit)} burns") if lit else None

    def _both_bad(self) -> Answer | None:
        if comparison(self.state) == "absolute":
            return None
        found = both_bad(self.evidence, judge_config(self.plan))
        if not found:
            return None
        reason = f"live and candidate are both beyond their tolerance: {found}"
        if self.plan.on_both_bad != "hold":
            return Answer(verdict=BOTH_BAD, reason=reason)
        # What is over may not count for ever, so the step is repeated as long as another one fits in.
        if self._elapsed + self.bake.min_bake_seconds > self.bake.max_bake_seconds:
            return Answer(verdict="INCONCLUSIVE", reason=f"{reason}; the longest bake is over")
        return Answer(verdict="CONTINUE", reason=reason, again=True)

    def _waiting(self, reason: str) -> Answer:
        if self._elapsed > self.bake.max_bake_seconds + OVERDUE_SECONDS:
            return Answer(verdict="INCONCLUSIVE", reason=f"{reason}; the longest bake is over")
        return Answer(verdict="CONTINUE", reason=reason)

    def _remark(self) -> str:
        """Say on the way back that what answers then is in trouble as well."""
        if comparison(self.state) == "absolute":
            return ""
        broken = broken_live(self.evidence, judge_config(self.plan))
        return f"; the old version is in trouble too: {broken}" if broken else ""

    @property
    def _elapsed(self) -> float:
        return self.now - self.state.since - self.plan.settle_seconds - self.state.paused_seconds
