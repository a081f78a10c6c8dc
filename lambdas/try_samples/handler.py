"""Entry point of the task TrySamples."""

import os
from functools import cache
from pathlib import Path
from typing import Any

from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.invoker import PATIENT, RuntimeInvoker
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.packaged_samples import packaged_samples
from tidegate_runtime.adapters.sagemaker import SageMakerEndpoint
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.journal import Journal
from tidegate_runtime.samples import Sample
from tidegate_runtime.settings import Settings
from tidegate_runtime.state import RunState
from try_samples.logic import TrySamples

SETTINGS = Settings.from_env(os.environ)
NAME = SETTINGS.endpoint_name
LEDGER = DynamoLedger(client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=NAME)
ENDPOINT = SageMakerEndpoint(client("sagemaker"), name=NAME)
INVOKER = RuntimeInvoker(deferred("sagemaker-runtime", config=PATIENT), endpoint_name=NAME)


@cache
def samples() -> tuple[Sample, ...]:
    """Return what lies beside the code of this function."""
    return packaged_samples(Path(__file__).resolve().parents[1])


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one call of the rollout state machine."""
    state, clock = RunState.from_dict(event), SystemClock()
    journal = Journal(ledger=LEDGER, clock=clock, rollout_id=state.rollout_id)
    return TrySamples(samples=samples(), endpoint=ENDPOINT, invoker=INVOKER, clock=clock, journal=journal)(
        state
    ).to_dict()
