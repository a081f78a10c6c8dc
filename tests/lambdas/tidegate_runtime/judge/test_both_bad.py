"""When live counts as broken, and how seldom it does while it is not."""

import random

import pytest

from tidegate_runtime.judge.both_bad import both_bad, broken_live
from tidegate_runtime.judge.config import JudgeConfig, Signal
from tidegate_runtime.judge.counts import Bucket, Counts
from tidegate_runtime.judge.evidence import Evidence

CONFIG = JudgeConfig(signals=(Signal("5xx", "Invocation5XXErrors"), Signal("model", "Errors", max_rate=0.05)))
RUNS, BUCKETS, REQUESTS = 400, 30, 200


def bucket(number: int, *, live: tuple[int, int], candidate: tuple[int, int]) -> Bucket:
    def counts(requests: int, bad: int) -> Counts:
        return Counts(requests=requests, bad={"5xx": bad, "model": 0})

    return Bucket(start=60 * number, seconds=60, live=counts(*live), candidate=counts(*candidate))


def evidence(*buckets: Bucket) -> Evidence:
    grown = Evidence.empty(CONFIG).begin_step()
    for one in buckets:
        grown = grown.add(one)
    return grown


def test_live_is_broken_when_its_lower_bound_is_beyond_the_tolerance() -> None:
    said = broken_live(evidence(bucket(0, live=(1000, 50), candidate=(100, 0))), CONFIG)
    assert said.startswith("5xx: live 50 bad of 1,000, at least 2.")
    assert said.endswith(" % where 1 % is tolerated")


@pytest.mark.parametrize("live", [(0, 0), (1000, 10), (1000, 13), (3, 1)])
def test_live_is_not_broken_without_proof(live: tuple[int, int]) -> None:
    assert broken_live(evidence(bucket(0, live=live, candidate=(100, 50))), CONFIG) == ""


@pytest.mark.parametrize(("bad", "both"), [(0, False), (1, False), (2, True), (50, True)])
def test_both_are_bad_unless_the_candidate_is_within_its_tolerance(bad: int, both: bool) -> None:
    found = both_bad(evidence(bucket(0, live=(1000, 50), candidate=(100, bad))), CONFIG)
    assert bool(found) is both
    assert (f"candidate {bad} of 100" in found) is both


def test_a_new_step_forgets_the_trouble_of_the_one_before() -> None:
    grown = evidence(bucket(0, live=(1000, 50), candidate=(100, 5))).begin_step()
    assert both_bad(grown.add(bucket(1, live=(1000, 0), candidate=(100, 0))), CONFIG) == ""


def _ever_broken(rates: list[float], seed: int) -> bool:
    """Look after every bucket of a live version with these rates."""
    drawn = random.Random(seed)
    grown = Evidence.empty(CONFIG).begin_step()
    for number, rate in enumerate(rates):
        bad = sum(drawn.random() < rate for _ in range(REQUESTS))
        grown = grown.add(bucket(number, live=(REQUESTS, bad), candidate=(20, 20)))
        if broken_live(grown, CONFIG):
            return True
    return False


@pytest.mark.parametrize(
    "rates",
    [
        pytest.param([0.01] * BUCKETS, id="at the tolerance"),
        pytest.param([0.002] * 10 + [0.01] * 10 + [0.002] * 10, id="a fivefold spike up to the tolerance"),
    ],
)
def test_a_live_version_within_its_tolerance_is_hardly_ever_called_broken(rates: list[float]) -> None:
    false_alarms = sum(_ever_broken(rates, seed) for seed in range(RUNS))
    # At most alpha = 1 % are allowed: 4 of 400; three standard deviations more by chance.
    assert false_alarms <= 10


def test_a_live_version_beyond_its_tolerance_is_found() -> None:
    assert all(_ever_broken([0.03] * BUCKETS, seed) for seed in range(50))
