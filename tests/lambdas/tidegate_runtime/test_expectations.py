"""What is wrong with an answer, and how bad it is."""

import pytest

from tidegate_runtime.expectations import Answer, Complaint, Expectation, Wanted, same_answer


def answer(
    body: bytes = b'{"p": [1]}',
    *,
    status: int = 200,
    content_type: str = "application/json",
    seconds: float = 0.01,
) -> Answer:
    return Answer(status=status, content_type=content_type, body=body, seconds=seconds)


def told(expectation: Expectation, given: Answer, accept: str | None = None) -> list[Complaint]:
    return expectation.complaints(given, accept=accept)


def test_an_answer_that_meets_everything_has_no_complaint() -> None:
    wanted = Expectation(
        content_type="application/json",
        schema={"type": "object", "required": ["p"]},
        values=(Wanted(value={"p": [1]}), Wanted(value={"p": [1.01]}, tolerance=0.1)),
        contains=('"p"',),
        latency_ms=50,
    )
    assert told(wanted, answer(content_type="Application/JSON; charset=utf-8")) == []


@pytest.mark.parametrize(
    ("expectation", "given", "fault"),
    [
        (Expectation(), answer(b"boom", status=500), "status must be 200, is 500: 'boom'"),
        (Expectation(status=415), answer(), "status must be 415, is 200: '{\"p\": [1]}'"),
        (
            Expectation(content_type="text/csv"),
            answer(),
            "content type must be text/csv, is application/json",
        ),
        (Expectation(contains=("q",)), answer(), "the answer must contain 'q'"),
        (Expectation(schema={"type": "array"}), answer(), "$ must be of type array, is object"),
        (Expectation(values=(Wanted(value={"p": [2]}),)), answer(), "$.p[0] must be 2, is 1"),
        (
            Expectation(values=(Wanted(value={"p": [1.2]}, tolerance=0.1),)),
            answer(),
            "$.p[0] must be 1.2 within 0.1, is 1",
        ),
    ],
)
def test_an_answer_that_is_not_as_expected_fails(expectation: Expectation, given: Answer, fault: str) -> None:
    assert told(expectation, given) == [Complaint(fault)]


def test_an_expected_error_is_no_complaint() -> None:
    assert (
        told(Expectation(status=415), answer(b"no", status=415, content_type="text/plain"), "text/csv") == []
    )


def test_a_slow_answer_is_a_warning_with_both_numbers() -> None:
    (complaint,) = told(Expectation(latency_ms=20), answer(seconds=0.025))
    assert complaint == Complaint("should answer within 20 ms, took 25 ms", warning=True)


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_know_is_a_warning(name: str) -> None:
    (complaint,) = told(Expectation(), answer(f"[{name}]".encode()))
    assert complaint == Complaint(f"{name} is no JSON, strict clients refuse it", warning=True)


def test_text_under_the_name_of_json_is_a_warning_and_a_failure_when_a_value_is_expected() -> None:
    assert [one.warning for one in told(Expectation(), answer(b"seven"))] == [True]
    assert [one.warning for one in told(Expectation(schema={}), answer(b"seven"))] == [False]


@pytest.mark.parametrize("accept", [None, "*/*", "application/*", "text/csv, application/json", ""])
def test_the_content_type_that_was_asked_for_is_accepted(accept: str | None) -> None:
    assert told(Expectation(), answer(), accept) == []


def test_another_content_type_than_asked_for_is_a_warning() -> None:
    (complaint,) = told(Expectation(), answer(), "text/csv")
    assert complaint == Complaint("text/csv was asked for, application/json came", warning=True)


def test_json_answers_are_compared_as_values_and_others_as_bytes() -> None:
    assert same_answer(answer(b'{"a": 1, "b": 2}'), answer(b'{"b":2,"a":1}'))
    assert not same_answer(answer(b"[1]"), answer(b"[2]"))
    assert not same_answer(answer(b"1,2", content_type="text/csv"), answer(b"1, 2", content_type="text/csv"))
    assert not same_answer(answer(), answer(status=500))


def test_what_is_expected_is_told_in_a_few_words() -> None:
    wanted = Expectation(values=(Wanted(value=1, tolerance=0.5),), contains=("x",), latency_ms=20)
    assert wanted.told == "status 200, a value within 0.5, contains 'x', within 20 ms"
