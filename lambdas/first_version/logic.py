"""The path of the very first version: nothing is live, so there is nothing to compare with."""

from dataclasses import replace
from typing import Final

from tidegate_runtime.errors import NotApproved
from tidegate_runtime.journal import Journal
from tidegate_runtime.origins import origins
from tidegate_runtime.ports import Package, Pointer, Registry
from tidegate_runtime.state import EARLY_PHASES, RunState

APPROVED: Final = "Approved"


def first_version(
    state: RunState, *, pointer: Pointer, registry: Registry, journal: Journal, group: str
) -> RunState:
    """Write the live pointer if there is none.

    Returns:
        Status `FIRST` when the rollout has ended (this version is live), `NEXT` when it goes on.

    Raises:
        NotApproved: the version is not an approved one of this group.

    """
    live = pointer.read()
    if live is None:
        package = registry.package(state.model_package_arn)
        require_approved(package, group=group)
        journal.open(package_arn=state.model_package_arn, first=True, **origins(package))
        pointer.create(state.model_package_arn)
        live = pointer.read()
    run = journal.open(package_arn=state.model_package_arn)
    # A rollout that has gone on moves the pointer itself: a call that lands late must not end it.
    under_way = run.body.get("phase") not in EARLY_PHASES
    if live != state.model_package_arn or under_way:
        if not state.phase:
            journal.record("STARTED", package_arn=state.model_package_arn)
        return replace(state, phase="STARTED").done("NEXT")
    first = bool(run.body.get("first"))
    reason = "the first version" if first else "this version is live already"
    _end(journal, first=first, reason=reason, package_arn=state.model_package_arn)
    return replace(state, first=first, phase="PROMOTED", outcome="PROMOTED", reason=reason).done("FIRST")


def require_approved(package: Package, *, group: str) -> None:
    """Check a version's approval.

    Raises:
        NotApproved: it is not approved, or belongs to another group.

    """
    if package.approval != APPROVED:
        raise NotApproved(f"{package.arn} must be {APPROVED}, got {package.approval or 'no status'}")
    if package.group != group:
        raise NotApproved(f"{package.arn} must be in group {group}, got {package.group or 'none'}")


def _end(journal: Journal, *, first: bool, reason: str, package_arn: str) -> None:
    run = journal.finish("PROMOTED", reason=reason, rolling_back=False)
    if not run.body.get("notified"):
        journal.record("PROMOTED", first=first, package_arn=package_arn)
