"""Entry point of the task Gate, which waits for an answer."""

import os
from typing import Any

from gate.logic import Gate
from tidegate_runtime.adapters.announcing import people
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.functions import LambdaFunctions, functions_client
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.tasks import WaitingTasks
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.journal import Journal
from tidegate_runtime.settings import Settings
from tidegate_runtime.state import RunState

SETTINGS = Settings.from_env(os.environ)
NAME = SETTINGS.endpoint_name
LEDGER = DynamoLedger(client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=NAME)
TASKS, FUNCTIONS = WaitingTasks(deferred("stepfunctions")), LambdaFunctions(functions_client())
PEOPLE = people(SETTINGS)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one look at a closed gate; nobody reads the answer."""
    state, clock = RunState.from_dict(event["state"]), SystemClock()
    journal = Journal(ledger=LEDGER, clock=clock, rollout_id=state.rollout_id)
    gate = Gate(
        plan=SETTINGS.plan,
        endpoint_name=NAME,
        journal=journal,
        tasks=TASKS,
        functions=FUNCTIONS,
        topic=PEOPLE,
    )
    return {"decision": gate(state, token=str(event["token"]))}
