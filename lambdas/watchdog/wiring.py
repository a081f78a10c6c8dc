"""The adapters of the watchdog, made once."""

from tidegate_runtime.adapters.announcing import announcer
from tidegate_runtime.adapters.attachments import VariantAttachments
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.executions import StateMachines
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.leftovers import MadeForRollouts
from tidegate_runtime.adapters.queueing import queue_of
from tidegate_runtime.adapters.sagemaker import SageMakerEndpoint
from tidegate_runtime.adapters.scaling import VariantScaling
from tidegate_runtime.adapters.scaling_record import DynamoScalingRecord
from tidegate_runtime.adapters.stacks import HostingStack
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.settings import Settings
from watchdog.collecting import Collecting
from watchdog.logic import Watchdog
from watchdog.restoring import Restoring


def watchdog(settings: Settings) -> Watchdog:
    """Make the clients, those that most calls do not need at their first use, and the watchdog with them."""
    table, name, dynamodb = settings.ledger_table, settings.endpoint_name, client("dynamodb")
    scaling = deferred("application-autoscaling")
    sagemaker = deferred("sagemaker")
    endpoint = SageMakerEndpoint(sagemaker, name=name)
    restoring = Restoring(
        stack=HostingStack(deferred("cloudformation"), name=settings.hosting_stack),
        endpoint=endpoint,
        attachments=VariantAttachments(scaling, deferred("cloudwatch"), endpoint_name=name),
        record=DynamoScalingRecord(dynamodb, table=table, endpoint_name=name),
    )
    ledger = DynamoLedger(dynamodb, table=table, endpoint_name=name)
    executions, told = StateMachines(client("stepfunctions")), announcer(settings)
    return Watchdog(
        rollout_machine=settings.rollout_state_machine,
        rollback_machine=settings.rollback_state_machine,
        ledger=ledger,
        executions=executions,
        queue=queue_of(settings, ledger=ledger, executions=executions, announcer=told),
        scaling=VariantScaling(scaling, endpoint_name=name),
        clock=SystemClock(),
        announcer=told,
        restoring=restoring,
        collecting=Collecting(
            endpoint=endpoint,
            ledger=ledger,
            leftovers=MadeForRollouts(sagemaker, endpoint_name=name),
            clock=SystemClock(),
        ),
    )
