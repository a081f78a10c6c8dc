"""What is remembered of a contest."""

import json

import pytest

from tidegate_runtime.judge.assess import assess
from tidegate_runtime.judge.config import JudgeConfig, Requirement, Signal
from tidegate_runtime.judge.contest_counts import Counted, Pair, exposed_of, rewards_of
from tidegate_runtime.judge.contest_evidence import ContestEvidence
from tidegate_runtime.judge.contest_rule import ContestRule
from tidegate_runtime.judge.counts import Bucket, Counts
from tidegate_runtime.judge.evidence import Evidence

CONFIG = JudgeConfig(signals=(Signal("5xx", "Invocation5XXErrors"),))
REQUIREMENT = Requirement(min_requests=100, min_seconds=60, max_seconds=600, bucket_seconds=60)


SOME = Pair(5, 6)


def bucket(number: int, rewards: Pair | None = SOME) -> Bucket:
    return Bucket(60 * number, 60, Counts(100, {"5xx": 0}), Counts(80, {"5xx": 0}), rewards)


def contested(*buckets: Bucket) -> Evidence:
    evidence = Evidence.empty(CONFIG).begin_step(contest_percent=50)
    for one in buckets:
        evidence = evidence.add(one)
    return evidence


def test_counts_are_kept_by_share() -> None:
    evidence = contested(bucket(0)).reweighed(70).add(bucket(1)).add(bucket(2))
    assert evidence.contest is not None
    assert {share: counted.rewards for share, counted in evidence.contest.shares.items()} == {
        50: Pair(5, 6),
        70: Pair(10, 12),
    }
    assert evidence.contest.seconds == 120


def test_rewards_that_do_not_count_leave_their_requests_out_as_well() -> None:
    evidence = contested(bucket(0, None), bucket(1))
    assert evidence.contest is not None
    assert evidence.contest.shares[50].requests == Pair(200, 160)
    assert exposed_of(evidence.contest.shares) == Pair(100, 80)
    assert rewards_of(evidence.contest.shares) == Pair(5, 6)


def test_a_bucket_that_is_read_again_changes_nothing() -> None:
    evidence = contested(bucket(0), bucket(1))
    assert evidence.add(bucket(0)) == evidence


def test_it_survives_the_way_through_json() -> None:
    evidence = contested(bucket(0)).reweighed(70).add(bucket(1))
    assert Evidence.from_json(json.loads(json.dumps(evidence.to_json())), CONFIG) == evidence


def test_the_next_step_begins_without_it() -> None:
    evidence = contested(bucket(0)).begin_step()
    assert evidence.contest is None
    assert "contest" not in evidence.to_json()
    assert evidence.total.candidate.requests == 80


@pytest.mark.parametrize(
    "document",
    [
        {"share_percent": 0, "seconds": 0, "shares": {}},
        {"share_percent": 50, "seconds": 0, "shares": {"50": [1, 2, 3]}},
        {"share_percent": 50, "seconds": 0, "shares": {"50": [1, 2, 3, 4, 5, -6]}},
        {"share_percent": 50, "seconds": 0, "shares": {"half": [1, 2, 3, 4, 5, 6]}},
        {"share_percent": 50, "shares": {}},
    ],
)
def test_rejects_what_is_no_evidence(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        ContestEvidence.from_json(document)


def test_rejects_another_share_without_a_contest() -> None:
    with pytest.raises(ValueError, match="only the share of a contest changes"):
        Evidence.empty(CONFIG).reweighed(70)


def test_rejects_to_judge_a_contest_without_its_evidence() -> None:
    with pytest.raises(ValueError, match="must have been collected in one"):
        assess(
            Evidence.empty(CONFIG),
            CONFIG,
            REQUIREMENT,
            compare="relative",
            promotion=False,
            contest=ContestRule(better="more", alpha=0.01),
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"better": "most"}, "better must be one of"),
        ({"alpha": 0.0}, "alpha must be above 0"),
        ({"floor_percent": 50, "reweigh_seconds": 300}, "floor_percent must be 1 to 49, got 50"),
        ({"floor_percent": 10}, "reweigh_seconds must be at least 1 with a floor, got 0"),
        ({"on_no_difference": "toss"}, "on_no_difference must be one of"),
    ],
)
def test_rejects_a_rule_out_of_range(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ContestRule(**{"better": "more", "alpha": 0.01, **changes})  # type: ignore[arg-type]


def test_six_numbers_say_all_about_a_share() -> None:
    counted = Counted(requests=Pair(1, 2), exposed=Pair(3, 4), rewards=Pair(5, 6))
    assert Counted.from_json(counted.to_json()) == counted
