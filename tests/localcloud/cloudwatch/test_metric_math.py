import pytest

from localcloud.cloudwatch.math_functions import Scope, evaluate, refuse_absent
from localcloud.cloudwatch.math_syntax import parse
from localcloud.cloudwatch.math_values import Array, TimeSeries, Value
from localcloud.errors import AwsError, NotEmulated

GRID = (0, 60, 120, 180)
M1 = {0: 30.0, 60: 20.0, 120: 0.0, 180: 0.0}
M2 = {0: 20.0, 120: 20.0}


def result(expression: str) -> Value:
    values: dict[str, Value] = {"m1": TimeSeries(points=M1), "m2": TimeSeries(points=M2)}
    node = parse(expression)
    refuse_absent(node)
    return evaluate(node, Scope(grid=GRID, period=60, values=values, metrics=["m1", "m2"]))


def points(expression: str) -> list[float | None]:
    found = result(expression)
    assert isinstance(found, TimeSeries)
    return [found.points.get(at) for at in GRID]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # The three examples of "Comparison and logical operators" in the AWS documentation.
        ("m1 < m2", [0, 0, 1, 0]),
        ("m1 >= 30", [1, 0, 0, 0]),
        ("(m1 > 15 AND m2 > 15)", [1, 0, 0, 0]),
        ("m1 > 25 OR m2 > 15", [1, 0, 1, 0]),
        ("m1 > 25 || m2 > 15 && m1 == 0", [1, 0, 1, 0]),
        ("m1 + m2", [50, 20, 20, 0]),
        ("m2 - 1", [19, None, 19, None]),
        ("m2 / m1", [20 / 30, 0, None, None]),
        ("m1 / m2", [1.5, None, 0, None]),
        ("2 + 3 * m1", [92, 62, 2, 2]),
        ("(2 + 3) * m1", [150, 100, 0, 0]),
        ("-m1 ^ 2", [-900, -400, 0, 0]),
        ("IF(m1 > 0, m2 / m1, 0)", [20 / 30, 0, 0, 0]),
        ("IF(m1 > 0, m1)", [30, 20, None, None]),
        ("IF(m2, m2, 7)", [20, None, 20, None]),
        ("FILL(m2, 0)", [20, 0, 20, 0]),
        ("FILL(m2, REPEAT)", [20, 20, 20, 20]),
        ("SUM([m1, m2])", [50, 20, 20, 0]),
        ("SUM(METRICS())", [50, 20, 20, 0]),
        ('SUM(METRICS("2"))', [20, None, 20, None]),
        ("MAX([m1, m2])", [30, 20, 20, 0]),
        ("MIN([m1, m2])", [20, 20, 0, 0]),
        ("AVG([m1, m2])", [25, 10, 10, 0]),
        ("m1 - MIN(m1)", [30, 20, 0, 0]),
        ("m1 / PERIOD(m1)", [0.5, 20 / 60, 0, 0]),
        ("TIME_SERIES(SUM(m2))", [40, 40, 40, 40]),
        ("ABS(m2 - 25.5) + CEIL(m2 / 3) + FLOOR(m2 / 3)", [18.5, None, 18.5, None]),
    ],
)
def test_expressions_have_the_documented_values(expression: str, expected: list[float | None]) -> None:
    assert points(expression) == pytest.approx(expected)


def test_an_operator_on_an_array_returns_an_array() -> None:
    found = result("METRICS() * 10")
    assert isinstance(found, Array)
    assert [series.points[0] for series in found.series] == [300, 200]


def test_a_function_of_one_series_returns_a_scalar() -> None:
    assert result("AVG(m1)") == 12.5


@pytest.mark.parametrize(
    "expression",
    [
        "m3",
        "m1 +",
        "(m1",
        "m1 m2",
        "SUM(m1, m2)",
        "FOO(m1)",
        "IF(m1)",
        "m1 & m2",
        "1 / 0",
        "FILL(m1)",
        "[1]",
        '"m1"',
    ],
)
def test_rejects_expressions_that_are_wrong(expression: str) -> None:
    with pytest.raises(AwsError) as caught:
        result(expression)
    assert caught.value.code == "ValidationError"


@pytest.mark.parametrize(
    "expression", ["ANOMALY_DETECTION_BAND(m1)", "SEARCH('x', 'Sum')", "FILL(m1, LINEAR)", "RATE(m1)"]
)
def test_rejects_functions_that_are_not_emulated(expression: str) -> None:
    with pytest.raises(NotEmulated):
        result(expression)
