"""Judge a rollout again: the raw counts of the ledger through the judge's own code."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from tidegate_cli.operator.differences import differences
from tidegate_cli.operator.ledger import LogEntry, Run
from tidegate_cli.operator.looks import Look, Point, bucket_of, comparison_of, intervals_of, kind_of
from tidegate_runtime.errors import PlanInvalid
from tidegate_runtime.judge.assess import assess
from tidegate_runtime.judge.contest_rule import ContestRule
from tidegate_runtime.judge.counts import Bucket
from tidegate_runtime.judge.evidence import Evidence
from tidegate_runtime.judge.findings import Finding
from tidegate_runtime.judge.special import log_mean_exp
from tidegate_runtime.judging import begun, contest_rule, judge_config, requirement
from tidegate_runtime.plan import Bake, Plan, Step
from tidegate_runtime.state import SHADOWING, WATCHING

_LN_10: Final = math.log(10)
_UNJUDGEABLE: Final = (
    ArithmeticError,
    AttributeError,
    IndexError,
    KeyError,
    PlanInvalid,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What the judge says today about the counts of a rollout.

    Attributes:
        looks: The judgements on record, each with what the judge makes of its counts now.
        gaps: Stretches of time whose counts are not in the ledger, in words.

    """

    looks: tuple[Look, ...]
    gaps: tuple[str, ...]

    @property
    def differences(self) -> tuple[str, ...]:
        """What does not come out as it was recorded, in words; empty when everything does."""
        return tuple(f"{look.when}: {text}" for look in self.looks for text in look.differences)


def replay(run: Run, plan: Plan) -> Replay:
    """Judge a rollout again.

    Args:
        run: The rollout with its whole log.
        plan: The plan that was in force.

    """
    replayer = _Replayer(plan)
    looks = tuple(look for entry in run.log for look in replayer.take(entry))
    return Replay(looks=looks, gaps=tuple(replayer.gaps))


class _Replayer:
    """Goes through a log as the rollout did, with the evidence in its hands."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._config = judge_config(plan)
        self._evidence = Evidence.empty(self._config)
        self._before: list[tuple[int, Evidence]] = []
        self._counted_until = 0
        self.gaps: list[str] = []

    def take(self, entry: LogEntry) -> Iterator[Look]:
        """Do what the controller did at this entry; yield the look when it is a judgement."""
        if entry.kind == SHADOWING:
            self._config = judge_config(self._plan, paired=True)
            self._begin(Evidence.empty(self._config))
        elif entry.kind == "SHADOWED":
            self._config = judge_config(self._plan)
            self._begin(Evidence.empty(self._config))
        elif entry.kind in ("SHIFTED", "REWEIGHED"):
            self._begin(self._shifted(entry))
        elif entry.kind == "PROMOTED":
            self._begin(Evidence.empty(self._config))
        elif entry.kind == "JUDGED":
            yield self._judged(entry)
            if entry.body.get("again"):
                self._evidence = self._evidence.repeat_step()

    def _shifted(self, entry: LogEntry) -> Evidence:
        """Return the evidence under another share; one that is not the plan's shows in what is judged."""
        step, share = int(entry.body.get("step", 0)), int(entry.body.get("weight_percent", 0))
        try:
            if entry.kind == "REWEIGHED":
                return self._evidence.reweighed(share)
            return begun(self._evidence, self._plan.steps[step], share_percent=share)
        except (IndexError, ValueError):
            return self._evidence.begin_step()

    def _begin(self, evidence: Evidence) -> None:
        self._evidence, self._before, self._counted_until = evidence, [], 0

    def _judged(self, entry: LogEntry) -> Look:
        try:
            buckets = [bucket_of(raw, self._plan.bucket_seconds) for raw in entry.body.get("buckets", ())]
            self._forget_from(buckets)
            points = tuple(self._counted(bucket, entry) for bucket in buckets)
            return self._look(entry, points)
        except _UNJUDGEABLE as error:
            fault = f"it cannot be judged again: {type(error).__name__}: {error}"
            return Look(entry=entry, judgement=None, points=(), intervals=(), differences=(fault,))

    def _forget_from(self, buckets: list[Bucket]) -> None:
        """Go back to before these buckets: a handler that was stopped reads and records them once more."""
        if not buckets:
            return
        start = buckets[0].start
        while self._before and self._before[-1][0] >= start:
            self._evidence = self._before.pop()[1]
            self._counted_until = min(self._counted_until, start)
        if self._counted_until and start > self._counted_until:
            self.gaps.append(f"{start - self._counted_until} s before {start} are not on record")
        self._before.append((start, self._evidence))
        self._counted_until = buckets[-1].start + buckets[-1].seconds

    def _counted(self, bucket: Bucket, entry: LogEntry) -> Point:
        self._evidence = self._evidence.add(bucket)
        find = Finding.relative if comparison_of(entry) == "relative" else Finding.absolute
        logs = [find(self._evidence, signal).log_e_worse for signal in self._config.signals]
        log10_e = log_mean_exp(logs) / _LN_10
        return Point(start=bucket.start, seconds=bucket.seconds, log10_e=log10_e, kind=kind_of(entry))

    def _look(self, entry: LogEntry, points: tuple[Point, ...]) -> Look:
        phase, step = str(entry.body.get("phase")), int(entry.body.get("step", 0))
        bake = self._bake(step, phase)
        judgement = assess(
            self._evidence,
            self._config,
            requirement(
                bake,
                bucket_seconds=self._plan.bucket_seconds,
                paused_seconds=float(entry.body.get("paused_seconds", 0.0)),
            ),
            compare=comparison_of(entry),
            promotion=phase not in (SHADOWING, WATCHING) and step == len(self._plan.steps) - 1,
            contest=self._rule(bake, entry),
        )
        replayed: dict[str, Any] = {
            "verdict": judgement.verdict.value,
            "signals": [asdict(signal) for signal in judgement.signals],
            "contest": None if judgement.contest is None else asdict(judgement.contest),
            "step_requests": self._evidence.step_requests,
            "step_seconds": self._evidence.step_seconds,
        }
        return Look(
            entry=entry,
            judgement=judgement,
            points=points,
            intervals=intervals_of(judgement),
            differences=differences(entry.body, replayed),
        )

    def _rule(self, bake: Bake, entry: LogEntry) -> ContestRule | None:
        contest = bake.contest if isinstance(bake, Step) else None
        # A fix-forward is judged alone: nobody competes.
        if contest is None or comparison_of(entry) == "absolute":
            return None
        return contest_rule(contest, self._plan)

    def _bake(self, step: int, phase: str) -> Bake:
        if phase == SHADOWING:
            return self._plan.shadow_phase
        return self._plan.watch if phase == WATCHING else self._plan.steps[step]
