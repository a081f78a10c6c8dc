"""The result as a person reads it: one table, the reasons, and what is left to do."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tools.scan.finding import Finding


def table(templates: Mapping[str, int], findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the lines of the table: scanner, templates, findings, acknowledged, left.

    Args:
        templates: Templates that each scanner read.
        findings: What all of them found.

    """
    head = ("scanner", "templates", "findings", "acknowledged", "left")
    rows: list[tuple[str, ...]] = [head]
    for scanner, number in templates.items():
        found = [one for one in findings if one.scanner == scanner]
        kept = sum(one.reason is not None for one in found)
        rows.append((scanner, *(str(value) for value in (number, len(found), kept, len(found) - kept))))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
        ]
        yield "  ".join(cells)


def reasons(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield each reason once, with its rule and how often it is given."""
    given = Counter(
        (one.scanner, one.rule.partition("[")[0], one.reason) for one in findings if one.reason is not None
    )
    for (scanner, rule, reason), times in sorted(given.items(), key=str):
        yield f"{times:4}  {scanner} {rule}: {reason}"


def left(findings: Sequence[Finding]) -> list[str]:
    """Return a line for each finding that nobody has acknowledged."""
    return [str(one) for one in findings if one.reason is None]
