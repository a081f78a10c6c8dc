"""Entry point of the custom resource that owns the hosting stack's automatic scaling."""

import os
from typing import Any

from attach.logic import Attach
from tidegate_runtime.adapters import attachments, sagemaker, scaling_record, stacks
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.custom_resource import respond
from tidegate_runtime.settings import Settings

SETTINGS = Settings.from_env(os.environ)
NAME = SETTINGS.endpoint_name
ATTACH = Attach(
    endpoint=sagemaker.SageMakerEndpoint(deferred("sagemaker"), name=NAME),
    attachments=attachments.VariantAttachments(
        client("application-autoscaling"), deferred("cloudwatch"), endpoint_name=NAME
    ),
    record=scaling_record.DynamoScalingRecord(
        client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=NAME
    ),
    stack=stacks.HostingStack(deferred("cloudformation"), name=SETTINGS.hosting_stack),
)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request; CloudFormation gets an answer whatever happens."""
    try:
        refusal = ATTACH.refusal(event)
    except Exception as error:  # noqa: BLE001  (no answer would leave the stack waiting)
        refusal = f"attaching the scaling failed: {type(error).__name__}: {error}"
    return respond(event, refusal, kind="attach")
