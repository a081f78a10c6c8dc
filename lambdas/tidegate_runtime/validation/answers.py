"""Predictions read out of what models have answered. What is missing or broken is never a zero."""

import json
from typing import Any

from tidegate_runtime.validation.pointer import NotThere, at


class AnswersInvalid(Exception):
    """The answers are not one usable prediction for each row."""


def predictions(content: bytes, *, rows: int, pointer: str) -> list[Any]:
    """Return the prediction of each row, in the order of the input.

    SageMaker lists the predictions in the order of the records of a file
    (https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html).

    Args:
        content: Object that the job has written, a line for each row.
        rows: How many rows were asked.
        pointer: Where the prediction lies in an answer, as a JSON pointer.

    Raises:
        AnswersInvalid: there are more or fewer lines, or one that is no JSON or has no prediction there.

    """
    lines = content.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    if len(lines) != rows:
        raise AnswersInvalid(
            f"{rows:,} rows were asked and {len(lines):,} lines came back: each answer must be one line"
        )
    return [prediction(line, number=number, pointer=pointer) for number, line in enumerate(lines, start=1)]


def prediction(answer: bytes, *, number: int, pointer: str) -> Any:
    """Return the prediction in one answer.

    Args:
        answer: What the model has said.
        number: Number of the row, from 1.
        pointer: Where the prediction lies, as a JSON pointer.

    Raises:
        AnswersInvalid: the answer is no JSON, or has no prediction there.

    """
    try:
        return at(json.loads(answer), pointer)
    except NotThere as error:
        problem = f"has {error}"
    except ValueError as error:
        problem = f"is no JSON: {error}"
    shown = answer[:100].decode(errors="replace")
    raise AnswersInvalid(f"the answer to row {number} {problem}: {shown!r}")
