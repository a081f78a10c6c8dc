"""The gate's sentence has both numbers, the counts, the margin, and whether the set could see it."""

from typing import Any

import pytest

from tidegate_runtime.validation.blindness import blind
from tidegate_runtime.validation.criteria import Criteria, criteria_from, criteria_to


def answers(rows: int, wrong: int, *, first: int = 0) -> list[int]:
    """Return predictions of the label 1, `wrong` of them 0."""
    return [0 if first <= i < first + wrong else 1 for i in range(rows)]


def judged(criteria: Criteria, *, rows: int, candidate: int, live: int | None) -> Any:
    beside = None if live is None else answers(rows, live)
    return criteria.judge(labels=[1] * rows, candidate=answers(rows, candidate), live=beside)


def test_a_candidate_that_is_too_much_worse_fails_with_both_numbers_the_counts_and_the_margin() -> None:
    found = judged(Criteria(metric="accuracy", max_worse=0.02), rows=500, candidate=50, live=20)
    assert not found.passed
    assert found.text == (
        "accuracy 0.9 against 0.96 of live on 500 rows: 0.06 worse, at most 0.02 worse is allowed; "
        "worse on 30 rows, better on 0 (exact sign test p = 9.3e-10), 95 % interval of the difference "
        "-0.0809 to -0.0391"
    )


def test_a_failure_on_a_small_set_says_that_the_set_cannot_tell_and_how_many_rows_would() -> None:
    found = judged(Criteria(metric="accuracy", max_worse=0.02), rows=50, candidate=4, live=2)
    assert not found.passed
    assert "50 rows cannot tell this from 0.02 worse, about " in found.text
    assert found.text.endswith("would")


def test_a_pass_that_chance_could_explain_says_so_too() -> None:
    found = judged(Criteria(metric="accuracy", max_worse=0.02), rows=100, candidate=4, live=3)
    assert found.passed
    assert "100 rows cannot tell this from 0.02" in found.text


def test_the_interval_is_that_of_candidate_minus_live_whichever_is_better() -> None:
    criteria = Criteria(metric="mean_absolute_error", max_worse=9)
    labels, live = [0.0] * 20, [1.0] * 20
    told = criteria.judge(labels=labels, candidate=[3.0] * 20, live=live).text
    assert "2 worse" in told
    assert "interval of the difference 2 to 2" in told
    better = judged(Criteria(metric="accuracy", max_worse=0.1), rows=500, candidate=20, live=50).text
    assert "interval of the difference 0.0391 to 0.0809" in better


def test_exactly_the_margin_is_allowed() -> None:
    assert judged(Criteria(metric="accuracy", max_worse=0.02), rows=500, candidate=30, live=20).passed
    assert not judged(Criteria(metric="accuracy", max_worse=0.02), rows=500, candidate=31, live=20).passed


def test_a_better_candidate_passes_and_is_called_better() -> None:
    found = judged(Criteria(metric="accuracy", max_worse=0), rows=500, candidate=10, live=20)
    assert found.passed
    assert "0.02 better" in found.text


def test_of_two_margins_the_narrower_counts() -> None:
    both = Criteria(metric="accuracy", max_worse=0.5, relative=0.01)
    assert not judged(both, rows=500, candidate=50, live=20).passed


def test_a_relative_margin_is_a_share_of_lives_own_error() -> None:
    criteria = Criteria(metric="mean_absolute_error", relative=0.1)
    labels, live = [0.0] * 20, [1.0] * 20
    assert criteria.judge(labels=labels, candidate=[1.1] * 20, live=live).passed
    assert not criteria.judge(labels=labels, candidate=[1.11] * 20, live=live).passed


def test_a_floor_stops_a_candidate_that_is_no_worse_than_a_bad_live_one() -> None:
    found = judged(
        Criteria(metric="accuracy", max_worse=0.02, at_least=0.9), rows=500, candidate=100, live=100
    )
    assert not found.passed
    assert found.text.endswith("; 0.8 is not at least 0.9")


def test_a_first_version_is_judged_by_the_floor_alone() -> None:
    criteria = Criteria(metric="accuracy", max_worse=0.02, at_least=0.9)
    assert judged(criteria, rows=500, candidate=40, live=None).passed
    assert not judged(criteria, rows=500, candidate=60, live=None).passed


def test_a_first_version_without_a_floor_fails_and_is_told_what_to_declare() -> None:
    found = judged(Criteria(metric="accuracy", max_worse=0.02), rows=500, candidate=0, live=None)
    assert not found.passed
    assert "no at_least or at_most to judge a first version by: declare one" in found.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"metric": "auc", "max_worse": 0.1}, "metric: must be one of accuracy, f1, mean_absolute_error"),
        ({"metric": "accuracy"}, "max_worse: must have a limit"),
        ({"metric": "accuracy", "max_worse": -0.1}, "max_worse: must be at least 0, got -0.1"),
        ({"metric": "accuracy", "max_worse": 1.0}, "max_worse: must be below 1, or nothing is too much"),
        ({"metric": "accuracy", "relative": float("nan")}, "relative: must be at least 0"),
        ({"metric": "accuracy", "at_most": 0.9}, "at_most: would refuse what is good: of accuracy, more is"),
        (
            {"metric": "log_loss", "at_least": 0.9},
            "at_least: would refuse what is good: of log_loss, less is",
        ),
        ({"metric": "accuracy", "at_least": 90}, "at_least: must be 0 to 1 for accuracy, got 90"),
    ],
)
def test_rejects_limits_that_limit_nothing_or_what_is_good(fields: dict[str, Any], told: str) -> None:
    assert any(f"{name}: {text}".startswith(told) for name, text in Criteria(**fields).faults())


def test_an_error_may_be_any_number_worse() -> None:
    assert not list(Criteria(metric="mean_absolute_error", max_worse=500, at_most=2000).faults())


def test_a_set_that_cannot_see_the_margin_is_named_with_the_numbers() -> None:
    told = blind(Criteria(metric="accuracy", max_worse=0.02), 100)
    assert told.startswith("100 rows cannot see that accuracy is 0.02 worse: ")
    assert "that is 3 of them" in told
    assert "p = 0.12" in told
    assert "from 200 rows on p is 0.031" in told


def test_the_number_of_rows_that_is_named_is_the_first_that_is_enough() -> None:
    criteria = Criteria(metric="accuracy", max_worse=0.02)
    assert not blind(criteria, 200)
    assert blind(criteria, 199)


def test_of_an_error_in_the_labels_unit_nothing_is_said_beforehand() -> None:
    assert not blind(Criteria(metric="mean_absolute_error", max_worse=0.02), 10)


def test_criteria_survive_their_document() -> None:
    criteria = Criteria(metric="f1", max_worse=0.0, at_least=0.5)
    assert criteria_from(criteria_to(criteria)) == criteria
