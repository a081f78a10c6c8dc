import json
import math
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate_runtime.judge.assess import assess
from tidegate_runtime.judge.config import JudgeConfig, Requirement, Signal
from tidegate_runtime.judge.counts import Bucket, Counts
from tidegate_runtime.judge.evidence import Evidence
from tidegate_runtime.judge.judgement import Comparison, Judgement, Verdict

CONFIG = JudgeConfig(
    signals=(Signal("5xx", "Invocation5XXErrors"), Signal("model_errors", "InvocationModelErrors"))
)
NEEDED = Requirement(min_requests=100, min_seconds=300, max_seconds=3600, bucket_seconds=60)
Pair = tuple[int, int]


def bucket(index: int, live: Pair, candidate: Pair, *, model_errors: Pair = (0, 0)) -> Bucket:
    """Return a bucket; pairs are (5xx, requests), and (live, candidate) for model errors."""
    return Bucket(
        60 * index,
        60,
        live=Counts(live[1], {"5xx": live[0], "model_errors": model_errors[0]}),
        candidate=Counts(candidate[1], {"5xx": candidate[0], "model_errors": model_errors[1]}),
    )


def gathered(*found: Bucket) -> Evidence:
    evidence = Evidence.empty(CONFIG)
    for each in found:
        evidence = evidence.add(each)
    return evidence


def repeated(times: int, live: Pair, candidate: Pair) -> Evidence:
    return gathered(*(bucket(index, live, candidate) for index in range(times)))


def judged(
    evidence: Evidence,
    *,
    compare: Comparison = "relative",
    promotion: bool = False,
    needed: Requirement = NEEDED,
    config: JudgeConfig = CONFIG,
) -> Judgement:
    return assess(evidence, config, needed, compare=compare, promotion=promotion)


class TestStep:
    def test_goes_on_waiting_before_the_planned_requests(self) -> None:
        judgement = judged(repeated(5, (0, 380), (0, 19)))
        assert judgement.verdict is Verdict.CONTINUE
        assert judgement.reason == "95 of 100 requests and 300 of 300 s of this step"

    def test_goes_on_waiting_before_the_planned_time(self) -> None:
        assert judged(repeated(4, (0, 3_800), (0, 200))).verdict is Verdict.CONTINUE

    def test_passes_with_the_planned_evidence_and_no_failure(self) -> None:
        judgement = judged(repeated(5, (3, 380), (0, 20)))
        assert judgement.verdict is Verdict.PASS
        assert judgement.reason == "no signal fails after 100 candidate requests in 300 s of this step"

    def test_is_inconclusive_when_the_time_is_up_with_too_few_requests(self) -> None:
        judgement = judged(repeated(60, (0, 380), (0, 1)))
        assert judgement.verdict is Verdict.INCONCLUSIVE
        assert judgement.reason.startswith("60 of 100 requests")

    def test_the_time_is_up_when_no_further_bucket_fits(self) -> None:
        needed = replace(NEEDED, max_seconds=350)
        assert judged(repeated(4, (0, 380), (0, 1)), needed=needed).verdict is Verdict.CONTINUE
        assert judged(repeated(5, (0, 380), (0, 1)), needed=needed).verdict is Verdict.INCONCLUSIVE

    def test_counts_only_what_this_step_saw(self) -> None:
        evidence = repeated(50, (0, 380), (0, 20)).begin_step().add(bucket(50, (0, 380), (0, 20)))
        assert judged(evidence).reason == "20 of 100 requests and 60 of 300 s of this step"


class TestFailure:
    def test_fails_at_once_when_the_candidate_breaks(self) -> None:
        judgement = judged(gathered(bucket(0, (0, 1_980), (0, 102), model_errors=(0, 5))))
        assert judgement.verdict is Verdict.FAIL
        start = "model_errors: 5 of 102 candidate requests against 0 of 1,980 live; mean e-value "
        assert judgement.reason.startswith(start)
        assert judgement.reason.endswith(" reaches 100")

    def test_names_every_signal_that_fails(self) -> None:
        judgement = judged(gathered(bucket(0, (0, 1_900), (20, 100), model_errors=(0, 20))))
        assert judgement.reason.startswith(
            "5xx and model_errors: 20 of 100 candidate requests against 0 of 1,900"
        )

    def test_needs_more_evidence_the_more_signals_are_watched(self) -> None:
        def judge(names: tuple[str, ...]) -> Judgement:
            config = JudgeConfig(signals=tuple(Signal(name, name) for name in names))
            bad = dict.fromkeys(names, 0)
            found = Bucket(0, 60, Counts(1_900, bad), Counts(100, {**bad, "a": 3}))
            return assess(
                Evidence.empty(config).add(found), config, NEEDED, compare="relative", promotion=False
            )

        assert judge(("a",)).verdict is Verdict.FAIL
        crowded = judge(tuple("abcdefghijklmnopqrst"))
        assert crowded.verdict is Verdict.CONTINUE
        assert 100 <= judge(("a",)).signals[0].e_value == crowded.signals[0].e_value < 2000

    def test_signals_fail_together_when_none_does_alone(self) -> None:
        evidence = gathered(bucket(0, (0, 1_900), (3, 105), model_errors=(0, 3)))
        judgement = judged(evidence)
        assert all(100 <= signal.e_value < signal.threshold for signal in judgement.signals)
        assert judgement.verdict is Verdict.FAIL
        assert judgement.reason.startswith("5xx and model_errors: 3 of 105 candidate requests")

    def test_a_shared_spike_fails_nobody(self) -> None:
        assert judged(repeated(5, (190, 380), (10, 20))).verdict is Verdict.PASS

    def test_without_live_the_candidates_own_rate_decides(self) -> None:
        judgement = judged(repeated(5, (0, 0), (6, 100)), compare="absolute", promotion=True)
        assert judgement.verdict is Verdict.FAIL
        assert "5xx: 30 of 500 candidate requests, a rate of at least " in judgement.reason
        assert judgement.signals[0].candidate_lower > judgement.signals[0].max_rate

    def test_a_clean_past_does_not_hide_a_candidate_that_breaks_under_full_load(self) -> None:
        evidence = repeated(50, (0, 5_000), (0, 5_000)).begin_step().add(bucket(50, (0, 0), (8, 100)))
        assert judged(evidence, compare="absolute").verdict is Verdict.FAIL

    def test_a_tolerated_ratio_is_tolerated(self) -> None:
        config = replace(CONFIG, signals=(Signal("5xx", "m", max_ratio=2.0),))
        found = Bucket(0, 60, Counts(50_000, {"5xx": 250}), Counts(50_000, {"5xx": 500}))
        evidence = Evidence.empty(config).add(found)
        assert judged(evidence, config=config).verdict is Verdict.CONTINUE
        strict = replace(CONFIG, signals=(Signal("5xx", "m"),))
        assert judged(Evidence.empty(strict).add(found), config=strict).verdict is Verdict.FAIL


class TestNoData:
    @pytest.mark.parametrize("compare", ["relative", "absolute"])
    @pytest.mark.parametrize("promotion", [False, True])
    def test_a_silent_candidate_never_passes(self, compare: Comparison, *, promotion: bool) -> None:
        waiting = judged(repeated(59, (0, 500), (0, 0)), compare=compare, promotion=promotion)
        assert waiting.verdict is Verdict.CONTINUE
        over = judged(repeated(60, (0, 500), (0, 0)), compare=compare, promotion=promotion)
        assert over.verdict is Verdict.NO_DATA
        assert over.reason == "the candidate served no request in 3,600 s of this step"

    def test_a_candidate_without_live_beside_it_is_not_compared(self) -> None:
        judgement = judged(repeated(60, (0, 0), (0, 500)))
        assert judgement.verdict is Verdict.NO_DATA
        assert judgement.reason.startswith("live served none while the candidate served 30,000 requests")

    def test_a_plan_that_asks_for_no_requests_still_needs_one(self) -> None:
        needed = replace(NEEDED, min_requests=0)
        assert judged(repeated(5, (0, 500), (0, 0)), needed=needed).verdict is Verdict.CONTINUE

    @given(
        times=st.integers(min_value=0, max_value=80),
        live=st.integers(min_value=0, max_value=5_000),
        compare=st.sampled_from(["relative", "absolute"]),
    )
    def test_missing_data_never_promotes(self, times: int, live: int, compare: Comparison) -> None:
        evidence = repeated(times, (0, live), (0, 0))
        needed = replace(NEEDED, min_requests=0, min_seconds=0)
        assert judged(evidence, compare=compare, promotion=True, needed=needed).verdict is not Verdict.PASS


class TestPromotion:
    def test_waits_until_the_candidate_is_shown_to_be_good(self) -> None:
        evidence = repeated(5, (0, 0), (0, 40))
        judgement = judged(evidence, compare="absolute", promotion=True)
        assert judged(evidence, compare="absolute").verdict is Verdict.PASS
        assert judgement.verdict is Verdict.CONTINUE
        assert "neither shown below 1 % (bound 1.67 %)" in judgement.reason

    def test_is_inconclusive_when_nothing_was_shown_in_time(self) -> None:
        judgement = judged(repeated(60, (0, 0), (0, 5)), compare="absolute", promotion=True)
        assert judgement.verdict is Verdict.INCONCLUSIVE
        assert judgement.reason.endswith("after 3,600 s")

    def test_an_upper_bound_within_the_tolerance_promotes(self) -> None:
        judgement = judged(repeated(5, (0, 0), (0, 65)), compare="absolute", promotion=True)
        assert judgement.verdict is Verdict.PASS
        assert judgement.reason.startswith(
            "5xx and model_errors: 0 of 325 candidate requests, a rate of at most 0.987 %"
        )
        assert all(signal.candidate_upper <= signal.max_rate for signal in judgement.signals)

    def test_proof_against_the_margin_promotes_where_the_rate_itself_is_high(self) -> None:
        found = [bucket(i, (60, 1_000), (20, 1_000), model_errors=(60, 20)) for i in range(5)]
        judgement = judged(gathered(*found), promotion=True)
        assert judgement.verdict is Verdict.PASS
        assert judgement.reason.startswith("5xx and model_errors: less than 1.5 times live's rate, e-value ")
        assert judgement.reason.endswith("reaches 20")

    def test_every_signal_needs_its_own_proof(self) -> None:
        found = [bucket(i, (6, 100), (6, 100)) for i in range(5)]
        judgement = judged(gathered(*found), promotion=True)
        assert judgement.verdict is Verdict.CONTINUE
        assert judgement.reason.startswith("5xx: neither shown below 1 %")
        assert "model_errors" not in judgement.reason

    def test_old_proof_does_not_promote_a_candidate_that_turns_bad(self) -> None:
        good = [bucket(i, (60, 1_000), (5, 1_000), model_errors=(60, 5)) for i in range(5)]
        evidence = gathered(*good).begin_step()
        for i in range(5, 10):
            evidence = evidence.add(bucket(i, (0, 0), (3 if i == 5 else 0, 40)))
        judgement = judged(evidence, compare="absolute", promotion=True)
        assert judgement.verdict is Verdict.CONTINUE
        assert judgement.reason.startswith("5xx: 1.5 % in this step and not shown below 1 % (bound ")
        assert "earlier steps do not count" in judgement.reason

    def test_proof_from_earlier_steps_promotes_while_this_step_keeps_the_tolerance(self) -> None:
        good = [bucket(i, (60, 1_000), (5, 1_000), model_errors=(60, 5)) for i in range(5)]
        evidence = gathered(*good).begin_step()
        for i in range(5, 10):
            evidence = evidence.add(bucket(i, (0, 0), (1 if i == 5 else 0, 40)))
        judgement = judged(evidence, compare="absolute", promotion=True)
        assert judgement.verdict is Verdict.PASS
        assert "times live's rate, e-value" in judgement.reason

    @settings(deadline=None, max_examples=40)
    @given(
        requests=st.integers(min_value=80, max_value=100_000),
        live=st.integers(min_value=1, max_value=100_000),
        bad_share=st.floats(min_value=0, max_value=1),
        compare=st.sampled_from(["relative", "absolute"]),
    )
    def test_a_perfect_candidate_never_fails_and_is_promoted(
        self, requests: int, live: int, bad_share: float, compare: Comparison
    ) -> None:
        bad = int(live * bad_share)
        evidence = Evidence.empty(CONFIG)
        for index in range(5):
            evidence = evidence.add(bucket(index, (bad, live), (0, requests)))
            judgement = judged(evidence, compare=compare, promotion=True)
            assert judgement.verdict is not Verdict.FAIL
        assert judgement.verdict is Verdict.PASS


class TestReport:
    def test_holds_the_numbers_that_decided(self) -> None:
        found = gathered(bucket(0, (2, 1_900), (1, 100)))
        first = judged(found).signals[0]
        assert asdict(first) == {
            "name": "5xx",
            "e_value": pytest.approx(math.exp(found.log_e_worse("5xx"))),
            "threshold": 200,
            "live_requests": 1_900,
            "live_bad": 2,
            "candidate_requests": 100,
            "candidate_bad": 1,
            "candidate_lower": pytest.approx(0.00003, abs=0.00003),
            "candidate_upper": pytest.approx(0.075, abs=0.02),
            "max_rate": 0.01,
            "max_ratio": 1.0,
        }

    @pytest.mark.parametrize("compare", ["relative", "absolute"])
    def test_stays_json_however_overwhelming_the_evidence(self, compare: Comparison) -> None:
        judgement = judged(repeated(5, (0, 10**6), (10**6, 10**6)), compare=compare)
        text = json.dumps(asdict(judgement), allow_nan=False)
        assert json.loads(text)["signals"][0]["e_value"] == pytest.approx(1e300)
        assert "e-value over 1,000,000 reaches 100" in judgement.reason

    def test_rejects_evidence_of_another_configuration(self) -> None:
        with pytest.raises(ValueError, match="config must be the one of the evidence"):
            judged(Evidence.empty(CONFIG), config=replace(CONFIG, alpha=0.02))

    def test_rejects_an_unknown_comparison(self) -> None:
        with pytest.raises(ValueError, match="compare must be 'relative' or 'absolute', got 'both'"):
            judged(Evidence.empty(CONFIG), compare="both")  # type: ignore[arg-type]
