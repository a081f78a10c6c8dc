"""Entry point of the custom resource that guards the hosting stack."""

import os
from typing import Any

from guard.answer import respond
from guard.logic import Guard
from tidegate_runtime.adapters import ledger, pointer, stacks
from tidegate_runtime.adapters.aws import client
from tidegate_runtime.settings import Settings

SETTINGS = Settings.from_env(os.environ)
TABLE, NAME = SETTINGS.ledger_table, SETTINGS.endpoint_name
GUARD = Guard(
    ledger=ledger.DynamoLedger(client("dynamodb"), table=TABLE, endpoint_name=NAME),
    pointer=pointer.SsmPointer(client("ssm"), name=SETTINGS.pointer_parameter),
    stack=stacks.HostingStack(client("cloudformation"), name=SETTINGS.hosting_stack),
)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request; CloudFormation gets an answer whatever happens."""
    try:
        refusal = GUARD.refusal(event)
    except Exception as error:  # noqa: BLE001  (no answer would leave the stack waiting)
        refusal = f"the guard failed: {type(error).__name__}: {error}"
    return respond(event, refusal)
