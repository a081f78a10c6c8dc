"""Entry point of the function behind alarms, execution events and the schedule."""

import os
from typing import Any

from tidegate_runtime.settings import Settings
from watchdog.wiring import watchdog

WATCHDOG = watchdog(Settings.from_env(os.environ))


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one event from EventBridge."""
    return WATCHDOG(event)
