"""Collect every fault of a value, then refuse once."""

import re
from collections.abc import Iterable
from typing import Final

from aws_cdk import Token

from tidegate._compatibility_values import Finding, Severity
from tidegate._rulebook_hosting import LONGEST_NAME
from tidegate._runtime import runtime_module
from tidegate.compatibility_numbers import RULES, refusal

NAME_PATTERN: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
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

    def rule(self, rule: str, *, ok: bool, message: str) -> None:
        """Record `message` with the rule's reason and source unless `ok`.

        Raises:
            LookupError: the rule book has no such rule.

        """
        # Looked up also when all is well, so that no rule is unknown only when it is broken.
        self.require(ok=ok, message=refusal(rule, message))

    def add(self, findings: Iterable[Finding]) -> None:
        """Record the errors among the findings of the compatibility table."""
        for finding in findings:
            self.require(ok=finding.severity is not Severity.ERROR, message=str(finding))

    def within(self, rule: str, **fields: float | None) -> None:
        """Record each field that lies outside of the rule's bounds; None is SageMaker's own choice.

        Raises:
            LookupError: the rule book has no such rule, or the rule has no bounds.

        """
        bounds = RULES[rule].bounds
        if bounds is None:
            raise LookupError(f"rule {rule!r} has no bounds")
        least, most = bounds
        for field, value in fields.items():
            self.rule(
                rule,
                ok=value is None or Token.is_unresolved(value) or least <= value <= most,
                message=f"{field} must be {least:g} to {most:g}, got {value}",
            )

    def require_name(self, name: str, *, field: str, longest: int = LONGEST_NAME) -> None:
        """Record a fault unless `name` is a SageMaker resource name (unresolved tokens pass)."""
        if Token.is_unresolved(name):
            return
        self.rule(
            "name-characters",
            ok=NAME_PATTERN.fullmatch(name) is not None,
            message=f"{field} must be letters, digits and inner hyphens, got {name!r}",
        )
        self.rule(
            "name-length",
            ok=len(name) <= longest,
            message=f"{field} must be at most {longest} characters, got {len(name)}: {name!r}",
        )

    def require_endpoint_name(self, name: str, *, longest: int = LONGEST_NAME) -> None:
        """Record a fault unless `name` is one of an endpoint that stays, not of a gate's."""
        self.require_name(name, field="endpoint_name", longest=longest)
        self.require(
            ok=Token.is_unresolved(name) or not runtime_module("naming").is_of_a_validation(name),
            message=f"endpoint_name must not end as a validation gate's, which is deleted, got {name!r}",
        )

    def raise_if_any(self) -> None:
        """Raise.

        Raises:
            ValueError: naming every recorded fault, joined by a semicolon.

        """
        if self._messages:
            raise ValueError(f"{self._subject}: {'; '.join(self._messages)}")
