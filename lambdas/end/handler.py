"""Entry point of the task End of both state machines."""

import os
from typing import Any

from end.logic import End, Ending
from tidegate_runtime.adapters import ledger, scaling
from tidegate_runtime.adapters.announcing import announcer
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.executions import StateMachines
from tidegate_runtime.adapters.queueing import queue_of
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.journal import Journal
from tidegate_runtime.settings import Settings

SETTINGS = Settings.from_env(os.environ)
NAME = SETTINGS.endpoint_name
LEDGER = ledger.DynamoLedger(client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=NAME)
SCALING = scaling.VariantScaling(client("application-autoscaling"), endpoint_name=NAME)
ANNOUNCER, MACHINES = announcer(SETTINGS), StateMachines(deferred("stepfunctions"))
QUEUE = queue_of(SETTINGS, ledger=LEDGER, executions=MACHINES, announcer=ANNOUNCER)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one call of either state machine; the answer is its output."""
    ending = Ending.from_event(event)
    journal = Journal(ledger=LEDGER, clock=SystemClock(), rollout_id=ending.rollout_id)
    end = End(scaling=SCALING, ledger=LEDGER, journal=journal, announcer=ANNOUNCER, queue=QUEUE)
    return {**event, "status": "DONE", "outcome": end(ending)}
