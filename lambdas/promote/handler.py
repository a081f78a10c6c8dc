"""Entry point of the task Promote."""

import os
from typing import Any

from promote.logic import Promote
from tidegate_runtime.adapters import ledger, pointer, sagemaker, stacks
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.journal import Journal
from tidegate_runtime.settings import Settings
from tidegate_runtime.state import RunState

SETTINGS = Settings.from_env(os.environ)
NAME, CLOCK = SETTINGS.endpoint_name, SystemClock()
LEDGER = ledger.DynamoLedger(client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=NAME)
ENDPOINT = sagemaker.SageMakerEndpoint(client("sagemaker"), name=NAME)
STACK = stacks.HostingStack(deferred("cloudformation"), name=SETTINGS.hosting_stack)
POINTER = pointer.SsmPointer(deferred("ssm"), name=SETTINGS.pointer_parameter)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one call of the rollout state machine."""
    state = RunState.from_dict(event)
    journal = Journal(ledger=LEDGER, clock=CLOCK, rollout_id=state.rollout_id)
    promote = Promote(
        plan=SETTINGS.plan, endpoint=ENDPOINT, stack=STACK, pointer=POINTER, clock=CLOCK, journal=journal
    )
    return promote(state).to_dict()
