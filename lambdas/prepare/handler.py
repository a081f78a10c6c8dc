"""Entry point of the task Prepare."""

import os
from typing import Any

from prepare.logic import Prepare
from tidegate_runtime.adapters import ledger, registry, sagemaker, scaling
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.journal import Journal
from tidegate_runtime.settings import Settings
from tidegate_runtime.state import RunState

SETTINGS = Settings.from_env(os.environ)
NAME = SETTINGS.endpoint_name
SAGEMAKER = deferred("sagemaker")
LEDGER = ledger.DynamoLedger(client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=NAME)
SCALING = scaling.VariantScaling(client("application-autoscaling"), endpoint_name=NAME)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one call of the rollout state machine."""
    state, clock = RunState.from_dict(event), SystemClock()
    return Prepare(
        plan=SETTINGS.plan,
        endpoint_name=NAME,
        role_arn=SETTINGS.execution_role_arn,
        endpoint=sagemaker.SageMakerEndpoint(SAGEMAKER, name=NAME),
        registry=registry.ModelRegistry(SAGEMAKER),
        scaling=SCALING,
        clock=clock,
        journal=Journal(ledger=LEDGER, clock=clock, rollout_id=state.rollout_id),
    )(state).to_dict()
