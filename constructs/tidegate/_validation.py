"""Collect every fault of a value, then refuse once."""

import re
from typing import Final

from aws_cdk import Token

NAME_PATTERN: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
MAX_NAME_LENGTH: Final = 63
INSTANCE_TYPE_PATTERN: Final = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")


class Faults:
    """Gathers what is wrong with one subject and raises all of it in one `ValueError`.

    Example:
        >>> faults = Faults("variant 'live'")
        >>> faults.require(ok=0 >= 1, message="initial_count must be at least 1, got 0")
        >>> faults.raise_if_any()
        Traceback (most recent call last):
        ...
        ValueError: variant 'live': initial_count must be at least 1, got 0

    """

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._messages: list[str] = []

    def require(self, *, ok: bool, message: str) -> None:
        """Record `message` unless `ok`."""
        if not ok:
            self._messages.append(message)

    def require_name(self, name: str, *, field: str, longest: int = MAX_NAME_LENGTH) -> None:
        """Record a fault unless `name` is a SageMaker resource name (unresolved tokens pass)."""
        if Token.is_unresolved(name):
            return
        self.require(
            ok=NAME_PATTERN.fullmatch(name) is not None,
            message=f"{field} must be letters, digits and inner hyphens, got {name!r}",
        )
        self.require(
            ok=len(name) <= longest,
            message=f"{field} must be at most {longest} characters, got {len(name)}: {name!r}",
        )

    def raise_if_any(self) -> None:
        """Raise.

        Raises:
            ValueError: naming every recorded fault, joined by a semicolon.

        """
        if self._messages:
            raise ValueError(f"{self._subject}: {'; '.join(self._messages)}")
