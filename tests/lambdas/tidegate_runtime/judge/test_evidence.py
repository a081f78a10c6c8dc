import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate_runtime.judge.config import JudgeConfig, Signal
from tidegate_runtime.judge.counts import Bucket, Counts
from tidegate_runtime.judge.evidence import Evidence

CONFIG = JudgeConfig(
    signals=(Signal("5xx", "Invocation5XXErrors"), Signal("slow", "Slow", max_ratio=1.2, max_rate=0.05))
)


def counts() -> st.SearchStrategy[Counts]:
    def with_bad(requests: int) -> st.SearchStrategy[Counts]:
        bad = st.integers(min_value=0, max_value=requests)
        return st.builds(Counts, st.just(requests), st.fixed_dictionaries({"5xx": bad, "slow": bad}))

    return st.integers(min_value=0, max_value=400).flatmap(with_bad)


def buckets(max_size: int = 8) -> st.SearchStrategy[list[Bucket]]:
    pairs = st.lists(st.tuples(counts(), counts()), max_size=max_size)
    return pairs.map(lambda found: [Bucket(60 * i, 60, *pair) for i, pair in enumerate(found)])


def gathered(found: list[Bucket]) -> Evidence:
    evidence = Evidence.empty(CONFIG)
    for bucket in found:
        evidence = evidence.add(bucket)
    return evidence


def logs(evidence: Evidence) -> list[float]:
    return [
        log for name in CONFIG.names for logs in (evidence.worse[name], evidence.better[name]) for log in logs
    ]


def bucket(start: int, live: tuple[int, int], candidate: tuple[int, int]) -> Bucket:
    return Bucket(
        start,
        60,
        live=Counts(live[1], {"5xx": live[0], "slow": 0}),
        candidate=Counts(candidate[1], {"5xx": candidate[0], "slow": 0}),
    )


@given(found=buckets(), data=st.data())
def test_the_order_of_buckets_does_not_matter(found: list[Bucket], data: st.DataObject) -> None:
    shuffled = gathered(data.draw(st.permutations(found)))
    assert logs(shuffled) == pytest.approx(logs(gathered(found)), abs=1e-6)
    straight = gathered(found)
    assert (shuffled.total, shuffled.step, shuffled.seen) == (straight.total, straight.step, straight.seen)


@given(found=buckets(), data=st.data())
def test_a_bucket_read_again_changes_nothing_whenever_it_comes(
    found: list[Bucket], data: st.DataObject
) -> None:
    evidence = gathered(found)
    again = data.draw(st.lists(st.sampled_from(found))) if found else []
    for bucket_again in again:
        assert evidence.add(bucket_again) is evidence
        late = replace(bucket_again, candidate=Counts(1, {"5xx": 1, "slow": 1}))
        assert evidence.begin_step().add(late) == evidence.begin_step()


@given(found=buckets())
def test_survives_json_unchanged(found: list[Bucket]) -> None:
    evidence = gathered(found).begin_step()
    text = json.dumps(evidence.to_json(), allow_nan=False)
    assert Evidence.from_json(json.loads(text), CONFIG) == evidence


@given(found=buckets(), cut=st.integers(min_value=0, max_value=8))
def test_stopping_and_resuming_from_json_anywhere_ends_the_same(found: list[Bucket], cut: int) -> None:
    evidence = Evidence.from_json(json.loads(json.dumps(gathered(found[:cut]).to_json())), CONFIG)
    for rest in found[cut:]:
        evidence = evidence.add(rest)
    assert evidence == gathered(found)


@given(found=buckets(), cut=st.integers(min_value=0, max_value=8))
def test_a_new_step_keeps_all_evidence_but_its_own_counts(found: list[Bucket], cut: int) -> None:
    evidence = gathered(found[:cut]).begin_step()
    assert (evidence.step_requests, evidence.step_seconds) == (0, 0)
    for rest in found[cut:]:
        evidence = evidence.add(rest)
    assert evidence.step_requests == sum(b.candidate.requests for b in found[cut:])
    assert evidence.step_seconds == 60 * len(found[cut:])
    assert evidence.total == gathered(found).total
    assert logs(evidence) == logs(gathered(found))


@given(
    shares=st.lists(st.integers(min_value=1, max_value=9), min_size=2, max_size=5),
    bad=st.tuples(st.integers(min_value=0, max_value=3), st.integers(min_value=0, max_value=3)),
)
def test_splitting_a_bucket_of_one_weight_multiplies_to_the_same_evidence(
    shares: list[int], bad: tuple[int, int]
) -> None:
    whole = bucket(0, live=(bad[0] * len(shares), 900 * sum(shares)), candidate=(bad[1], 100 * sum(shares)))
    parts = [
        bucket(60 * i, live=(bad[0], 900 * share), candidate=(bad[1] if i == 0 else 0, 100 * share))
        for i, share in enumerate(shares)
    ]
    assert logs(gathered(parts)) == pytest.approx(logs(gathered([whole])), abs=1e-9)


@given(scale=st.integers(min_value=1, max_value=1_000))
def test_evidence_depends_on_the_split_of_traffic_not_on_its_size(scale: int) -> None:
    small = gathered([bucket(0, live=(7, 9_000), candidate=(5, 1_000))])
    large = gathered([bucket(0, live=(7, 9_000 * scale), candidate=(5, 1_000 * scale))])
    assert logs(large) == pytest.approx(logs(small), abs=1e-9)


def test_a_shared_spike_says_nothing_while_the_same_errors_on_one_side_say_much() -> None:
    shared = gathered([bucket(0, live=(900, 9_000), candidate=(100, 1_000))])
    alone = gathered([bucket(0, live=(0, 9_000), candidate=(100, 1_000))])
    assert shared.log_e_worse("5xx") < 0
    assert alone.log_e_worse("5xx") > math.log(1e9)


def test_requests_count_as_compared_only_beside_live_ones() -> None:
    evidence = gathered([bucket(0, (0, 0), (0, 40)), bucket(60, (0, 10), (0, 50))])
    assert (evidence.step_requests, evidence.step.compared) == (90, 50)


def test_counted_time_stays_small_however_many_buckets_come() -> None:
    evidence = gathered([bucket(60 * i, (0, 10), (0, 10)) for i in range(500)])
    assert evidence.seen == ((0, 30_000),)
    assert len(json.dumps(evidence.to_json())) < 1_500


def test_rejects_a_bucket_that_overlaps_counted_time() -> None:
    with pytest.raises(ValueError, match="bucket 30 to 90 overlaps the counted time 0 to 60"):
        gathered([bucket(0, (0, 10), (0, 10)), bucket(30, (0, 10), (0, 10))])


def test_rejects_a_bucket_without_one_of_the_signals() -> None:
    unmeasured = Bucket(0, 60, Counts(10, {"5xx": 0, "slow": 0}), Counts(10, {"5xx": 0}))
    with pytest.raises(ValueError, match=r"counts lack the signals \['slow'\]"):
        Evidence.empty(CONFIG).add(unmeasured)


@pytest.mark.parametrize(
    "other",
    [
        replace(CONFIG, promote_margin=2.0),
        replace(CONFIG, signals=(CONFIG.signals[0], replace(CONFIG.signals[1], max_ratio=1.0))),
        replace(CONFIG, signals=CONFIG.signals[:1]),
        replace(CONFIG, signals=(*CONFIG.signals, Signal("new", "New"))),
    ],
)
def test_rejects_evidence_of_another_configuration(other: JudgeConfig) -> None:
    with pytest.raises(ValueError, match="must"):
        Evidence.from_json(Evidence.empty(CONFIG).to_json(), other)


def test_accepts_evidence_when_only_the_error_rates_changed() -> None:
    other = replace(CONFIG, alpha=0.001)
    assert Evidence.from_json(Evidence.empty(CONFIG).to_json(), other) == Evidence.empty(other)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("total",), None, "total must be an object, got None"),
        (("step", "seconds"), 1.5, "seconds must be a whole number, got 1.5"),
        (("step", "candidate", "requests"), "7", "requests must be a number, got '7'"),
        (("signals", "5xx", "worse"), [0.0], "worse must be 8 finite numbers"),
        (("signals", "5xx", "better"), [float("nan")] * 5, "better must be 5 finite numbers"),
        (("seen",), [[0, 60], [30, 90]], "overlaps"),
        (("seen",), [[0]], "seen must be pairs of epoch seconds"),
        (("seen",), {}, "seen must be a list"),
    ],
)
def test_rejects_a_damaged_document(path: tuple[str, ...], value: object, message: str) -> None:
    document = json.loads(json.dumps(Evidence.empty(CONFIG).to_json()))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ValueError, match=message):
        Evidence.from_json(document, CONFIG)


def test_reads_whole_numbers_that_a_state_machine_wrote_as_floats() -> None:
    evidence = gathered([bucket(0, (1, 10), (0, 10))])
    text = json.dumps(evidence.to_json()).replace('"seconds": 60', '"seconds": 60.0')
    assert Evidence.from_json(json.loads(text), CONFIG) == evidence
