import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate import pinning
from tidegate.pinning import WeightCache, deadline_warning, pick_variant

USERS = [f"user-{number}" for number in range(20_000)]
END = datetime(2026, 12, 1, tzinfo=UTC)
WEIGHTS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "candidate"]), st.floats(min_value=0, max_value=100), max_size=4
)


@given(user=st.text(), weights=WEIGHTS)
def test_a_user_always_gets_the_same_variant_and_never_the_candidate(
    user: str, weights: dict[str, float]
) -> None:
    found = pick_variant(user, weights)
    assert found == pick_variant(user, dict(reversed(weights.items())))
    assert found != "candidate"
    assert found is None or weights[found] > 0


def test_users_are_dealt_in_proportion_to_the_weights() -> None:
    counts = Counter(pick_variant(user, {"a": 1, "b": 3}) for user in USERS)
    assert counts["a"] / len(USERS) == pytest.approx(0.25, abs=0.01)


def test_the_candidates_share_goes_to_the_others() -> None:
    counts = Counter(pick_variant(user, {"a": 1, "b": 1, "candidate": 98}) for user in USERS)
    assert set(counts) == {"a", "b"}
    assert counts["a"] / len(USERS) == pytest.approx(0.5, abs=0.02)


def test_a_larger_share_moves_only_users_into_it() -> None:
    before = {user: pick_variant(user, {"a": 10, "b": 90}) for user in USERS}
    after = {user: pick_variant(user, {"a": 20, "b": 80}) for user in USERS}
    moved = {(before[user], after[user]) for user in USERS if before[user] != after[user]}
    assert moved == {("b", "a")}


def test_another_test_deals_the_users_anew() -> None:
    same = sum(
        pick_variant(user, {"a": 1, "b": 1}, test="one") == pick_variant(user, {"a": 1, "b": 1}, test="two")
        for user in USERS
    )
    assert same / len(USERS) == pytest.approx(0.5, abs=0.02)


def test_more_variants_may_be_left_out_but_the_candidate_always_is() -> None:
    assert pick_variant("user", {"a": 1, "b": 1, "candidate": 1}, never=["a"]) == "b"


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"candidate": 1}])
def test_without_a_variant_to_pin_to_the_call_is_untargeted(weights: dict[str, float]) -> None:
    assert pick_variant("user", weights) is None


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_rejects_an_impossible_weight(weight: float) -> None:
    with pytest.raises(ValueError, match="weight of 'a' must be a number of at least 0"):
        pick_variant("user", {"a": weight})


def test_weights_are_read_again_after_thirty_seconds_or_when_forgotten() -> None:
    answers = iter([{"a": 1.0}, {"b": 1.0}, {"c": 1.0}])
    now = 0.0
    cache = WeightCache(lambda: next(answers), clock=lambda: now)
    assert cache.weights() == {"a": 1.0}
    now = 29.9
    assert cache.weights() == {"a": 1.0}
    now = 30.0
    assert cache.weights() == {"b": 1.0}
    cache.forget()
    assert cache.weights() == {"c": 1.0}


@pytest.mark.parametrize("seconds", [-1.0, 30.1])
def test_rejects_a_cache_that_remembers_too_long(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"seconds must be 0 to 30.0, got"):
        WeightCache(dict, clock=lambda: 0.0, seconds=seconds)


@pytest.mark.parametrize(
    ("before_the_end", "warning"),
    [
        (timedelta(days=4), None),
        (timedelta(days=2), "decide which variant stays"),
        (timedelta(days=-2), "ended 2 days ago"),
    ],
)
def test_the_end_of_a_test_is_told_before_and_after(before_the_end: timedelta, warning: str | None) -> None:
    found = deadline_warning(END, now=END - before_the_end)
    assert found is None if warning is None else found is not None and warning in found


def test_a_client_needs_nothing_but_the_standard_library() -> None:
    module = Path(pinning.__file__)
    code = f"import runpy; print(runpy.run_path({str(module)!r})['pick_variant']('u', {{'a': 1}}))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "a\n"
