"""Entry point of the function behind the rules on approval events of a delivery."""

import os
from typing import Any

from start_delivery.wiring import start_delivery

START = start_delivery(os.environ)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one event from EventBridge."""
    return START(event)
