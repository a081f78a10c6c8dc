"""How often a contest ends with the wrong winner, measured: `python -m benchmarks.contest_error_rates`.

Prints, for arms that are equally good, how often one is declared the winner, with a split that stays and
with a bandit's; how often a right split is called wrong; and how soon a better challenger wins, and at what
price, under both. Every rate has a 95 % Clopper-Pearson interval. The code that is measured is the code that
ships. `--runs` and `--seed` change the defaults.
"""

import argparse
import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.judge_error_rates import clopper_pearson
from tidegate_runtime.judge.bandit import target_percent
from tidegate_runtime.judge.contest_counts import Pair
from tidegate_runtime.judge.contest_evidence import ContestEvidence
from tidegate_runtime.judge.contest_tests import log_e_fewer, log_e_more
from tidegate_runtime.judge.counts import Bucket, Counts
from tidegate_runtime.judge.sample_ratio import log_e_split

ALPHA: Final = 0.05
BUCKETS: Final = 120
FLOOR: Final = 10
REWEIGH: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A service under simulation, whose rewards are paid to whoever served the request.

    Attributes:
        rate: Rewards of the champion for a request, by bucket.
        ratio: The challenger's rate over the champion's.
        requests: Requests of a bucket, both arms together.
        bandit: Whether the split follows the rewards.
        delay: Most buckets between a request and its reward; as long is waited after each new split.
        waits: Whether it is waited.
        clump: Rewards come in groups of this size, each glued to one request.

    """

    rate: Callable[[int], float] = lambda _: 0.05
    ratio: float = 1.0
    requests: int = 2_000
    bandit: bool = False
    delay: int = 0
    waits: bool = True
    clump: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a contest ended.

    Attributes:
        winner: `challenger`, `champion`, or empty.
        split_is_wrong: Whether the split was called wrong at any look.
        requests: Requests of both arms until then.
        rewards: Rewards of both arms over all buckets, the winner serving everybody after its win.

    """

    winner: str
    split_is_wrong: bool
    requests: int
    rewards: float


def contest(world: World, random: np.random.Generator, *, alpha: float = ALPHA) -> Ended:
    """Simulate one contest, looking after every bucket."""
    evidence, since, paid = ContestEvidence.begin(50), 0, np.zeros((2, BUCKETS + world.delay + 1), dtype=int)
    enough, wrong, rewards = -math.log(alpha), False, 0.0
    for index in range(BUCKETS):
        requests = _served(world, random, evidence.share_percent, index, paid)
        waiting = world.waits and index < since + world.delay
        found = None if waiting else Pair(int(paid[0, index]), int(paid[1, index]))
        counts = [Counts(count, {}) for count in requests]
        evidence = evidence.add(Bucket(60 * index, 60, counts[0], counts[1], found))
        rewards += world.rate(index) * (requests[0] + world.ratio * requests[1])
        wrong = wrong or log_e_split(evidence.shares) >= enough
        for winner, test in (("challenger", log_e_more), ("champion", log_e_fewer)):
            if test(evidence.shares) >= enough:
                left = sum(world.rate(later) for later in range(index + 1, BUCKETS)) * world.requests
                factor = world.ratio if winner == "challenger" else 1.0
                return Ended(
                    winner=winner,
                    split_is_wrong=wrong,
                    requests=(index + 1) * world.requests,
                    rewards=rewards + left * factor,
                )
        if world.bandit and evidence.seconds >= 60 * REWEIGH:
            target = target_percent(evidence.shares, better="more", floor_percent=FLOOR)
            if target is not None and target != evidence.share_percent:
                evidence, since = evidence.reweighed(target), index + 1
    return Ended(winner="", split_is_wrong=wrong, requests=BUCKETS * world.requests, rewards=rewards)


def _served(
    world: World, random: np.random.Generator, percent: int, index: int, paid: np.ndarray
) -> tuple[int, int]:
    """Route a bucket's requests at random, and pay their rewards now or later."""
    challenger = int(random.binomial(world.requests, percent / 100))
    requests = (world.requests - challenger, challenger)
    for arm, factor in enumerate((1.0, world.ratio)):
        chance = min(1.0, world.rate(index) * factor / world.clump)
        rewards = int(random.binomial(requests[arm], chance))
        late = random.integers(0, world.delay + 1, size=rewards)
        for bucket, count in zip(*np.unique(late, return_counts=True), strict=True):
            paid[arm, index + bucket] += world.clump * count
    return requests


def _wave(index: int) -> float:
    return 0.05 * (1 + 0.8 * math.sin(index / 9))


NULLS: Final = {
    "A/B, 50 %": World(),
    "A/B, wave of rewards": World(rate=_wave),
    "A/B, rewards up to 10 buckets late": World(delay=10),
    "A/B, 60 % of the requests rewarded": World(rate=lambda _: 0.6),
    "bandit": World(bandit=True),
    "bandit, wave of rewards": World(bandit=True, rate=_wave),
    "bandit, late, as long waited": World(bandit=True, delay=5),
}
UNCOVERED: Final = {
    "NOT COVERED: rewards in clumps of 5": World(clump=5),
    "NOT COVERED: bandit, late, not waited": World(bandit=True, delay=30, waits=False),
}


def _share(hits: int, runs: int) -> str:
    low, high = clopper_pearson(hits, runs)
    return f"{100 * hits / runs:6.2f} %  ({100 * low:.2f} to {100 * high:.2f})"


def _wrong_winners(runs: int, seed: int) -> None:
    print(f"Equally good arms, alpha {ALPHA:.0%} each way, {BUCKETS} looks, {runs} contests")
    print(f"  {'':42} {'challenger wins':28} {'champion wins':28} split called wrong")
    for name, world in {**NULLS, **UNCOVERED}.items():
        random = np.random.default_rng(seed)
        ended = [contest(world, random) for _ in range(runs)]
        cells = [sum(one.winner == winner for one in ended) for winner in ("challenger", "champion")]
        shown = [_share(hits, runs) for hits in (*cells, sum(one.split_is_wrong for one in ended))]
        print(f"  {name:42} {shown[0]:28} {shown[1]:28} {shown[2]}")


def _price(runs: int, seed: int) -> None:
    print(f"\nA challenger with another rate than 5 %: {runs} contests, rewards over {BUCKETS} buckets")
    print(
        f"  {'':12} {'right winner':28} {'wrong winner':28} median requests   rewards, of the best possible"
    )
    for ratio in (0.8, 1.05, 1.1, 1.2, 1.5):
        for bandit in (False, True):
            world = World(ratio=ratio, bandit=bandit)
            random = np.random.default_rng(seed)
            ended = [contest(world, random) for _ in range(runs)]
            right = "challenger" if ratio > 1 else "champion"
            good = sum(one.winner == right for one in ended)
            bad = sum(one.winner not in (right, "") for one in ended)
            best = 0.05 * max(ratio, 1.0) * world.requests * BUCKETS
            median = statistics.median(one.requests if one.winner else math.inf for one in ended)
            soon = f"{median:>12,.0f}" if median < math.inf else "       never"
            rewards = statistics.fmean(one.rewards for one in ended) / best
            name = f"{ratio:g} {'bandit' if bandit else 'A/B'}"
            print(
                f"  {name:12} {_share(good, runs):28} {_share(bad, runs):28} {soon:18} {100 * rewards:.2f} %"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=20251)
    arguments = parser.parse_args()
    _wrong_winners(arguments.runs, arguments.seed)
    _price(max(1, arguments.runs // 5), arguments.seed)


if __name__ == "__main__":
    main()
