"""Entry point of the task Hook."""

import os
from typing import Any

from hook.logic import Hooks
from tidegate_runtime.adapters.aws import client
from tidegate_runtime.adapters.functions import LambdaFunctions, functions_client
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.journal import Journal
from tidegate_runtime.settings import Settings
from tidegate_runtime.state import RunState

SETTINGS = Settings.from_env(os.environ)
NAME = SETTINGS.endpoint_name
LEDGER = DynamoLedger(client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=NAME)
FUNCTIONS = LambdaFunctions(functions_client())


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one call of the rollout state machine."""
    state, clock = RunState.from_dict(event), SystemClock()
    journal = Journal(ledger=LEDGER, clock=clock, rollout_id=state.rollout_id)
    hooks = Hooks(plan=SETTINGS.plan, endpoint_name=NAME, functions=FUNCTIONS, clock=clock, journal=journal)
    return hooks(state).to_dict()
