"""Asks before anything is touched whether this rollout could be rolled back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tidegate_runtime.health_ports import Authority
from tidegate_runtime.journal import Journal
from tidegate_runtime.state import RunState, require_baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """Asks under the very role that rolls back, since nobody else can know what that role may do."""

    authority: Authority
    journal: Journal

    def __call__(self, state: RunState) -> RunState:
        """Return the state with DONE, or with REFUSED and a reason that names every missing permission.

        Without a candidate it is DIRECT instead of DONE.

        Raises:
            RollbackRequested: the rollout may not act any more.
            Transient: AWS did not answer; ask again.

        """
        self.journal.require_holding()
        baseline = require_baseline(state)
        denied = self.authority.denied(package_arn=baseline.package_arn, config_name=baseline.config_name)
        if not denied:
            return state.done("DIRECT" if state.direct else "DONE")
        reason = f"Denied: nothing was touched, since a rollback may not do {', '.join(denied)}"
        self.journal.record("REFUSED", reason=reason, denied=list(denied))
        return replace(state, reason=reason).done("REFUSED")


def is_preflight(event: Mapping[str, Any]) -> bool:
    """Tell whether an event is the state of a rollout: a rollback's holds that one level below."""
    return "model_package_arn" in event
