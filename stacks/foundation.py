"""What outlives every model version and every controller."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from stacks.acknowledgements import acknowledge_findings
from stacks.deliver_files import validation_gate
from stacks.deployment import Deployment
from stacks.fields.managed import ManagedService
from stacks.join_network import join_network
from stacks.promotion import Promotions
from stacks.sharing import readers, share_artifacts, shared_needs
from tidegate import ArtifactBucket, ExecutionRole, ModelRegistry, RolloutLedger
from tidegate._gate_needs import write_answers


class FoundationStack(Stack):
    """Artifacts, registry, ledger and execution role: retained, and protected from deletion."""

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: Deployment[ManagedService], **stack: Any
    ) -> None:
        super().__init__(scope, construct_id, termination_protection=True, **stack)
        promotions = Promotions.of(deployment)
        self.bucket = ArtifactBucket(self, "Artifacts").bucket
        self.ledger = RolloutLedger(self, "Ledger")
        role = ExecutionRole(
            self,
            "ExecutionRole",
            endpoint_name=deployment.name,
            artifact_buckets=[self.bucket],
            repository_arns=deployment.service.model.repositories,
        )
        if needs := join_network(self, [deployment.service.model]):
            role.policy.add_statements(*needs)
        if needs := shared_needs(deployment):
            role.policy.add_statements(*needs)
        gate = validation_gate(deployment)
        if gate is not None:
            if gate.endpoint_minutes is None:
                role.policy.add_statements(write_answers(self.bucket))
            gate.warn(self)
        self.execution_role = role.role
        registry = ModelRegistry(
            self,
            "Registry",
            group_name=deployment.name,
            description=deployment.service.description or None,
            readers=[] if promotions is None else readers(promotions, deployment),
        )
        if promotions is not None:
            share_artifacts(self.bucket, promotions, deployment)
        CfnOutput(self, "ArtifactBucket", value=self.bucket.bucket_name)
        CfnOutput(self, "ModelPackageGroup", value=registry.group_name)
        CfnOutput(self, "LedgerTable", value=self.ledger.table_name)
        # "ExecutionRole" is the construct's own id: only the logical id must carry the name.
        CfnOutput(self, "ExecutionRoleArn", value=self.execution_role.role_arn).override_logical_id(
            "ExecutionRole"
        )
        acknowledge_findings(self)
