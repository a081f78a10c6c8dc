"""A validation set is refused with its lines, and answers that do not fit it never become a number."""

import json

import pytest

from tidegate_runtime.validation.answers import AnswersInvalid, predictions
from tidegate_runtime.validation.criteria import Criteria
from tidegate_runtime.validation.dataset import DataInvalid, DataSet
from tidegate_runtime.validation.gate import Gate
from tidegate_runtime.validation.metrics import METRICS
from tidegate_runtime.validation.pointer import is_pointer

ACCURACY = METRICS["accuracy"]


def lines(*rows: object, fill: int = 10) -> bytes:
    whole = [*rows, *({"input": [i], "label": i} for i in range(fill))]
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in whole).encode()


def test_labels_never_leave_the_gate() -> None:
    data = DataSet.parse(lines({"input": {"x": "ä"}, "label": 77}), metric=ACCURACY)
    assert data.lines.splitlines()[:2] == ['{"x":"ä"}'.encode(), b"[0]"]
    assert b"77" not in data.lines
    assert len(data.lines.splitlines()) == len(data) == 11


def test_a_text_is_sent_as_it_is() -> None:
    assert DataSet.parse(lines({"input": "1,2", "label": 1}), metric=ACCURACY).lines.startswith(b"1,2\n[0]\n")


def test_the_version_of_the_data_is_the_hash_of_the_file() -> None:
    one, other = lines(), lines({"input": 1, "label": 1})
    assert DataSet.parse(one, metric=ACCURACY).digest == DataSet.parse(one, metric=ACCURACY).digest
    assert DataSet.parse(one, metric=ACCURACY).digest != DataSet.parse(other, metric=ACCURACY).digest


def test_rejects_each_bad_line_by_its_number() -> None:
    content = lines(
        "{",
        {"input": 1},
        {"input": 1, "label": [1]},
        {"input": "a\nb", "label": 1},
        '{"input": NaN, "label": 1}',
    )
    with pytest.raises(DataInvalid) as refused:
        DataSet.parse(content, metric=ACCURACY)
    told = str(refused.value)
    assert "line 2: must be an object of input and label, got input" in told
    assert "line 3: the label must be a text, a number or a boolean, got [1]" in told
    assert "line 4: an input that is a text must be one line" in told
    assert "line 5: NaN is no JSON" in told
    assert "line 1: " in told


def test_rejects_a_set_of_a_few_rows_and_tells_few_of_many_faults() -> None:
    with pytest.raises(DataInvalid, match="must have at least 10 rows, got 3"):
        DataSet.parse(lines(fill=3), metric=ACCURACY)
    with pytest.raises(DataInvalid, match="and 15 more"):
        DataSet.parse(lines(*["{"] * 20), metric=ACCURACY)


def test_rejects_a_label_that_the_metric_cannot_take() -> None:
    with pytest.raises(DataInvalid, match="line 1: the label must be a finite number, got 'a'"):
        DataSet.parse(lines({"input": 1, "label": "a"}), metric=METRICS["mean_absolute_error"])


def test_predictions_are_read_by_their_pointer() -> None:
    content = b'{"predictions": [3]}\n{"predictions": [4, 5]}\n'
    assert predictions(content, rows=2, pointer="/predictions/0") == [3, 4]
    assert predictions(b'"a"\n2', rows=2, pointer="") == ["a", 2]
    assert predictions(b'{"a/b": {"~": 1}}', rows=1, pointer="/a~1b/~0") == [1]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "2 rows were asked and 0 lines came back"),
        (b'{"a": 1}\n', "2 rows were asked and 1 lines came back"),
        (b'{"a": 1}\n' * 3, "2 rows were asked and 3 lines came back"),
        (b'{"a": 1}\n\n', "the answer to row 2 is no JSON"),
        (b'{"a": 1}\nerror\n', "the answer to row 2 is no JSON"),
        (b'{"a": 1}\n{"b": 1}\n', "the answer to row 2 has nothing at /a"),
        (b'1\n{"a": 1}\n', "the answer to row 1 has nothing at /a"),
        (b'{"a": 1}\n\xff\n', "the answer to row 2 is no JSON"),
    ],
)
def test_rejects_answers_that_are_missing_or_broken(content: bytes, told: str) -> None:
    with pytest.raises(AnswersInvalid, match=told):
        predictions(content, rows=2, pointer="/a")


def test_rejects_what_is_no_pointer() -> None:
    assert [is_pointer(text) for text in ("", "/", "/a/0", "/a~1b", "a", "/a~2", "$.a")] == [
        *[True] * 4,
        *[False] * 3,
    ]


def test_a_gate_survives_the_archive() -> None:
    gate = Gate(
        criteria=Criteria(metric="f1", max_worse=0.1),
        prediction="/p",
        instance_type="ml.m5.large",
        model={"EnableNetworkIsolation": True},
    )
    assert Gate.from_json(gate.to_json()) == gate
