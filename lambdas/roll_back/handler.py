"""Entry point of the tasks RollBack and Preflight."""

import os
from typing import Any

from roll_back.preflight import is_preflight
from roll_back.wiring import Adapters
from tidegate_runtime.rollback_state import RollbackState
from tidegate_runtime.settings import Settings
from tidegate_runtime.state import RunState

ADAPTERS = Adapters.from_settings(Settings.from_env(os.environ))


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one call of the rollback's state machine, or the preflight of the rollout's."""
    if is_preflight(event):
        state = RunState.from_dict(event)
        return ADAPTERS.preflight(state.rollout_id)(state).to_dict()
    rollback = RollbackState.from_dict(event)
    return ADAPTERS.roll_back(rollback.rollout_id)(rollback).to_dict()
