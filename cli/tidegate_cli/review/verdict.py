"""What must not be merged: a resource with state that would be replaced, or deleted without being kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from tidegate_cli.review.change_sets import Replacement
from tidegate_cli.review.differences import MODIFY, REMOVE, Change
from tidegate_cli.review.stateful import STATEFUL

_RESOURCES = "Resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A change that fails the review.

    Attributes:
        stack: Name of the stack.
        logical_id: The resource.
        kind: Its type.
        what: `would be replaced`, `may be replaced` or `would be deleted`.
        because: Properties that cause it; empty for a deletion.
        loses: What it holds.
        allowed: Whether the caller has allowed it.

    """

    stack: str
    logical_id: str
    kind: str
    what: str
    because: tuple[str, ...]
    loses: str
    allowed: bool = False

    @property
    def place(self) -> str:
        """Name of the change, as `--allow` takes it."""
        return f"{self.stack}/{self.logical_id}"

    def sentence(self) -> str:
        """Return it as one sentence without a full stop."""
        cause = f" by a change of {', '.join(self.because)}" if self.because else ""
        return f"{self.place} ({self.kind}) {self.what}{cause}: it holds {self.loses}"

    def to_json(self) -> dict[str, Any]:
        """Return JSON-like values."""
        return asdict(self)


def refusals(
    stack: str,
    changes: Sequence[Change],
    *,
    replaced: Mapping[str, Replacement] | None,
    allowed: frozenset[str] = frozenset(),
) -> tuple[Refusal, ...]:
    """Judge the changes of a stack.

    Args:
        stack: Its name.
        changes: What differs.
        replaced: What CloudFormation says would be replaced; None to go by the table of properties.
        allowed: Places, as `stack/logical id`, whose loss is intended.

    """
    deleted = (_refusal(stack, c.logical_id, c.kind, "would be deleted") for c in changes if _is_deleted(c))
    lost = _by_table(stack, changes) if replaced is None else _as_told(stack, changes, replaced)
    return tuple(replace(one, allowed=one.place in allowed) for one in (*deleted, *lost))


def _refusal(stack: str, logical_id: str, kind: str, what: str, *because: str) -> Refusal:
    return Refusal(
        stack=stack,
        logical_id=logical_id,
        kind=kind,
        what=what,
        because=because,
        loses=STATEFUL[kind].holds,
    )


def _is_deleted(change: Change) -> bool:
    return _has_state(change) and change.action == REMOVE and not change.retained


def _has_state(change: Change) -> bool:
    return change.section == _RESOURCES and change.kind in STATEFUL


def _by_table(stack: str, changes: Iterable[Change]) -> Iterator[Refusal]:
    for change in changes:
        if _has_state(change) and change.action == MODIFY:
            causes = [
                *(["Type"] if change.changes_type else []),
                *sorted(change.properties & set(STATEFUL[change.kind].replaced_by)),
            ]
            if causes:
                yield _refusal(stack, change.logical_id, change.kind, "would be replaced", *causes)


def _as_told(stack: str, changes: Iterable[Change], replaced: Mapping[str, Replacement]) -> Iterator[Refusal]:
    """Yield what CloudFormation says, also of resources that change only because of others."""
    for logical_id, said in replaced.items():
        if said.kind in STATEFUL:
            what = "would be replaced" if said.certain else "may be replaced"
            yield _refusal(stack, logical_id, said.kind, what, *said.causes)
    for change in changes:
        if _has_state(change) and change.changes_type and change.logical_id not in replaced:
            yield _refusal(stack, change.logical_id, change.kind, "would be replaced", "Type")
