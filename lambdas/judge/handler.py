"""Entry point of the tasks Judge and Watch."""

import os
from typing import Any

from judge.logic import Judge
from tidegate_runtime.adapters.alarms import CloudWatchAlarms
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.cloudwatch import CloudWatchMetrics
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.sagemaker import SageMakerEndpoint
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.journal import Journal
from tidegate_runtime.settings import Settings
from tidegate_runtime.state import RunState

SETTINGS = Settings.from_env(os.environ)
NAME = SETTINGS.endpoint_name
LEDGER = DynamoLedger(client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=NAME)
ENDPOINT = SageMakerEndpoint(client("sagemaker"), name=NAME)
CLOUDWATCH = deferred("cloudwatch")
METRICS = CloudWatchMetrics(CLOUDWATCH, endpoint_name=NAME)
ALARMS = CloudWatchAlarms(CLOUDWATCH, endpoint_name=NAME, plan=SETTINGS.plan)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one call of the rollout state machine."""
    state, clock, plan = RunState.from_dict(event), SystemClock(), SETTINGS.plan
    journal = Journal(ledger=LEDGER, clock=clock, rollout_id=state.rollout_id)
    return Judge(plan=plan, endpoint=ENDPOINT, metrics=METRICS, alarms=ALARMS, clock=clock, journal=journal)(
        state
    ).to_dict()
