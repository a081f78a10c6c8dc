"""What is known when the live version is rejected in the registry: by whom, and what was good before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tidegate_runtime.approval import approved_at
from tidegate_runtime.errors import NotApproved
from tidegate_runtime.ports import Ledger, Package, Pointer, Registry, Run

_APPROVED: Final = "Approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """The live version was rejected.

    Attributes:
        rollout_id: The id that a rollout back to the last good version gets, the same for each delivery of
            this very rejection: `r7-20261121T050102Z`.
        package_arn: The version that is live and rejected.
        by: Who rejected it; empty when the registry does not say.
        promotion: The rollout that made it live; None when the ledger does not know it.
        last_good: The newest promotion of another version that is still approved; None without one.

    """

    rollout_id: str
    package_arn: str
    by: str
    promotion: Run | None
    last_good: Run | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveVersion:
    """Asks pointer, registry and ledger about the live version."""

    pointer: Pointer
    registry: Registry
    ledger: Ledger

    def rejection(self, event_id: str, package_arn: str) -> Rejection | None:
        """Return what a rejection means; None when it is not of the live version, or out of date.

        Args:
            event_id: `v7-20261121T050102Z`, of the version and the time of its rejection.
            package_arn: The version.

        """
        if self.pointer.read() != package_arn:
            return None
        package = self.registry.package(package_arn)
        promoted = sorted(self.ledger.promoted_runs(), key=_ended_at, reverse=True)
        own = [run for run in promoted if run.body.get("package_arn") == package_arn]
        rejected_at = event_id.partition("-")[2]
        if package.approval == _APPROVED or any(approved_at(run)[0] > rejected_at for run in own):
            return None
        return Rejection(
            rollout_id=f"r{event_id.removeprefix('v')}",
            package_arn=package_arn,
            by=package.changed_by,
            promotion=own[0] if own else None,
            last_good=next(self._good(promoted, other_than=package_arn), None),
        )

    def _good(self, promoted: list[Run], *, other_than: str) -> Iterator[Run]:
        seen = {other_than}
        for run in promoted:
            package_arn = str(run.body.get("package_arn", ""))
            if package_arn not in seen and self._is_approved(package_arn):
                yield run
            seen.add(package_arn)

    def _is_approved(self, package_arn: str) -> bool:
        found = self._package(package_arn)
        return found is not None and found.approval == _APPROVED

    def _package(self, package_arn: str) -> Package | None:
        try:
            return self.registry.package(package_arn)
        except NotApproved:
            return None


def _ended_at(run: Run) -> float:
    return float(run.body.get("ended_at", 0.0))
