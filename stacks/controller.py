"""The rollout controller of one service in one environment."""

from typing import TYPE_CHECKING, Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from stacks.acknowledgements import acknowledge_findings, acknowledge_imports_told
from stacks.deliver_files import validation_gate
from stacks.deployment import Deployment
from stacks.fields.managed import ManagedService
from stacks.foundation import FoundationStack
from stacks.kinds.outside import topic
from stacks.sharing import shared_buckets
from tidegate import Rollout

if TYPE_CHECKING:
    from tidegate import SampleRequests


class ControllerStack(Stack):
    """State machines, handlers, alarms and rules."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment[ManagedService],
        foundation: FoundationStack,
        hosting_stack_name: str,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        needs, told = deployment.service.needs, deployment.service.rollout.notify
        rollout = Rollout(
            self,
            "Rollout",
            endpoint_name=deployment.name,
            model_package_group_name=deployment.name,
            pointer_parameter=deployment.pointer_parameter,
            hosting_stack_name=hosting_stack_name,
            execution_role=foundation.execution_role,
            artifact_buckets=[foundation.bucket, *shared_buckets(deployment)],
            plan=deployment.service.rollout.plan(),
            ledger=foundation.ledger,
            traffic=needs.declared_traffic() if needs is not None else None,
            samples=_samples(deployment),
            validation=validation_gate(deployment),
            notify=topic(self, "Notify", told),
        )
        CfnOutput(self, "EndpointName", value=deployment.name)
        CfnOutput(self, "PointerParameter", value=deployment.pointer_parameter)
        CfnOutput(self, "HostingStack", value=hosting_stack_name)
        CfnOutput(self, "LedgerTable", value=rollout.ledger.table_name)
        CfnOutput(self, "RolloutStateMachine", value=rollout.rollout_state_machine_arn)
        CfnOutput(self, "RollbackStateMachine", value=rollout.rollback_state_machine_arn)
        CfnOutput(self, "ModelPackageGroup", value=deployment.name)
        acknowledge_imports_told(self)
        acknowledge_findings(self, imported=[foundation.export_value(foundation.bucket.bucket_arn)])


def _samples(deployment: Deployment[ManagedService]) -> "SampleRequests | None":
    name = deployment.service.rollout.samples
    if name is None:
        return None
    # Imported only when it is asked for: most rollouts have none.
    from stacks.samples import read_samples

    return read_samples(deployment.folder / name)
