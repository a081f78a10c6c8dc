"""The metrics are those of scikit-learn, and refuse what is none of their kind."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from tidegate_runtime.validation.metrics import METRICS, Unusable

DIGITS = st.integers(0, 4)
NUMBERS = st.floats(-1e6, 1e6)
PAIRS_OF_CLASSES = st.lists(st.tuples(DIGITS, DIGITS), min_size=1, max_size=60)
PAIRS_OF_NUMBERS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=60)


def value(name: str, labels: Any, predictions: Any) -> float:
    metric = METRICS[name]
    return metric.value(metric.rows(labels, predictions))


@given(PAIRS_OF_CLASSES)
def test_accuracy_and_f1_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    labels, predictions = zip(*pairs, strict=True)
    assert value("accuracy", labels, predictions) == pytest.approx(
        reference.accuracy_score(labels, predictions)
    )
    wanted = reference.f1_score(labels, predictions, average="macro", zero_division=0)
    assert value("f1", labels, predictions) == pytest.approx(wanted)


@given(PAIRS_OF_NUMBERS)
def test_the_errors_are_those_of_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    labels, predictions = zip(*pairs, strict=True)
    assert value("mean_absolute_error", labels, predictions) == pytest.approx(
        reference.mean_absolute_error(labels, predictions)
    )
    assert value("root_mean_squared_error", labels, predictions) == pytest.approx(
        reference.root_mean_squared_error(labels, predictions)
    )


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0.001, 0.999)), min_size=1, max_size=60))
def test_log_loss_is_that_of_scikit_learn_in_each_of_its_three_forms(pairs: list[tuple[int, float]]) -> None:
    labels, chances = zip(*pairs, strict=True)
    wanted = pytest.approx(reference.log_loss(labels, chances, labels=[0, 1]))
    assert value("log_loss", labels, chances) == wanted
    assert value("log_loss", labels, [[1 - chance, chance] for chance in chances]) == wanted
    assert value("log_loss", labels, [{"0": 1 - chance, "1": chance} for chance in chances]) == wanted


def test_log_loss_takes_the_names_of_classes() -> None:
    assert value("log_loss", ["cat"], [{"cat": 0.25, "dog": 0.75}]) == pytest.approx(math.log(4))


def test_a_probability_of_zero_is_bad_and_not_infinitely_so() -> None:
    assert value("log_loss", [1, 1], [0.0, 1.0]) == pytest.approx(-math.log(1e-15) / 2, rel=1e-6)


def test_one_is_one_however_it_is_written_and_neither_true_nor_a_text() -> None:
    assert value("accuracy", [1, 1, 1], [1.0, True, "1"]) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("name", "label", "prediction", "told"),
    [
        ("accuracy", 1, None, "the prediction must be a text, a number or a boolean, got None"),
        ("accuracy", 1, [1], "got [1]"),
        ("accuracy", {"a": 1}, 1, "the label must be"),
        ("f1", "a", math.nan, "got nan"),
        ("mean_absolute_error", 1, "1", "the prediction must be a finite number, got '1'"),
        ("mean_absolute_error", True, 1, "the label must be a finite number, got True"),
        ("root_mean_squared_error", 1, math.inf, "finite"),
        ("log_loss", "cat", {"dog": 1.0}, "probability of the label 'cat' must be a finite number, got None"),
        ("log_loss", 3, [0.5, 0.5], "with a list of 2 probabilities the label must be an index, got 3"),
        ("log_loss", 2, 0.5, "with one probability the label must be 0 or 1, got 2"),
        ("log_loss", 1, 1.5, "a probability must be 0 to 1, got 1.5"),
    ],
)
def test_rejects_what_is_no_label_or_prediction_of_the_metric_and_names_the_row(
    name: str, label: Any, prediction: Any, told: str
) -> None:
    good: tuple[Any, Any] = {"log_loss": (1, 0.5)}.get(name, (1, 1))
    with pytest.raises(Unusable) as refused:
        METRICS[name].rows([good[0], label], [good[1], prediction])
    assert str(refused.value).startswith("row 2: ")
    assert told in str(refused.value)
