"""What a rule about numbers, names and words is; the tables of rules are the `_rulebook_*` modules."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what is allowed, why, and who says so.

    Attributes:
        allowed: What is allowed, as the documentation lists it.
        because: Why, as a clause; empty when `allowed` says it all.
        source: The AWS page or the thread that says so.
        bounds: Least and largest allowed value; None when the rule is no range.
        severity: `error` is refused, `warning` can be acknowledged.

    """

    allowed: str
    because: str
    source: str
    bounds: tuple[float, float] | None = None
    severity: str = "error"


def between(field: str, least: float, most: float, because: str, source: str) -> Rule:
    """Return the rule that a field lies in a range, both ends included."""
    return Rule(f"{field} of {least:g} to {most:g}", because, source, bounds=(least, most))
