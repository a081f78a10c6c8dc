"""The adapters of the watchdog, made once."""

from tidegate_runtime.adapters.alarms import CloudWatchAlarms
from tidegate_runtime.adapters.announcing import announcer
from tidegate_runtime.adapters.attachments import VariantAttachments
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.executions import StateMachines
from tidegate_runtime.adapters.gate_leftovers import MadeForValidation
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.leftovers import MadeForRollouts
from tidegate_runtime.adapters.queueing import queue_of
from tidegate_runtime.adapters.sagemaker import SageMakerEndpoint
from tidegate_runtime.adapters.scaling import VariantScaling
from tidegate_runtime.adapters.scaling_record import DynamoScalingRecord
from tidegate_runtime.adapters.stacks import HostingStack
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.settings import Settings
from watchdog.abandoned import Abandoned
from watchdog.collecting import Collecting
from watchdog.logic import Watchdog
from watchdog.restoring import Restoring
from watchdog.rollbacks import Rollbacks
from watchdog.waiting import Waiting


def watchdog(settings: Settings) -> Watchdog:
    """Make the clients, those that most calls do not need at their first use, and the watchdog with them."""
    table, name, dynamodb = settings.ledger_table, settings.endpoint_name, client("dynamodb")
    scaling = deferred("application-autoscaling")
    sagemaker = deferred("sagemaker")
    endpoint = SageMakerEndpoint(sagemaker, name=name)
    cloudwatch = deferred("cloudwatch")
    stack = HostingStack(deferred("cloudformation"), name=settings.hosting_stack)
    restoring = Restoring(
        stack=stack,
        endpoint=endpoint,
        attachments=VariantAttachments(scaling, cloudwatch, endpoint_name=name),
        record=DynamoScalingRecord(dynamodb, table=table, endpoint_name=name),
    )
    ledger, clock = DynamoLedger(dynamodb, table=table, endpoint_name=name), SystemClock()
    executions, told = StateMachines(client("stepfunctions")), announcer(settings)
    variants = VariantScaling(scaling, endpoint_name=name)
    rollbacks = Rollbacks(
        machine=settings.rollback_state_machine,
        executions=executions,
        ledger=ledger,
        scaling=variants,
        clock=clock,
        announcer=told,
    )
    return Watchdog(
        rollout_machine=settings.rollout_state_machine,
        rollbacks=rollbacks,
        waiting=Waiting(
            policy=settings.plan.needs_human,
            ledger=ledger,
            stack=stack,
            endpoint=endpoint,
            clock=clock,
            announcer=told,
            rollbacks=rollbacks,
        ),
        alarms=CloudWatchAlarms(cloudwatch, endpoint_name=name, plan=settings.plan),
        ledger=ledger,
        executions=executions,
        queue=queue_of(settings, ledger=ledger, executions=executions, announcer=told),
        scaling=variants,
        clock=clock,
        announcer=told,
        restoring=restoring,
        collecting=Collecting(
            endpoint=endpoint,
            ledger=ledger,
            leftovers=MadeForRollouts(sagemaker, endpoint_name=name),
            clock=clock,
        ),
        abandoned=Abandoned(
            leftovers=MadeForValidation(sagemaker, endpoint_name=name),
            gate_minutes=settings.gate_minutes,
            clock=clock,
        ),
    )
