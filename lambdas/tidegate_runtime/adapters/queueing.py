"""The queue of approvals on the adapters that a function has anyway."""

from tidegate_runtime.announcer import Announcer
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.ports import Executions, Ledger
from tidegate_runtime.queue import Queue
from tidegate_runtime.settings import Settings


def queue_of(settings: Settings, *, ledger: Ledger, executions: Executions, announcer: Announcer) -> Queue:
    """Return the queue of one endpoint."""
    return Queue(
        ledger=ledger,
        executions=executions,
        clock=SystemClock(),
        announcer=announcer,
        machine_arn=settings.rollout_state_machine,
        lease_seconds=settings.plan.longest_seconds,
    )
