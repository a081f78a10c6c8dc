"""Entry point of the task Check."""

import os
from functools import partial
from typing import Any

from check.logic import Check
from tidegate_runtime.adapters import alarms, ledger, pointer, registry, sagemaker, scaling, stacks
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.journal import Journal
from tidegate_runtime.settings import Settings
from tidegate_runtime.state import RunState

SETTINGS = Settings.from_env(os.environ)
NAME = SETTINGS.endpoint_name
SAGEMAKER = deferred("sagemaker")
LEDGER = ledger.DynamoLedger(client("dynamodb"), table=SETTINGS.ledger_table, endpoint_name=NAME)
CHECK = Check(
    plan=SETTINGS.plan,
    group=SETTINGS.model_package_group,
    endpoint=sagemaker.SageMakerEndpoint(SAGEMAKER, name=NAME),
    registry=registry.ModelRegistry(SAGEMAKER, s3=deferred("s3")),
    stack=stacks.HostingStack(deferred("cloudformation"), name=SETTINGS.hosting_stack),
    pointer=pointer.SsmPointer(deferred("ssm"), name=SETTINGS.pointer_parameter),
    scaling=scaling.VariantScaling(deferred("application-autoscaling"), endpoint_name=NAME),
    alarms=alarms.CloudWatchAlarms(deferred("cloudwatch"), endpoint_name=NAME, plan=SETTINGS.plan),
    ledger=LEDGER,
    clock=SystemClock(),
    journal=partial(Journal, ledger=LEDGER, clock=SystemClock()),
)


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle one call of the rollout state machine."""
    return CHECK(RunState.from_dict(event)).to_dict()
