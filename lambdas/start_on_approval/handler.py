"""Entry point of the function behind the rule on approval events."""

import os
from typing import Any

from start_on_approval.logic import start_on_approval
from tidegate_runtime.adapters.announcing import announcer
from tidegate_runtime.adapters.aws import client
from tidegate_runtime.adapters.executions import StateMachines
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.settings import Settings

SETTINGS = Settings.from_env(os.environ)
LEDGER = DynamoLedger(client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=SETTINGS.endpoint_name)
EXECUTIONS = StateMachines(client("stepfunctions"))
ANNOUNCER = announcer(SETTINGS)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one event from EventBridge."""
    return start_on_approval(
        event,
        group=SETTINGS.model_package_group,
        machine_arn=SETTINGS.rollout_state_machine,
        executions=EXECUTIONS,
        ledger=LEDGER,
        clock=SystemClock(),
        announcer=ANNOUNCER,
    )
