"""Entry point of the function behind alarms, execution events and the schedule."""

import os
from typing import Any

from tidegate_runtime.adapters.attachments import VariantAttachments
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.executions import StateMachines
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.sagemaker import SageMakerEndpoint
from tidegate_runtime.adapters.scaling import VariantScaling
from tidegate_runtime.adapters.scaling_record import DynamoScalingRecord
from tidegate_runtime.adapters.stacks import HostingStack
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.settings import Settings
from watchdog.logic import Watchdog
from watchdog.restoring import Restoring

SETTINGS = Settings.from_env(os.environ)
TABLE, NAME, DYNAMODB = SETTINGS.ledger_table, SETTINGS.endpoint_name, client("dynamodb")
SCALING = deferred("application-autoscaling")
WATCHDOG = Watchdog(
    rollout_machine=SETTINGS.rollout_state_machine,
    rollback_machine=SETTINGS.rollback_state_machine,
    ledger=DynamoLedger(DYNAMODB, table=TABLE, endpoint_name=NAME),
    executions=StateMachines(client("stepfunctions")),
    scaling=VariantScaling(SCALING, endpoint_name=NAME),
    clock=SystemClock(),
    restoring=Restoring(
        stack=HostingStack(deferred("cloudformation"), name=SETTINGS.hosting_stack),
        endpoint=SageMakerEndpoint(deferred("sagemaker"), name=NAME),
        attachments=VariantAttachments(SCALING, deferred("cloudwatch"), endpoint_name=NAME),
        record=DynamoScalingRecord(DYNAMODB, table=TABLE, endpoint_name=NAME),
    ),
)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one event from EventBridge."""
    return WATCHDOG(event)
