"""Rules over values of which some are not known."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stacks.unknown import Unknown, each, first, itself, rule, unknown


@rule
def too_large(values: list[int]) -> Iterator[str]:
    for value in values:
        if value > 9:
            yield f"{value} is too large"


def test_a_rule_tells_what_it_has_found_and_ends_where_it_asks_for_what_is_not_known() -> None:
    assert list(too_large([10, unknown(), 11])) == ["10 is too large"]


def test_each_leaves_out_what_is_not_known_and_keeps_the_numbers() -> None:
    assert list(each(["a", unknown(), "c"], itself)) == [(0, "a"), (2, "c")]
    assert list(each(["a", unknown(), "c"], lambda text: text + "!")) == [(0, "a!"), (2, "c!")]


def test_the_first_one_is_found_behind_one_that_is_not_known() -> None:
    assert first([unknown(), 2, 3], lambda value: value > 1) == 2
    assert first([1], lambda value: value > 1) is None


def test_that_there_is_none_is_not_said_when_one_is_not_known() -> None:
    with pytest.raises(Unknown):
        first([1, unknown()], lambda value: value > 1)


@pytest.mark.parametrize(
    "ask",
    [bool, len, hash, str, repr, float, int, list, lambda it: it == 1, lambda it: it < 1, lambda it: it["a"]],
)
def test_nothing_can_be_asked_of_what_is_not_known(ask: Callable[[Any], object]) -> None:
    with pytest.raises(Unknown):
        ask(unknown())


def test_what_is_not_known_is_in_no_text_and_no_mapping() -> None:
    with pytest.raises(Unknown):
        f"{unknown()}"
    with pytest.raises(Unknown):
        _ = unknown() in {"a": 1}
    with pytest.raises(Unknown):
        _ = unknown().name
