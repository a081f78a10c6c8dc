"""Deletes what validation gates have left running: those of pipelines that a person has stopped."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from tidegate_runtime.best_effort import best_effort
from tidegate_runtime.leftover_ports import GateLeftovers
from tidegate_runtime.ports import Clock

GRACE_SECONDS: Final = 3_600
"""How much older than a gate may last something must be: a gate that is late needs half of it to end."""

_HOUR_SECONDS: Final = 3_600
_LOOK_SECONDS: Final = 60
_MOST: Final = 25
"""How many are deleted in one call: what is left is there in an hour."""

_LOG = logging.getLogger("tidegate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """Looks once an hour, whatever the environment's own endpoint does: a gate has nothing to do with it.

    Attributes:
        leftovers: What gates by endpoint have made.
        gate_minutes: How long a gate may last; None when the service has none by endpoint.

    """

    leftovers: GateLeftovers
    gate_minutes: float | None
    clock: Clock

    def collect(self) -> Sequence[str]:
        """Return the names under which everything was deleted."""
        now = self.clock.now()
        if self.gate_minutes is None or now % _HOUR_SECONDS >= _LOOK_SECONDS:
            return []
        names = self.leftovers.made_before(now - 60 * self.gate_minutes - GRACE_SECONDS)
        return [name for name in names[:_MOST] if self._is_deleted(name)]

    def _is_deleted(self, name: str) -> bool:
        # One that takes no deletion yet must not keep the others: they all cost.
        delete = partial(self.leftovers.delete, name)
        if best_effort(f"delete {name}", delete, otherwise=False) is False:
            return False
        _LOG.warning("deleted %s, which a validation gate has left behind: was its pipeline stopped?", name)
        return True
