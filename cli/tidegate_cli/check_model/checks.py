"""One line of the answer: what was looked at, what was found, what is allowed, and who says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

_SHOWN: Final = 3
_UNITS: Final = ((1024**3, "GB"), (1024**2, "MB"), (1024, "kB"))


class Status(StrEnum):
    """How a check ended; one that could not be made is no success."""

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    FAIL = "fail"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check.

    Attributes:
        what: What was looked at.
        status: How it ended.
        found: What was found.
        allowed: What is allowed or expected.
        source: The page that says so; empty for what the user expects.

    """

    what: str
    status: Status
    found: str
    allowed: str = ""
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return {
            "check": self.what,
            "status": self.status.value,
            "found": self.found,
            "allowed": self.allowed,
            "source": self.source,
        }


def passed(checks: Iterable[Check]) -> bool:
    """Return whether nothing failed and nothing was left out."""
    return all(check.status in (Status.PASS, Status.WARN) for check in checks)


def listed(names: Sequence[str]) -> str:
    """Return the first three names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def size_text(count: float) -> str:
    """Return a number of bytes as people write it; 1 MB is 1024 kB, as in SageMaker's limits."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.3g} {name}" if count < 1000 * unit else f"{count / unit:.0f} {name}"
    return f"{count:.0f} bytes"


def time_text(seconds: float) -> str:
    """Return a duration in milliseconds below a second, in seconds above."""
    if seconds < 1:
        return f"{1000 * seconds:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"
