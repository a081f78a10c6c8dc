"""Compare every stack of an assembly with what is deployed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from tidegate_cli.failures import CliError, ExitCode
from tidegate_cli.operator.session import error_code
from tidegate_cli.review.access import Access
from tidegate_cli.review.assembly import Planned
from tidegate_cli.review.change_sets import Replacement, is_denied, replacements
from tidegate_cli.review.differences import REMOVE, Change, compare
from tidegate_cli.review.stateful import STATEFUL
from tidegate_cli.review.verdict import Refusal, refusals

NEW: Final = "new"
UNCHANGED: Final = "unchanged"
CHANGED: Final = "changed"
_BY_TABLE: Final = "judged by the table of properties that replace a resource; no change set was made"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackReview:
    """What would become of a stack.

    Attributes:
        name: Its name.
        place: Account and region, as far as the app says.
        status: `new`, `unchanged` or `changed`.
        changes: What differs.
        refusals: What must not be merged.
        notes: What limits this review, and what is worth knowing.

    """

    name: str
    place: str
    status: str
    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether anything in it must not be merged."""
        return any(not refusal.allowed for refusal in self.refusals)

    def to_json(self) -> dict[str, Any]:
        """Return JSON-like values."""
        return asdict(self)


def review(
    access: Access, stacks: Sequence[Planned], *, read_only: bool, allowed: frozenset[str]
) -> tuple[StackReview, ...]:
    """Review the stacks of an assembly.

    Args:
        access: Clients.
        stacks: The assembly.
        read_only: Whether to make no change sets.
        allowed: Places whose loss is intended, as `stack/logical id`.

    Raises:
        CliError: USAGE when something is allowed that nothing would lose.

    """
    found = tuple(_review(access, planned, read_only=read_only, allowed=allowed) for planned in stacks)
    needless = allowed - {refusal.place for stack in found for refusal in stack.refusals}
    if needless:
        raise CliError(f"allowed, but not refused: {', '.join(sorted(needless))}", ExitCode.USAGE)
    return found


def _review(access: Access, planned: Planned, *, read_only: bool, allowed: frozenset[str]) -> StackReview:
    deployed = _deployed(access.reading(planned), planned.name)
    place = "/".join(part for part in (planned.account, planned.region) if part)
    if deployed is None:
        return StackReview(name=planned.name, place=place, status=NEW, changes=compare({}, planned.template))
    changes = compare(deployed, planned.template)
    if not changes:
        return StackReview(name=planned.name, place=place, status=UNCHANGED)
    replaced, notes = _replaced(access, planned, deployed, read_only=read_only)
    return StackReview(
        name=planned.name,
        place=place,
        status=CHANGED,
        changes=changes,
        refusals=refusals(planned.name, changes, replaced=replaced, allowed=allowed),
        notes=(*notes, *_orphans(changes)),
    )


def _deployed(client: Any, name: str) -> Mapping[str, Any] | None:
    """Return the template of a stack, None when there is none, or none that was ever deployed."""
    try:
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error_code(error) != "ValidationError":
            raise
        return None
    if stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        return None
    body = client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    template: Mapping[str, Any] = json.loads(body) if isinstance(body, str) else body
    return template


def _replaced(
    access: Access, planned: Planned, deployed: Mapping[str, Any], *, read_only: bool
) -> tuple[Mapping[str, Replacement] | None, tuple[str, ...]]:
    if read_only:
        return None, (_BY_TABLE,)
    try:
        return replacements(access, planned, deployed), ()
    except ClientError as error:
        if not is_denied(error):
            raise
        return None, (f"{_BY_TABLE}: {error_code(error)}",)


def _orphans(changes: Sequence[Change]) -> tuple[str, ...]:
    return tuple(
        f"{change.logical_id} ({change.kind}) stays when the stack gives it up, and no stack owns it then"
        for change in changes
        if change.action == REMOVE and change.retained and change.kind in STATEFUL
    )
