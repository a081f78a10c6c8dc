"""The adapters behind approvals, made once."""

from start_on_approval.live import LiveVersion
from start_on_approval.logic import Approvals
from tidegate_runtime.adapters.announcing import announcer
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.executions import StateMachines
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.pointer import SsmPointer
from tidegate_runtime.adapters.queueing import queue_of
from tidegate_runtime.adapters.registry import ModelRegistry
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.settings import Settings


def approvals(settings: Settings) -> Approvals:
    """Make the clients and what uses them."""
    name = settings.endpoint_name
    ledger = DynamoLedger(client("dynamodb"), table=settings.ledger_table, endpoint_name=name)
    executions, told = StateMachines(client("stepfunctions")), announcer(settings)
    return Approvals(
        group=settings.model_package_group,
        on_new_approval=settings.plan.on_new_approval,
        on_live_rejected=settings.plan.on_live_rejected,
        rollout_machine=settings.rollout_state_machine,
        rollback_machine=settings.rollback_state_machine,
        executions=executions,
        ledger=ledger,
        clock=SystemClock(),
        announcer=told,
        queue=queue_of(settings, ledger=ledger, executions=executions, announcer=told),
        live=LiveVersion(
            pointer=SsmPointer(deferred("ssm"), name=settings.pointer_parameter),
            registry=ModelRegistry(deferred("sagemaker")),
            ledger=ledger,
        ),
    )
