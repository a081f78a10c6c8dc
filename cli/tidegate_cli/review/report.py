"""A review as Markdown: for a comment on a pull request, for a file, and for the terminal."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from tidegate_cli.review.differences import ADD, MODIFY, REMOVE, Change, Difference
from tidegate_cli.review.review import NEW, UNCHANGED, StackReview

MARKER: Final = "<!-- tidegate review -->"
_SIGNS: Final = {ADD: "+", REMOVE: "-", MODIFY: "~"}
_LONGEST_VALUE: Final = 120
_MOST_DIFFERENCES: Final = 12


def verdict_line(stacks: Sequence[StackReview]) -> str:
    """Return the outcome in one line."""
    refused = sum(not refusal.allowed for stack in stacks for refusal in stack.refusals)
    changed = sum(stack.status not in (NEW, UNCHANGED) for stack in stacks)
    new = sum(stack.status == NEW for stack in stacks)
    seen = f"{len(stacks)} stacks: {changed} changed, {new} new, {len(stacks) - changed - new} unchanged"
    if refused:
        what = "a resource" if refused == 1 else f"{refused} resources"
        return f"Refused: {what} with state would be lost. {seen}."
    return f"Nothing with state would be lost. {seen}."


def markdown(stacks: Sequence[StackReview], *, longest: int | None = None) -> str:
    """Return the review as Markdown.

    Args:
        stacks: The review.
        longest: Characters at most; a longer one leaves out the changes of the last stacks.

    """
    head = "\n".join(_head(stacks))
    bodies = ["\n".join(_stack(stack)) for stack in stacks if stack.status != UNCHANGED]
    text = "\n".join([head, *bodies])
    while longest is not None and len(text) > longest and bodies:
        bodies.pop()
        text = "\n".join([head, *bodies, "\nThe rest is too long for a comment: see the log of the build.\n"])
    return text if longest is None else text[:longest]


def _head(stacks: Sequence[StackReview]) -> Iterator[str]:
    yield MARKER
    yield f"### tidegate review\n\n{verdict_line(stacks)}\n"
    for stack in stacks:
        for refusal in stack.refusals:
            yield f"- {'allowed' if refusal.allowed else '**refused**'}: {refusal.sentence()}"
    for stack in stacks:
        yield from (f"- {stack.name}: {note}" for note in stack.notes)


def _stack(stack: StackReview) -> Iterator[str]:
    where = f" ({stack.place})" if stack.place else ""
    summary = f"{stack.name}{where}: {stack.status}, {len(stack.changes)} elements"
    yield f"\n<details><summary>{summary}</summary>\n\n```diff"
    for change in stack.changes:
        yield from _change(change, new=stack.status == NEW)
    yield "```\n\n</details>"


def _change(change: Change, *, new: bool) -> Iterator[str]:
    kind = f" {change.kind}" if change.kind else ""
    yield f"{_SIGNS[change.action]} {change.section}{kind} {change.logical_id}"
    if new:
        return
    for difference in change.differences[:_MOST_DIFFERENCES]:
        yield from _difference(difference)
    more = len(change.differences) - _MOST_DIFFERENCES
    if more > 0:
        yield f"    and {more} more places"


def _difference(difference: Difference) -> Iterator[str]:
    yield f"    {difference.path or 'the whole'}"
    if difference.before is not None:
        yield f"-     {_value(difference.before)}"
    if difference.after is not None:
        yield f"+     {_value(difference.after)}"


def _value(value: Any) -> str:
    text = (value if isinstance(value, str) else json.dumps(value)).replace("`", "'").replace("\n", " ")
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."
