"""Write docs/compatibility.md from the compatibility table (`python tools/compatibility_page.py`)."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "compatibility.md"
sys.path[:0] = [str(ROOT / "constructs")]

from tidegate.compatibility import COMBINATIONS, LIMITS, TABLE, Cell, Mode, Verdict  # noqa: E402
from tidegate.compatibility_numbers import AREAS  # noqa: E402

SIGNS: Final = {
    Verdict.ALLOWED: "yes",
    Verdict.CONDITIONAL: "if",
    Verdict.FALLS_BACK: "**silently not**",
    Verdict.REFUSED: "no",
}
INTRODUCTION: Final = """\
# Compatibility

<!-- Written by tools/compatibility_page.py from constructs/tidegate/compatibility_rules.py: change that. -->

What each kind of inference allows. The same table refuses at synth, is asked by `tidegate advise`, and has
one test a cell. A rule's id is `kind/feature`, for example `serverless/vpc`; it stands at the end of each
refusal, with the page that says so. Every rule that a construct can break is on this page. Only a mistake of
the program itself, such as a variant that the endpoint does not have, is refused without a rule.

- **yes**: allowed. **if**: allowed under a condition, told as a note.
- **silently not**: SageMaker takes it and ignores or downgrades it. Tidegate refuses it.
- **no**: SageMaker refuses it, or it has no meaning there. Tidegate refuses it.

AWS's pages disagree in places. The API model in botocore goes first, then the page about the feature itself,
then AWS's feature matrix.
"""


def page() -> str:
    """Return the whole page."""
    parts = (INTRODUCTION, _overview(), _limits(), _combinations(), _numbers(), _reasons())
    return "\n".join(parts).rstrip() + "\n"


def _overview() -> str:
    rows = [(feature.value, *(SIGNS[row[mode].verdict] for mode in Mode)) for feature, row in TABLE.items()]
    return "## Overview\n\n" + _table(("", *(mode.value for mode in Mode)), rows)


def _limits() -> str:
    rows = [
        (
            mode.value,
            f"{limits.payload_mb:g} MB",
            f"{limits.processing_seconds} s",
            _link(limits.payload_source),
        )
        for mode, limits in LIMITS.items()
    ]
    head = ("kind", "largest payload", "longest processing of a request", "source")
    return "## Limits of one request\n\n" + _table(head, rows)


def _combinations() -> str:
    rows = [
        (f"`{one.value}+{other.value}`", SIGNS[cell.verdict], cell.reason, _link(cell.source))
        for (one, other), cell in COMBINATIONS.items()
    ]
    return "## Features that do not go together\n\n" + _table(("rule", "", "why", "source"), rows)


def _numbers() -> str:
    head = ("rule", "severity", "allowed", "why", "source")
    parts = (
        f"### {area}\n\n"
        + _table(
            head,
            [
                (f"`{rule}`", one.severity, one.allowed, one.because, _link(one.source))
                for rule, one in rules.items()
            ],
        )
        for area, rules in AREAS.items()
    )
    return "## Rules about numbers and names\n\n" + "\n".join(parts)


def _reasons() -> str:
    return "## Reasons\n\n" + "\n".join(
        f"### {feature.value}\n\n{_table(('kind', '', 'why', 'source'), _cells(row.items()))}"
        for feature, row in TABLE.items()
    )


def _cells(cells: Iterable[tuple[Mode, Cell]]) -> Iterator[tuple[str, ...]]:
    for mode, cell in cells:
        yield mode.value, SIGNS[cell.verdict], cell.reason, _link(cell.source)


def _link(source: str) -> str:
    name = source.rsplit("/", maxsplit=1)[-1].removesuffix(".html")
    if "github.com" in source:
        owner, repository, _, number = source.split("/")[3:]
        name = f"{owner}/{repository}#{number}"
    return f"[{name}]({source})"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(head)
    lines = [heads, ["---"] * len(heads), *(list(row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
