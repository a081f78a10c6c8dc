"""Entry point of the custom resource that guards the hosting stack."""

import os
from typing import Any

from guard.detaching import Detaching
from guard.logic import Guard
from tidegate_runtime.adapters import attachments, ledger, pointer, sagemaker, scaling_record, stacks
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.custom_resource import respond
from tidegate_runtime.settings import Settings

SETTINGS = Settings.from_env(os.environ)
TABLE, NAME, DYNAMODB = SETTINGS.ledger_table, SETTINGS.endpoint_name, client("dynamodb")
GUARD = Guard(
    ledger=ledger.DynamoLedger(DYNAMODB, table=TABLE, endpoint_name=NAME),
    pointer=pointer.SsmPointer(client("ssm"), name=SETTINGS.pointer_parameter),
    stack=stacks.HostingStack(deferred("cloudformation"), name=SETTINGS.hosting_stack),
    detaching=Detaching(
        endpoint=sagemaker.SageMakerEndpoint(deferred("sagemaker"), name=NAME),
        attachments=attachments.VariantAttachments(
            deferred("application-autoscaling"), deferred("cloudwatch"), endpoint_name=NAME
        ),
        record=scaling_record.DynamoScalingRecord(DYNAMODB, table=TABLE, endpoint_name=NAME),
    ),
)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request; CloudFormation gets an answer whatever happens."""
    try:
        refusal = GUARD.refusal(event)
    except Exception as error:  # noqa: BLE001  (no answer would leave the stack waiting)
        refusal = f"the guard failed: {type(error).__name__}: {error}"
    return respond(event, refusal, kind="guard")
