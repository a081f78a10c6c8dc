"""Entry point of the task FirstVersion."""

import os
from typing import Any

from first_version.logic import first_version
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.pointer import SsmPointer
from tidegate_runtime.adapters.registry import ModelRegistry
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.journal import Journal
from tidegate_runtime.settings import Settings
from tidegate_runtime.state import RunState

SETTINGS = Settings.from_env(os.environ)
LEDGER = DynamoLedger(client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=SETTINGS.endpoint_name)
POINTER = SsmPointer(client("ssm"), name=SETTINGS.pointer_parameter)
REGISTRY = ModelRegistry(deferred("sagemaker"))


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one call of the rollout state machine."""
    state = RunState.from_dict(event)
    journal = Journal(ledger=LEDGER, clock=SystemClock(), rollout_id=state.rollout_id)
    group = SETTINGS.model_package_group
    return first_version(state, pointer=POINTER, registry=REGISTRY, journal=journal, group=group).to_dict()
