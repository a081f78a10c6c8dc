"""Decides whether CloudFormation may change the hosting stack now, and makes way for the change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from guard.detaching import Detaching
from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.direction import Direction, direction
from tidegate_runtime.journal import RUNNING
from tidegate_runtime.ports import Ledger, Pointer, Run, Stack

_MOVED: Final = ("PROMOTING", "WATCHING", "RESTORING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Refuses deploys that would fight a rollout, and change sets older than the last promotion.

    What it lets through it makes way for: scaling that SageMaker would refuse to update the endpoint under
    is detached.
    """

    ledger: Ledger
    pointer: Pointer
    stack: Stack
    detaching: Detaching

    def refusal(self, event: Mapping[str, Any]) -> str | None:
        """Return why the request is refused, or None.

        Args:
            event: CloudFormation's request to a custom resource.

        """
        if event.get("RequestType") == "Delete":
            return None
        properties = event.get("ResourceProperties", {})
        wanted = str(properties.get("ModelPackage", ""))
        way = direction(self.stack)
        if way in (Direction.BACK, Direction.UNKNOWN):
            # CloudFormation's way back must never be barred, so an unknown status counts as the way back.
            best_effort("detach scaling", lambda: self._make_way(properties, way), otherwise=None)
            return None
        refusal = self._stale(wanted) or self._fights(wanted)
        if refusal is None and way is Direction.FORWARD:
            self._make_way(properties, way)
        return refusal

    def _make_way(self, properties: Mapping[str, Any], way: Direction) -> None:
        shape = json.loads(properties.get("Variants", "{}"))
        if shape:
            self.detaching.make_way(shape, unrecorded=way is Direction.BACK)

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
