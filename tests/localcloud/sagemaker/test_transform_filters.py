"""The JSONPath of filters, records and requests."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.errors import AwsError
from localcloud.sagemaker.transform.association import Association
from localcloud.sagemaker.transform.failures import ClientFault
from localcloud.sagemaker.transform.json_path import JsonPath
from localcloud.sagemaker.transform.records import assembled, batches, split_lines
from tidegate._transform_rules import FILTER

RECORD = {"id": 1, "features": [10, 20, 30], "who": {"name": "a", "age": 7}}
ROW = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("$", RECORD, RECORD),
        ("$.id", RECORD, 1),
        ("$.who.name", RECORD, "a"),
        ("$['id']", RECORD, 1),
        ("$['id','features']", RECORD, {"id": 1, "features": [10, 20, 30]}),
        ("$.who.['name','age']", RECORD, {"name": "a", "age": 7}),
        ("$.features[1]", RECORD, 20),
        ("$.who.*", RECORD, ["a", 7]),
        ("$[1:]", ROW, ["b", "c", "d"]),
        ("$[:2]", ROW, ["a", "b"]),
        ("$[1:3]", ROW, ["b", "c"]),
        ("$[0,-1]", ROW, ["a", "d"]),
        ("$[0,2:]", ROW, ["a", "c", "d"]),
        ("$[-1]", ROW, "d"),
        ("$[*]", ROW, ROW),
        ("$[*].id", [{"id": 1}, {"id": 2}], [1, 2]),
    ],
)
def test_a_path_selects_what_aws_documents(path: str, value: Any, expected: Any) -> None:
    assert FILTER.fullmatch(path)
    assert JsonPath.parse(path).select(value) == expected


@pytest.mark.parametrize(
    "path",
    ["id", "", "$..id", "$[?(@.id)]", "$[1:3:2]", "$['a','b'].c", "$.", "$[]", "$.length()", "$[a]", "$ .id"],
)
def test_rejects_operators_that_batch_transform_does_not_have(path: str) -> None:
    assert not FILTER.fullmatch(path)
    with pytest.raises(AwsError, match="Invalid JSONPath"):
        JsonPath.parse(path)


@pytest.mark.parametrize(
    ("path", "value"),
    [("$.none", RECORD), ("$[4]", ROW), ("$[0,-5]", ROW), ("$.id.x", RECORD), ("$[0]", RECORD)],
)
def test_a_part_that_is_not_there_is_an_error(path: str, value: Any) -> None:
    with pytest.raises(ClientFault, match="selects nothing"):
        JsonPath.parse(path).select(value)


def test_a_value_that_is_no_object_becomes_a_member_of_one() -> None:
    whole = JsonPath.parse("$")
    association = Association(is_csv=False, by_line=False, given=whole, joined=True, kept=whole)
    assert association.answer([b"[1,2]"], b"0.5") == b'{"SageMakerInput":[1,2],"SageMakerOutput":0.5}'


@given(st.lists(st.binary(max_size=400_000).filter(lambda line: b"\n" not in line), max_size=12))
def test_requests_hold_all_records_in_order_and_stay_below_the_limit(lines: list[bytes]) -> None:
    found = batches(lines, several=True, most_mb=1)
    assert [line for batch in found for line in batch] == lines
    assert all(len(b"\n".join(batch)) <= 1024 * 1024 for batch in found)


@pytest.mark.parametrize(
    ("data", "lines"),
    [(b"a\nb\n", [b"a", b"b"]), (b"a\nb", [b"a", b"b"]), (b"a\r\nb\r\n", [b"a", b"b"]), (b"", [])],
)
def test_a_record_is_a_line_without_its_end(data: bytes, lines: list[bytes]) -> None:
    assert split_lines(data) == lines


def test_answers_are_concatenated_or_end_a_line_each() -> None:
    assert assembled([b"1", b"2\n", b"3"], by_line=False) == b"12\n3"
    assert assembled([b"1", b"2\n", b"3"], by_line=True) == b"1\n2\n3\n"
