"""Entry point of the task RollBack."""

import os
from typing import Any

from roll_back.wiring import Adapters
from tidegate_runtime.rollback_state import RollbackState
from tidegate_runtime.settings import Settings

ADAPTERS = Adapters.from_settings(Settings.from_env(os.environ))


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one call of the rollback state machine."""
    rollback = RollbackState.from_dict(event)
    return ADAPTERS.roll_back(rollback.rollout_id)(rollback).to_dict()
