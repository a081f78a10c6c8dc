"""How often the judge errs, measured on simulated rollouts: `python -m benchmarks.judge_error_rates`.

Prints, for worlds in which the candidate is as good as live, how often it is failed; for worse candidates,
how soon; and how often a candidate exactly at a promotion limit is promoted. Every rate has a 95 %
Clopper-Pearson interval. The code that is measured is the code that ships. About 40 s on one core;
`--runs` and `--seed` change the defaults.
"""

import argparse
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tidegate_runtime.judge.assess import assess
from tidegate_runtime.judge.config import JudgeConfig, Requirement, Signal
from tidegate_runtime.judge.counts import Bucket, Counts
from tidegate_runtime.judge.evidence import Evidence
from tidegate_runtime.judge.judgement import Comparison, Verdict
from tidegate_runtime.judge.special import find_root, log_beta, log_incomplete_beta

SIGNAL = "errors"
BUCKETS = 60
REQUIREMENT = Requirement(min_requests=100, min_seconds=300, max_seconds=60 * BUCKETS, bucket_seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A service under simulation.

    Args:
        weight: Share of requests routed to the candidate, by bucket.
        rate: Share of live's requests that are bad, by bucket.
        ratio: The candidate's rate over live's.
        requests: Requests per bucket, both variants together.
        burst: Bad events come in groups of this size, each glued to one variant.

    """

    weight: Callable[[int], float] = lambda _: 0.1
    rate: Callable[[int], float] = lambda _: 0.005
    ratio: float = 1.0
    requests: int = 2_000
    burst: int = 1

    def buckets(self, random: np.random.Generator) -> Iterator[Bucket]:
        """Yield one simulated rollout."""
        for index in range(BUCKETS):
            candidate = int(random.binomial(self.requests, self.weight(index)))
            rate = self.rate(index)
            yield Bucket(
                60 * index,
                60,
                live=self._counts(random, self.requests - candidate, rate),
                candidate=self._counts(random, candidate, min(1.0, rate * self.ratio)),
            )

    def _counts(self, random: np.random.Generator, requests: int, rate: float) -> Counts:
        bad = self.burst * int(random.binomial(requests, rate / self.burst))
        return Counts(requests, {SIGNAL: min(requests, bad)})


def _spike(index: int) -> float:
    return 0.025 if 20 <= index < 30 else 0.005


def _wave(index: int) -> float:
    return 0.005 * (1 + 0.9 * math.sin(index / 9))


def _steps(index: int) -> float:
    return (0.01, 0.05, 0.1, 0.25, 0.5)[index * 5 // BUCKETS]


NULL_WORLDS = {
    "stationary, 0.5 %": World(),
    "shared spike, five times the errors": World(rate=_spike),
    "wave of errors": World(rate=_wave),
    "weights 1, 5, 10, 25, 50 %": World(weight=_steps),
    "steps and spike together": World(weight=_steps, rate=_spike),
    "30 % errors (exact form)": World(rate=lambda _: 0.3, requests=500),
}
BURSTS = World(burst=5)


def clopper_pearson(hits: int, runs: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact confidence interval of a probability, from `hits` in `runs`."""
    tail = math.log((1 - confidence) / 2)

    def bound(events: int) -> float:
        a, b = events, runs - events + 1
        return find_root(
            lambda p: log_incomplete_beta(a, b, x=p, y=1 - p) - log_beta(a, b) - tail,
            low=1e-12,
            high=1 - 1e-12,
        )

    return bound(hits) if hits else 0.0, 1 - bound(runs - hits) if hits < runs else 1.0


def requests_until_failed(world: World, random: np.random.Generator, *, alpha: float) -> int | None:
    """Return the candidate's requests when the comparison with live fails it, None if it never does."""
    config = JudgeConfig(signals=(Signal(SIGNAL, SIGNAL),), alpha=alpha)
    evidence = Evidence.empty(config)
    for bucket in world.buckets(random):
        evidence = evidence.add(bucket)
        if evidence.log_e_worse(SIGNAL) >= math.log(config.threshold):
            return evidence.total.candidate.requests
    return None


def verdict(
    world: World, random: np.random.Generator, config: JudgeConfig, compare: Comparison
) -> tuple[Verdict, int]:
    """Look after every bucket until the judge decides on a promotion; return verdict and requests."""
    evidence = Evidence.empty(config)
    for bucket in world.buckets(random):
        evidence = evidence.add(bucket)
        judgement = assess(evidence, config, REQUIREMENT, compare=compare, promotion=True)
        if judgement.verdict is not Verdict.CONTINUE:
            break
    return judgement.verdict, evidence.total.candidate.requests


def _share(hits: int, runs: int) -> str:
    low, high = clopper_pearson(hits, runs)
    return f"{100 * hits / runs:6.2f} %  ({100 * low:.2f} to {100 * high:.2f})"


def _false_alarms(runs: int, seed: int) -> None:
    print(f"False alarms at alpha 1 %, candidate as good as live, {BUCKETS} looks, {runs} runs")
    for name, world in {**NULL_WORLDS, "NOT COVERED: bursts of 5 on one side": BURSTS}.items():
        random = np.random.default_rng(seed)
        alarms = sum(requests_until_failed(world, random, alpha=0.01) is not None for _ in range(runs))
        print(f"  {name:40} {_share(alarms, runs)}")


def _detection(runs: int, seed: int) -> None:
    print(
        f"\nDetection at alpha 1 %, weight 10 %, 0.5 % errors, {runs} runs: median and p90 candidate requests"
    )
    for ratio in (1.5, 2.0, 3.0, 5.0, 10.0):
        random = np.random.default_rng(seed)
        world = World(ratio=ratio)
        found = [requests_until_failed(world, random, alpha=0.01) for _ in range(runs)]
        seen = sorted(math.inf if requests is None else requests for requests in found)
        shown = [seen[len(seen) // 2], seen[len(seen) * 9 // 10]]
        texts = [f"{value:8,.0f}" if value < math.inf else "   never" for value in shown]
        detected = sum(value < math.inf for value in seen)
        print(f"  ratio {ratio:<4} {' '.join(texts)}   detected {_share(detected, runs)}")


PROMOTIONS: dict[str, tuple[World, Comparison]] = {
    "ratio 1.5 at 3 % (relative)": (
        World(weight=lambda _: 0.5, rate=lambda _: 0.02, ratio=1.5),
        "relative",
    ),
    "rate 1.0 % alone (absolute)": (
        World(weight=lambda _: 1.0, rate=lambda _: 0.01, requests=500),
        "absolute",
    ),
    "ratio 1.5 and rate 1.0 %: both limits": (
        World(weight=lambda _: 0.5, rate=lambda _: 0.01 / 1.5, ratio=1.5, requests=500),
        "relative",
    ),
    "good: 0 % (absolute)": (
        World(weight=lambda _: 1.0, rate=lambda _: 0.0, requests=100),
        "absolute",
    ),
    "good: 0.3 % (absolute)": (
        World(weight=lambda _: 1.0, rate=lambda _: 0.003, requests=100),
        "absolute",
    ),
    "good: 5 % like live (relative)": (
        World(weight=lambda _: 0.5, rate=lambda _: 0.05, requests=1_000),
        "relative",
    ),
}


def _promotions(runs: int, seed: int) -> None:
    print(f"\nPromotions at alpha_promote 5 %, margin 1.5, tolerance 1 %, failing switched off, {runs} runs")
    # With an alpha this small nothing fails first: the promotion rule alone is measured.
    config = JudgeConfig(signals=(Signal(SIGNAL, SIGNAL),), alpha=1e-12)
    for name, (world, compare) in PROMOTIONS.items():
        random = np.random.default_rng(seed)
        results = [verdict(world, random, config, compare) for _ in range(runs)]
        waits = [requests for result, requests in results if result is Verdict.PASS]
        median = f"median {statistics.median(waits):,.0f} requests" if waits else ""
        print(f"  {name:40} {_share(len(waits), runs)}  {median}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000, help="simulated rollouts per row, at least 100")
    parser.add_argument("--seed", type=int, default=20_251)
    options = parser.parse_args(arguments)
    _false_alarms(options.runs, options.seed)
    _detection(max(100, options.runs // 5), options.seed)
    _promotions(max(100, options.runs // 5), options.seed)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
