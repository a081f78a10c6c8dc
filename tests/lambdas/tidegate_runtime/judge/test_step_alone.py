"""What a step shows by itself, whatever was seen before it."""

import pytest

from tidegate_runtime.judge.assess import assess
from tidegate_runtime.judge.config import JudgeConfig, Requirement, Signal
from tidegate_runtime.judge.counts import Bucket, Counts
from tidegate_runtime.judge.evidence import Evidence
from tidegate_runtime.judge.judgement import Judgement, Verdict

CONFIG = JudgeConfig(signals=(Signal("5xx", "Invocation5XXErrors"),))
NEEDED = Requirement(min_requests=100, min_seconds=60, max_seconds=600, bucket_seconds=60)
BOTH_BAD, WORSE, SOUND = (270, 30), (0, 30), (0, 0)
"""Bad requests of live, of 5,400, and of the candidate, of 600."""


def after(evidence: Evidence, *bad: tuple[int, int]) -> Evidence:
    start = evidence.seen[-1][1] if evidence.seen else 0
    for number, (live, candidate) in enumerate(bad):
        beside, judged = Counts(5_400, {"5xx": live}), Counts(600, {"5xx": candidate})
        evidence = evidence.add(Bucket(start + 60 * number, 60, live=beside, candidate=judged))
    return evidence


def verdict_on(evidence: Evidence, *, needed: Requirement = NEEDED) -> Judgement:
    return assess(evidence, CONFIG, needed, compare="relative", promotion=False)


@pytest.fixture
def after_trouble() -> Evidence:
    """Return the evidence at the start of a step, after four buckets in which both were as bad."""
    return after(Evidence.empty(CONFIG), *[BOTH_BAD] * 4).repeat_step()


def test_a_candidate_that_stays_bad_when_live_is_well_again_does_not_pass(after_trouble: Evidence) -> None:
    judgement = verdict_on(after(after_trouble, WORSE))
    assert judgement.verdict is Verdict.CONTINUE
    assert judgement.reason.startswith(
        "in this step alone, 5xx: 30 of 600 candidate requests against 0 of 5,400 live; e-value"
    )


def test_it_fails_when_the_evidence_of_all_steps_suffices(after_trouble: Evidence) -> None:
    assert verdict_on(after(after_trouble, *[WORSE] * 4)).verdict is Verdict.FAIL


def test_it_is_inconclusive_when_no_further_bucket_fits(after_trouble: Evidence) -> None:
    short = Requirement(min_requests=100, min_seconds=60, max_seconds=60, bucket_seconds=60)
    assert verdict_on(after(after_trouble, WORSE), needed=short).verdict is Verdict.INCONCLUSIVE


def test_a_sound_candidate_passes_after_trouble_of_both(after_trouble: Evidence) -> None:
    assert verdict_on(after(after_trouble, SOUND)).verdict is Verdict.PASS


def test_what_a_step_has_shown_is_kept_between_two_looks(after_trouble: Evidence) -> None:
    evidence = after(after_trouble, WORSE)
    assert Evidence.from_json(evidence.to_json(), CONFIG) == evidence


def test_no_step_takes_over_what_another_one_has_shown_by_itself(after_trouble: Evidence) -> None:
    assert after(after_trouble, WORSE).step_log_e_worse("5xx") > 0
    assert after(after_trouble, WORSE).begin_step().step_log_e_worse("5xx") == 0
