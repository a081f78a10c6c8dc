"""What is wrong inside of a value, found by a validator that sees all of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic_core import PydanticCustomError

from stacks.unknown import known

FINDINGS: Final = "findings"
SAME: Final = object()
"""Marks "what was found is the value at this place"."""
NOTHING: Final = object()
"""Marks "there is nothing to show": something is missing, or does not belong together."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault at a place below the validated value.

    Attributes:
        at: Keys and indices from the validated value to the faulty one.
        message: What is allowed there.
        got: What was found; the value at that place by default, and not a word with `NOTHING`.

    """

    at: tuple[str | int, ...]
    message: str
    got: Any = SAME


def whole(message: str) -> Finding:
    """Return a fault of the whole value: what it must have or be."""
    return Finding(at=(), message=message, got=NOTHING)


def refuse(value: T, *rules: Iterable[Finding]) -> T:
    """Return `value` if no rule finds anything.

    Raises:
        PydanticCustomError: carrying all findings, so that each is reported at its own line.

    """
    if findings := [finding for rule in rules for finding in known(rule)]:
        raise PydanticCustomError(FINDINGS, "is refused", {FINDINGS: findings})
    return value
