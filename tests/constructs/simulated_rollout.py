"""A rollout simulated with the judge that ships: what the forecast is held against."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tidegate import DeclaredTraffic, RolloutPlan
from tidegate_runtime.judge.assess import assess
from tidegate_runtime.judge.config import Requirement
from tidegate_runtime.judge.counts import Bucket, Counts
from tidegate_runtime.judge.evidence import Evidence
from tidegate_runtime.judge.judgement import Verdict
from tidegate_runtime.judging import judge_config, requirement
from tidegate_runtime.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one simulated rollout ended.

    Attributes:
        verdict: The last verdict.
        step: Index of the last step.
        looks: Looks in all steps together.
        bad: Bad answers of the candidate, those between the judged buckets included as their expectation.

    """

    verdict: Verdict
    step: int
    looks: int
    bad: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Rollouts whose first signal alone has the traffic's ratio; the others are as in live.

    Attributes:
        plan: The plan.
        traffic: The declared traffic, with a base error rate.
        last: Play the last step too, with the whole judgement at each look.

    """

    plan: RolloutPlan
    traffic: DeclaredTraffic
    last: bool = False

    def run(self, runs: int, *, seed: int = 7) -> list[Ended]:
        """Return how so many rollouts ended."""
        random = np.random.default_rng(seed)
        return [self._one(random) for _ in range(runs)]

    def _one(self, random: np.random.Generator) -> Ended:
        runtime = Plan.from_json(self.plan.to_json())
        evidence = Evidence.empty(judge_config(runtime))
        steps = runtime.steps if self.last else runtime.steps[:-1]
        looks, bad, verdict, played = 0, 0.0, Verdict.CONTINUE, 0
        for step in steps:
            played += 1
            need = requirement(step, bucket_seconds=self.plan.bucket_seconds)
            evidence, verdict = evidence.begin_step(), Verdict.CONTINUE
            mine = self.traffic.requests_per_second * step.weight_percent / 100
            lag = self.plan.bucket_seconds / 2 + self.plan.settle_seconds
            bad += lag * mine * (self.traffic.base_error_rate or 0) * self.traffic.ratio
            for bucket in self._buckets(random, looks, step.weight_percent):
                evidence, looks = evidence.add(bucket), looks + 1
                bad += bucket.candidate.bad[evidence.config.names[0]]
                verdict = _verdict(evidence, need, is_last=step is runtime.steps[-1])
                if verdict is not Verdict.CONTINUE:
                    break
            if verdict is not Verdict.PASS:
                break
        return Ended(verdict=verdict, step=played - 1, looks=looks, bad=bad)

    def _buckets(self, random: np.random.Generator, looks: int, percent: int) -> Iterator[Bucket]:
        seconds, base = self.plan.bucket_seconds, self.traffic.base_error_rate or 0
        requests = round(self.traffic.requests_per_second * seconds)
        names = [signal.name for signal in self.plan.signals]
        rates = {name: base * (self.traffic.ratio if name == names[0] else 1) for name in names}
        while True:
            mine = int(random.binomial(requests, percent / 100))
            candidate = {name: int(random.binomial(mine, min(1, rate))) for name, rate in rates.items()}
            live = {name: int(random.binomial(requests - mine, base)) for name in names}
            yield Bucket(
                looks * seconds,
                seconds,
                live=Counts(requests - mine, live),
                candidate=Counts(mine, candidate),
            )
            looks += 1


def _verdict(evidence: Evidence, need: Requirement, *, is_last: bool) -> Verdict:
    if is_last:
        return assess(evidence, evidence.config, need, compare="absolute", promotion=True).verdict
    # What `assess` says of a comparison, without the bounds that its report computes at every look.
    logs = [evidence.log_e_worse(name) for name in evidence.config.names]
    if math.fsum(math.exp(min(one, 700)) for one in logs) / len(logs) >= 1 / evidence.config.alpha:
        return Verdict.FAIL
    enough = evidence.step.compared >= need.min_requests and evidence.step_seconds >= need.min_seconds
    return Verdict.PASS if enough else Verdict.CONTINUE
