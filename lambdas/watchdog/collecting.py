"""Deletes what rollouts have left behind: configurations and models of candidates that nobody uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tidegate_runtime.endpoint_status import IN_SERVICE, same_config
from tidegate_runtime.errors import EndpointMissing
from tidegate_runtime.leftover_ports import Leftovers
from tidegate_runtime.ports import Clock, Endpoint, Ledger

KEPT: Final = 3
"""How many of the newest configurations and models stay, whoever uses them."""

_DAY_SECONDS: Final = 24 * 3600
_LOOK_SECONDS: Final = 60
_MOST: Final = 25
"""How many are deleted in one call: what is left is there tomorrow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collecting:
    """Collects once a day, while the endpoint is in service and nothing is in flight or waits.

    Only what the controller has made itself is deleted. What the endpoint uses stays, and so do the newest
    three configurations with their models. A rollout that begins at this very moment makes again what it
    needs: its configuration and model have names by their content.
    """

    endpoint: Endpoint
    ledger: Ledger
    leftovers: Leftovers
    clock: Clock

    def collect(self) -> list[str]:
        """Return the names of what was deleted."""
        if self.clock.now() % _DAY_SECONDS >= _LOOK_SECONDS or not self._quiet():
            return []
        used = self._in_service()
        if used is None:
            return []
        configs = self.leftovers.configs()
        kept = [used, *(name for name in configs[:KEPT] if not same_config(name, used))]
        old_configs = [name for name in configs if not any(same_config(name, one) for one in kept)]
        models = {name for config in kept for name in _models(self.endpoint.config(config))}
        old_models = [name for name in self.leftovers.models()[KEPT:] if name not in models]
        return self._deleted(old_configs, old_models)

    def _quiet(self) -> bool:
        return not (self.ledger.lease() or self.ledger.open_runs() or self.ledger.queued_runs())

    def _in_service(self) -> str | None:
        """Return the configuration in use, or None unless nothing else is on its way."""
        try:
            view = self.endpoint.describe()
        except EndpointMissing:
            return None
        return view.config_name if view.status == IN_SERVICE and not view.pending_config else None

    def _deleted(self, configs: list[str], models: list[str]) -> list[str]:
        # A model goes after the configurations that name it.
        chosen = [(self.leftovers.delete_config, name) for name in configs]
        chosen += [(self.leftovers.delete_model, name) for name in models]
        deleted = []
        for delete, name in chosen[:_MOST]:
            if not self._quiet():
                break
            delete(name)
            deleted.append(name)
        return deleted


def _models(config: Mapping[str, Any]) -> list[str]:
    variants = [*config.get("ProductionVariants", ()), *config.get("ShadowProductionVariants", ())]
    return [str(variant["ModelName"]) for variant in variants if "ModelName" in variant]
