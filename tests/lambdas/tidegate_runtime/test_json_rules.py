"""Schemas and comparisons of JSON values."""

from typing import Any

import pytest

from tidegate_runtime.json_rules import against_schema, against_value, bad_schema, equal, few

PREDICTIONS = {
    "type": "object",
    "required": ["predictions"],
    "properties": {
        "predictions": {
            "type": "array",
            "min_items": 1,
            "max_items": 3,
            "items": {"type": "integer", "minimum": 0, "maximum": 9},
        },
        "model": {"enum": ["a", "b"]},
    },
}


def test_a_value_of_the_right_shape_has_no_fault() -> None:
    assert list(against_schema({"predictions": [0, 9, 4.0], "model": "b", "more": 1}, PREDICTIONS)) == []


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ([1], "$ must be of type object, is array"),
        ({}, "$.predictions is missing"),
        ({"predictions": []}, "the number of items of $.predictions must be at least 1, is 0"),
        ({"predictions": [1, 2, 3, 4]}, "the number of items of $.predictions must be at most 3, is 4"),
        ({"predictions": [1.5]}, "$.predictions[0] must be of type integer, is number"),
        ({"predictions": [True]}, "$.predictions[0] must be of type integer, is boolean"),
        ({"predictions": [-1]}, "$.predictions[0] must be at least 0, is -1"),
        ({"predictions": [1, 10]}, "$.predictions[1] must be at most 9, is 10"),
        ({"predictions": [1], "model": "c"}, "$.model must be one of ['a', 'b'], is 'c'"),
    ],
)
def test_a_wrong_shape_is_told_with_its_place(value: Any, fault: str) -> None:
    assert list(against_schema(value, PREDICTIONS)) == [fault]


def test_not_a_number_is_outside_of_any_bounds() -> None:
    assert list(against_schema(float("nan"), {"minimum": 0, "maximum": 1})) == [
        "$ must be at least 0, is nan",
        "$ must be at most 1, is nan",
    ]


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ([], "schema must be a mapping, got array"),
        ({"typ": "object"}, "schema.typ is not known"),
        ({"type": "float"}, "schema.type must be one of array, boolean"),
        ({"minimum": "0"}, "schema.minimum must be a number, got string"),
        ({"required": "a"}, "schema.required must be a list, got string"),
        ({"properties": ["a"]}, "schema.properties must be a mapping, got array"),
        ({"properties": {"a": 1}}, "schema.properties.a must be a mapping, got integer"),
        ({"items": {"maximum": True}}, "schema.items.maximum must be a number, got boolean"),
    ],
)
def test_rejects_a_schema_that_says_nothing(schema: Any, fault: str) -> None:
    (found,) = bad_schema(schema)
    assert found.startswith(fault)


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), ([1, {"a": None}], [1.0, {"a": None}]), ("a", "a")])
def test_values_that_mean_the_same_are_equal(one: Any, other: Any) -> None:
    assert equal(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (0, None), ([1], [1, 2]), ({"a": 1}, {"b": 1}), ("1", 1), ([], {}), (1, 1.1)],
)
def test_values_that_differ_are_not_equal(one: Any, other: Any) -> None:
    assert not equal(one, other)


def test_numbers_may_be_off_by_the_tolerance_and_no_more() -> None:
    wanted = {"scores": [0.5, 100.0, 0.0]}
    assert list(against_value({"scores": [0.5004, 100.09, 0.0009]}, wanted, tolerance=1e-3)) == []
    assert list(against_value({"scores": [0.5, 100.2, 0.0]}, wanted, tolerance=1e-3)) == [
        "$.scores[1] must be 100.0 within 0.001, is 100.2"
    ]


def test_a_long_list_of_faults_is_cut() -> None:
    assert few(iter(["a"] * 7)) == ["a"] * 5 + ["and 2 more"]
    assert few(iter(["a"] * 5)) == ["a"] * 5
