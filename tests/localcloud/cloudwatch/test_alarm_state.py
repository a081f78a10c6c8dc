import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cloudwatch.alarm_state import COMPARISONS, TREATMENTS, Condition, StateValue

KEEP = "keep"
LETTERS = {"X": 1.0, "O": 0.0, "-": None}


def condition(periods: int, datapoints: int, missing: str = "missing") -> Condition:
    return Condition(
        comparison="GreaterThanThreshold",
        threshold=0.5,
        periods=periods,
        datapoints=datapoints,
        missing=missing,
    )


def points(text: str) -> list[float | None]:
    return [LETTERS[letter] for letter in text]


# The two tables of "Configuring how CloudWatch alarms treat missing data", and the texts below them.
AWS_TABLES = [
    (3, "O-X-X", "OK", "OK", "OK", "OK"),
    (3, "O----", "OK", "OK", "OK", "OK"),
    (3, "-----", "INSUFFICIENT_DATA", KEEP, "ALARM", "OK"),
    (3, "OXX-X", "ALARM", "ALARM", "ALARM", "ALARM"),
    (3, "--X--", "ALARM", KEEP, "ALARM", "OK"),
    (3, "----X", KEEP, KEEP, "ALARM", "OK"),
    (3, "---X-", KEEP, KEEP, "ALARM", "OK"),
    (3, "---XO", "OK", "OK", "OK", "OK"),
    (3, "--X-O", "OK", "OK", "OK", "OK"),
    (2, "O-X-X", "ALARM", "ALARM", "ALARM", "ALARM"),
    (2, "OOXOX", "ALARM", "ALARM", "ALARM", "ALARM"),
    (2, "O-X--", "OK", "OK", "ALARM", "OK"),
    (2, "----O", "OK", "OK", "ALARM", "OK"),
    (2, "---X-", "ALARM", KEEP, "ALARM", "OK"),
]


@pytest.mark.parametrize("row", AWS_TABLES, ids=lambda row: f"{row[0]} of 3 {row[1]}")
@pytest.mark.parametrize("current", ["OK", "ALARM", "INSUFFICIENT_DATA"])
def test_states_agree_with_the_tables_of_the_aws_documentation(
    row: tuple[int, str, str, str, str, str], current: StateValue
) -> None:
    datapoints, data, *expected = row
    found = [
        condition(3, datapoints, missing).state(points(data), current)
        for missing in ("missing", "ignore", "breaching", "notBreaching")
    ]
    assert found == [current if each == KEEP else each for each in expected]


letters = st.sampled_from("XO")
shapes = st.integers(1, 6).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n)))


@given(shapes, st.data(), st.sampled_from(TREATMENTS))
def test_with_all_data_an_alarm_is_m_breaching_out_of_the_last_n(
    shape: tuple[int, int], data: st.DataObject, missing: str
) -> None:
    periods, datapoints = shape
    text = data.draw(st.text("XO", min_size=periods + 2, max_size=periods + 2))
    expected = "ALARM" if text[-periods:].count("X") >= datapoints else "OK"
    assert condition(periods, datapoints, missing).state(points(text), "INSUFFICIENT_DATA") == expected


def reference(periods: int, datapoints: int, text: str, fill: str) -> str:
    """Fill as few missing points as possible: the newest real ones count, then fillers up to N."""
    real = [letter for letter in text if letter != "-"][-periods:]
    filled = [*real, *fill * (periods - len(real))]
    return "ALARM" if filled.count("X") >= datapoints else "OK"


def test_every_small_alarm_with_filled_gaps_agrees_with_counting() -> None:
    for periods, extra in itertools.product((1, 2, 3), ("breaching", "notBreaching")):
        for datapoints, text in itertools.product(
            range(1, periods + 1), map("".join, itertools.product("XO-", repeat=periods + 2))
        ):
            expected = reference(periods, datapoints, text, "X" if extra == "breaching" else "O")
            assert condition(periods, datapoints, extra).state(points(text), "OK") == expected, text


@given(shapes, st.text("XO-", min_size=3, max_size=8), st.sampled_from(["OK", "ALARM", "INSUFFICIENT_DATA"]))
def test_missing_data_alone_never_make_an_alarm_unless_they_breach(
    shape: tuple[int, int], text: str, current: StateValue
) -> None:
    without = text.replace("X", "-")
    for missing in ("missing", "notBreaching", "ignore"):
        found = condition(*shape, missing).state(points(without), current)
        assert found != "ALARM" or found == current == "ALARM"


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", [2]),
        ("GreaterThanOrEqualToThreshold", [1, 2]),
        ("LessThanThreshold", [0]),
        ("LessThanOrEqualToThreshold", [0, 1]),
    ],
)
def test_comparison_operators_treat_the_threshold_itself_as_they_say(
    comparison: str, breaching: Sequence[int]
) -> None:
    chosen = Condition(comparison=comparison, threshold=1.0, periods=1, datapoints=1)
    assert [value for value in range(3) if chosen.breaches(value)] == breaching
    assert comparison in COMPARISONS
