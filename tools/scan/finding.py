"""What scanners say, in one form."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing that a scanner found.

    Attributes:
        scanner: Who found it.
        template: The app and the template, or the app alone.
        resource: Logical id or construct path.
        rule: The scanner's name of the rule.
        message: What it says.
        reason: Why it stays; None while nobody has acknowledged it.

    """

    scanner: str
    template: str
    resource: str
    rule: str
    message: str
    reason: str | None = None

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What two reports of the same thing have in common."""
        return self.scanner, self.template, self.resource, self.rule

    def __str__(self) -> str:
        return f"{self.scanner}: {self.template} {self.resource} {self.rule}: {self.message}"


def judge(before: Sequence[Finding], after: Sequence[Finding], reasons: Sequence[Finding]) -> list[Finding]:
    """Tell what is acknowledged, what is not, and which acknowledgements are of no use.

    Args:
        before: What was found when the scanner could see no acknowledgement.
        after: What was found with them.
        reasons: The acknowledgements as they are written down.

    Returns:
        Each finding, with its reason if it is acknowledged and has one; an acknowledgement of something that
        is not found any more is a finding too.

    """
    left = {finding.place for finding in after}
    known = {one.place: one for one in reasons if one.reason}
    acknowledged = {one.place: one for one in before if one.place not in left}
    stale = [one for one in reasons if one.place not in {found.place for found in before}]
    return sorted(
        [
            *after,
            *(known.get(place, found) for place, found in acknowledged.items()),
            *(
                Finding(
                    scanner=one.scanner,
                    template=one.template,
                    resource=one.resource,
                    rule=one.rule,
                    message="acknowledged, and not found any more: take the acknowledgement away",
                )
                for one in stale
            ),
        ],
        key=lambda found: found.place,
    )
