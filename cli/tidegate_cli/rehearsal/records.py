"""What the traffic client writes down: one short line for each request."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

OK: Final = "ok"
MODEL_ERROR: Final = "ModelError"
UNKNOWN: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One request.

    Attributes:
        at: When it was answered, real epoch seconds.
        milliseconds: How long the answer took.
        outcome: `ok`, `ModelError`, or the name of another error.
        variant: Which variant answered, `-` when no variant did.
        version: Which model version answered, `-` when none did.
        right: Whether the answer was the true label.

    """

    at: float
    milliseconds: float
    outcome: str
    variant: str = UNKNOWN
    version: str = UNKNOWN
    right: bool = False

    def to_line(self) -> str:
        """Return the line, with its line feed."""
        fields = (f"{self.at:.3f}", f"{self.milliseconds:.1f}", self.outcome, self.variant, self.version)
        return "\t".join([*fields, "1" if self.right else "0"]) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Parse a line.

        Raises:
            ValueError: it is not one.

        """
        at, milliseconds, outcome, variant, version, right = line.rstrip("\n").split("\t")
        return cls(
            at=float(at),
            milliseconds=float(milliseconds),
            outcome=outcome,
            variant=variant,
            version=version,
            right=right == "1",
        )


class RecordFile:
    """A file of records that grows; each call of `new` returns what came since the last.

    Args:
        path: The file; need not exist yet.

    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def new(self) -> list[Record]:
        """Return the complete lines since the last call."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as stream:
            stream.seek(self._offset)
            text = stream.read()
        complete = text[: text.rfind(b"\n") + 1]
        self._offset += len(complete)
        return list(parse(complete.decode().splitlines()))


def parse(lines: Iterable[str]) -> Iterator[Record]:
    """Parse lines."""
    return (Record.from_line(line) for line in lines)
