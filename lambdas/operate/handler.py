"""Entry point of the function that operators call."""

import os
from typing import Any

from operate.logic import Operate
from operate.request import Request
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.tasks import WaitingTasks
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.settings import Settings

SETTINGS = Settings.from_env(os.environ)
LEDGER = DynamoLedger(client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=SETTINGS.endpoint_name)
TASKS = WaitingTasks(deferred("stepfunctions"))


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one request; what is refused is an answer, not an error."""
    operate = Operate(plan=SETTINGS.plan, ledger=LEDGER, tasks=TASKS, clock=SystemClock())
    return operate(Request.from_event(event)).to_dict()
