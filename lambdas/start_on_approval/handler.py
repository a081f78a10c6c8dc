"""Entry point of the function behind the rule on approval events."""

import os
from typing import Any

from start_on_approval.wiring import approvals
from tidegate_runtime.settings import Settings

APPROVALS = approvals(Settings.from_env(os.environ))


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one event from EventBridge."""
    return APPROVALS(event)
