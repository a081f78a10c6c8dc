"""The adapters of a rollback, made once."""

from dataclasses import dataclass
from typing import Self

from roll_back.intent import Intent
from roll_back.logic import RollBack
from roll_back.preflight import Preflight
from roll_back.restore import Restore
from tidegate_runtime.adapters.authority import RollbackAuthority
from tidegate_runtime.adapters.aws import client, deferred
from tidegate_runtime.adapters.executions import StateMachines
from tidegate_runtime.adapters.ledger import DynamoLedger
from tidegate_runtime.adapters.pointer import SsmPointer
from tidegate_runtime.adapters.sagemaker import SageMakerEndpoint
from tidegate_runtime.adapters.scaling import VariantScaling
from tidegate_runtime.adapters.stacks import HostingStack
from tidegate_runtime.clock import SystemClock
from tidegate_runtime.health_ports import Authority
from tidegate_runtime.journal import Journal
from tidegate_runtime.plan import GUARDRAILS
from tidegate_runtime.ports import Clock, Endpoint, Executions, Ledger, Pointer, Scaling, Stack
from tidegate_runtime.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """Everything that a rollback may need."""

    settings: Settings
    endpoint: Endpoint
    stack: Stack
    pointer: Pointer
    scaling: Scaling
    ledger: Ledger
    executions: Executions
    authority: Authority
    clock: Clock

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Make the adapters; the clients that take traffic back at once, the others when used."""
        name = settings.endpoint_name
        clients = {
            "sagemaker": client("sagemaker"),
            "cloudformation": deferred("cloudformation"),
            "ssm": deferred("ssm"),
            "stepfunctions": deferred("stepfunctions"),
        }
        return cls(
            settings=settings,
            endpoint=SageMakerEndpoint(clients["sagemaker"], name=name),
            stack=HostingStack(clients["cloudformation"], name=settings.hosting_stack),
            pointer=SsmPointer(clients["ssm"], name=settings.pointer_parameter),
            scaling=VariantScaling(deferred("application-autoscaling"), endpoint_name=name),
            ledger=DynamoLedger(client("dynamodb"), table=settings.ledger_table, endpoint_name=name),
            executions=StateMachines(clients["stepfunctions"]),
            authority=RollbackAuthority(**clients, settings=settings),
            clock=SystemClock(),
        )

    def preflight(self, rollout_id: str) -> Preflight:
        """Return what asks for the permissions before one rollout."""
        journal = Journal(ledger=self.ledger, clock=self.clock, rollout_id=rollout_id)
        return Preflight(authority=self.authority, journal=journal)

    def roll_back(self, rollout_id: str) -> RollBack:
        """Return the logic for one rollout."""
        journal = Journal(ledger=self.ledger, clock=self.clock, rollout_id=rollout_id)
        plan = self.settings.plan
        return RollBack(
            plan=plan,
            endpoint=self.endpoint,
            scaling=self.scaling,
            clock=self.clock,
            journal=journal,
            intent=Intent(
                plan=plan,
                rollout_machine=self.settings.rollout_state_machine,
                ledger=self.ledger,
                executions=self.executions,
                clock=self.clock,
                journal=journal,
            ),
            restore=Restore(
                endpoint=self.endpoint,
                stack=self.stack,
                pointer=self.pointer,
                clock=self.clock,
                journal=journal,
                guarded=plan.backend == GUARDRAILS,
            ),
        )
