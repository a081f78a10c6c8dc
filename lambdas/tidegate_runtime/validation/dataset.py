"""A labelled validation set: one JSON object a line, `{"input": ..., "label": ...}`."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

from tidegate_runtime.validation.metrics import Metric, Unusable
from tidegate_runtime.validation.paired import FEWEST_ROWS

MOST_BYTES: Final = 20 * 1024 * 1024
"""The set lies in the archive of one function."""

MOST_ROWS: Final = 50_000
"""The function judges them in one call, with as little as a third of a processor."""

_KEYS: Final = ("input", "label")
_MOST_FAULTS: Final = 5


class DataInvalid(Exception):
    """A validation set that cannot be used.

    Args:
        faults: Line numbers, 0 for the whole, with a sentence each.

    """

    def __init__(self, faults: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"line {line}: {text}" if line else text for line, text in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class DataSet:
    """The rows of a validation set.

    Attributes:
        inputs: What is sent to the model: a text as it is, anything else as JSON.
        labels: What is right.
        digest: SHA-256 of the file: the version of the data.

    """

    inputs: tuple[Any, ...]
    labels: tuple[Any, ...]
    digest: str

    @classmethod
    def parse(cls, content: bytes, *, metric: Metric) -> Self:
        """Read a file.

        Raises:
            DataInvalid: naming every fault with its line, the first five of them.

        """
        faults: list[tuple[int, str]] = []
        rows: list[dict[str, Any]] = []
        for number, line in enumerate(content.splitlines(), start=1):
            try:
                rows.append(_row(line, metric))
            except (ValueError, Unusable) as error:
                faults.append((number, str(error)))
        faults = [*_whole(content, len(rows) + len(faults)), *faults]
        if faults:
            more = [(0, f"and {len(faults) - _MOST_FAULTS} more")] if len(faults) > _MOST_FAULTS else []
            raise DataInvalid([*faults[:_MOST_FAULTS], *more])
        return cls(
            inputs=tuple(row["input"] for row in rows),
            labels=tuple(row["label"] for row in rows),
            digest=hashlib.sha256(content).hexdigest(),
        )

    @property
    def version(self) -> str:
        """The beginning of the digest, for people."""
        return self.digest[:12]

    @cached_property
    def lines(self) -> bytes:
        """What the model is asked, a request a line: labels never leave the gate."""
        return b"".join(b"%s\n" % body(value) for value in self.inputs)

    def __len__(self) -> int:
        return len(self.labels)


def body(value: Any) -> bytes:
    """Return an input as it is sent."""
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _row(line: bytes, metric: Metric) -> dict[str, Any]:
    row = json.loads(line, parse_constant=_refuse)
    if not isinstance(row, dict) or sorted(row) != list(_KEYS):
        found = ", ".join(row) if isinstance(row, dict) else type(row).__name__
        raise ValueError(f"must be an object of input and label, got {found}")
    if isinstance(row["input"], str) and ("\n" in row["input"] or not row["input"]):
        raise ValueError("an input that is a text must be one line, and not empty")
    metric.check(row["label"])
    return row


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _whole(content: bytes, rows: int) -> Iterator[tuple[int, str]]:
    if rows < FEWEST_ROWS:
        yield 0, f"must have at least {FEWEST_ROWS} rows, got {rows}"
    if rows > MOST_ROWS:
        yield 0, f"must have at most {MOST_ROWS:,} rows, got {rows:,}"
    if len(content) > MOST_BYTES:
        yield 0, f"must be at most {MOST_BYTES // 1024**2} MB, got {len(content) / 1024**2:.1f} MB"
