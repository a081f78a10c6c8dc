"""Decides whether CloudFormation may change the hosting stack now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.journal import RUNNING
from tidegate_runtime.ports import Ledger, Pointer, Run, Stack

_WAY_BACK: Final = ("UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")
_MOVED: Final = ("PROMOTING", "WATCHING", "RESTORING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Refuses deploys that would fight a rollout, and change sets older than the last promotion."""

    ledger: Ledger
    pointer: Pointer
    stack: Stack

    def refusal(self, event: Mapping[str, Any]) -> str | None:
        """Return why the request is refused, or None.

        Args:
            event: CloudFormation's request to a custom resource.

        """
        if event.get("RequestType") == "Delete":
            return None
        wanted = str(event.get("ResourceProperties", {}).get("ModelPackage", ""))
        refusal = self._stale(wanted) or self._fights(wanted)
        # CloudFormation's way back must never be barred, so an unknown status counts as the way back.
        return None if refusal is None or self._is_way_back() else refusal

    def _stale(self, wanted: str) -> str | None:
        live = self.pointer.read()
        if live == wanted:
            return None
        return f"stale: the live model package is {live}, this deploy has {wanted}; deploy again"

    def _fights(self, wanted: str) -> str | None:
        # Without a ledger a rollback must still get through; the pointer has been compared by then.
        run = best_effort("read the lease", self._holder, otherwise=None)
        if run is None or run.status != RUNNING:
            return None
        phase, body = run.body.get("phase"), run.body
        promotes = phase == "PROMOTING" and wanted == body.get("package_arn")
        baseline = (body.get("baseline") or {}).get("package_arn")
        # Once the stack has moved, the pointer names the baseline again only in a rollback.
        restores = phase in _MOVED and wanted == baseline
        if promotes or restores:
            return None
        return f"rollout {run.rollout_id} is in flight ({phase}): wait for its end, or abort it"

    def _holder(self) -> Run | None:
        lease = self.ledger.lease()
        return self.ledger.run(lease.rollout_id) if lease else None

    def _is_way_back(self) -> bool:
        view = best_effort("read the stack", self.stack.describe, otherwise=None)
        return view is None or view.status in _WAY_BACK
