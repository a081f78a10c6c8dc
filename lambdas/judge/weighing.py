"""What stands beside the judge's word: operators' orders, data that is behind, a ledger that is silent."""

from dataclasses import dataclass, replace
from typing import Final

from judge.holds import OVERDUE_SECONDS, Answer
from tidegate_runtime.clock import utc
from tidegate_runtime.judge.judgement import Judgement, Verdict
from tidegate_runtime.orders import Orders
from tidegate_runtime.plan import Bake, Plan
from tidegate_runtime.state import RunState

SILENT: Final = "the ledger does not answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One look, and what else there is to know at this moment.

    Attributes:
        plan: The plan.
        bake: The evidence that the phase needs.
        state: The rollout, with what was counted now.
        orders: What the record says; None when the ledger does not answer. Empty where no operator has a say.
        now: Seconds since 1970.
        fresh: Whether everything is counted that can be read by now.
        counted: Whether this look has counted something, and the step has served requests.

    """

    plan: Plan
    bake: Bake
    state: RunState
    orders: Orders | None
    now: float
    fresh: bool
    counted: bool

    def weighed(self, judgement: Judgement) -> Judgement:
        """Return the judgement that counts. Nobody changes a FAIL."""
        if judgement.verdict is Verdict.FAIL:
            return judgement
        found = self._waived(judgement)
        if found.verdict in (Verdict.PASS, Verdict.REWEIGH) and not self.fresh:
            found = replace(found, verdict=Verdict.CONTINUE, reason="measurements are behind")
        if self.orders is None and found.verdict is not Verdict.CONTINUE:
            return self._silent(found)
        return self._late(found)

    def held(self, answer: Answer) -> Answer:
        """Return the answer, or the wait for the end of an operator's hold."""
        hold = None if self.orders is None else self.orders.hold(self.now)
        if hold is None or answer.verdict in (Verdict.CONTINUE, Verdict.FAIL):
            return answer
        reason = f"held by {hold.by} until {utc(hold.until)}: {hold.reason}"
        return Answer(verdict=Verdict.CONTINUE.value, reason=reason)

    def _waived(self, judgement: Judgement) -> Judgement:
        """Let an operator's word stand for evidence that is not there yet, if there is any at all."""
        waiver = None if self.orders is None else self.orders.waives(self.state.step)
        if waiver is None or not self.counted or judgement.verdict is Verdict.PASS:
            return judgement
        return replace(judgement, verdict=Verdict.PASS, reason=f"promoted by {waiver.by}: {waiver.reason}")

    def _silent(self, judgement: Judgement) -> Judgement:
        """Wait for the ledger: who knows what it says; beyond the longest bake the plan decides."""
        if not self._is_overdue:
            return replace(judgement, verdict=Verdict.CONTINUE, reason=SILENT)
        verdict = Verdict.NO_DATA if judgement.verdict is Verdict.NO_DATA else Verdict.INCONCLUSIVE
        return replace(judgement, verdict=verdict, reason=f"{SILENT}, and the time is up")

    def _late(self, judgement: Judgement) -> Judgement:
        """Bound the time of a phase whose buckets do not come."""
        if judgement.verdict is not Verdict.CONTINUE or not self._is_overdue:
            return judgement
        cursor = self.state.cursor
        verdict = Verdict.NO_DATA if cursor == self.state.since else Verdict.INCONCLUSIVE
        reason = f"measurements are missing since {cursor}, {int(self.now - cursor)} s ago"
        return replace(judgement, verdict=verdict, reason=reason)

    @property
    def _is_overdue(self) -> bool:
        longest = self.bake.max_bake_seconds + self.plan.settle_seconds + OVERDUE_SECONDS
        return self.now - self.state.since > longest + self.state.paused_seconds
