"""Filters and the join of answers with their records.

Source: Associate prediction results with input records,
https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from localcloud.sagemaker.transform.failures import ClientFault
from localcloud.sagemaker.transform.json_path import JsonPath
from localcloud.sagemaker.transform.records import split_lines

CSV = "text/csv"
JSON = ("application/json", "application/jsonlines")
_INPUT = "SageMakerInput"
_OUTPUT = "SageMakerOutput"
_WHOLE = "$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """What becomes of the records of a request and of the answer to it.

    Attributes:
        is_csv: whether a record is a row, or else a JSON value.
        by_line: whether JSON comes one value a line, or as one document.
        given: the part of a record that the model gets.
        joined: whether the record stands before the answer.
        kept: the part of the (joined) answer that is written.

    """

    is_csv: bool
    by_line: bool
    given: JsonPath
    joined: bool
    kept: JsonPath

    @property
    def is_idle(self) -> bool:
        """Whether records and answers stay as they are."""
        return not self.joined and self.given.text == self.kept.text == _WHOLE

    def request(self, records: Sequence[bytes]) -> bytes:
        """Return what the model gets.

        Raises:
            ClientFault: a record is malformed, or the filter selects nothing of it.

        """
        body = b"\n".join(records)
        if self.given.text == _WHOLE:
            return body
        return self._encode([self.given.select(value) for value in self._decode(body)])

    def answer(self, records: Sequence[bytes], answer: bytes) -> bytes:
        """Return what is written, each answer with its record where they are joined.

        Raises:
            ClientFault: there are not as many answers as records, or the filter selects nothing of one.

        """
        found = self._decode(answer)
        if self.joined:
            asked = self._decode(b"\n".join(records))
            if len(asked) != len(found):
                raise ClientFault(
                    "Fail to join data: mismatched line count between the input and the output: "
                    f"{len(asked)} and {len(found)}"
                )
            join = _join_rows if self.is_csv else _join_json
            found = [join(*pair) for pair in zip(asked, found, strict=True)]
        return self._encode([self.kept.select(value) for value in found])

    def _decode(self, data: bytes) -> list[Any]:
        try:
            if self.is_csv:
                return [row for row in csv.reader(io.StringIO(data.decode())) if row]
            if not self.by_line:
                return [json.loads(data)]
            return [json.loads(line) for line in split_lines(data) if line.strip()]
        except (ValueError, csv.Error) as error:
            raise ClientFault(f"Fail to join data: {error} in {data[:100]!r}") from error

    def _encode(self, values: Sequence[Any]) -> bytes:
        if self.is_csv:
            text = io.StringIO()
            rows = (value if isinstance(value, list) else [value] for value in values)
            csv.writer(text, lineterminator="\n").writerows(rows)
            return text.getvalue().encode().removesuffix(b"\n")
        compact: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        return "\n".join(map(compact, values)).encode()


def _join_rows(record: list[str], answer: list[str]) -> list[str]:
    return [*record, *answer]


def _join_json(record: Any, answer: Any) -> dict[str, Any]:
    """Add the answer to the record's object; anything but an object becomes a member of a new one."""
    return {**(record if isinstance(record, dict) else {_INPUT: record}), _OUTPUT: answer}
