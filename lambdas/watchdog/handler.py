"""Entry point of the function behind alarms, execution events and the schedule."""

import os
from typing import Any

from tidegate_runtime.adapters.aws import client
from tidegate_runtime.adapters.executions import StateMachines
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.settings import Settings
from watchdog.logic import Watchdog

SETTINGS = Settings.from_env(os.environ)
WATCHDOG = Watchdog(
    rollout_machine=SETTINGS.rollout_state_machine,
    rollback_machine=SETTINGS.rollback_state_machine,
    ledger=DynamoLedger(
        client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=SETTINGS.endpoint_name
    ),
    executions=StateMachines(client("stepfunctions")),
    clock=SystemClock(),
)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one event from EventBridge."""
    return WATCHDOG(event)
