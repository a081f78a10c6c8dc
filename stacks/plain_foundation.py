"""What outlives the models of a service without a rollout."""

from typing import Any, Final

from aws_cdk import ArnFormat, CfnOutput, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.acknowledgements import acknowledge_findings
from stacks.deployment import Deployment
from stacks.fields.model import ModelPart
from stacks.join_network import join_network
from stacks.service_file import Service
from tidegate import ArtifactBucket, ExecutionRole

# Where SageMaker writes the logs of what is no endpoint, by the hosting section.
_LOG_GROUPS: Final = {
    "batch": "/aws/sagemaker/TransformJobs",
    "components": "/aws/sagemaker/InferenceComponents/{name}-*",
}
# What can be bound to the interfaces and to what they join, and what knows no narrower resource.


class PlainFoundationStack(Stack):
    """Artifacts and execution role: retained, and protected from deletion."""

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: Deployment[Service], **stack: Any
    ) -> None:
        super().__init__(scope, construct_id, termination_protection=True, **stack)
        models = deployment.service.surroundings()
        sources = [model for model in models if isinstance(model, ModelPart)]
        buckets = dict.fromkeys(arn for model in sources for arn in model.buckets)
        self.bucket = ArtifactBucket(self, "Artifacts").bucket
        role = ExecutionRole(
            self,
            "ExecutionRole",
            endpoint_name=deployment.name,
            artifact_buckets=[
                self.bucket,
                *(
                    s3.Bucket.from_bucket_arn(self, f"Bucket{number}", arn)
                    for number, arn in enumerate(buckets, start=1)
                ),
            ],
            repository_arns=list(dict.fromkeys(arn for model in models for arn in model.repositories)),
        )
        self.execution_role = role.role
        """The role that the containers run as."""
        needs = [*self._logs(deployment), *join_network(self, models)]
        if needs:
            role.policy.add_statements(*needs)
        CfnOutput(self, "ArtifactBucket", value=self.bucket.bucket_name)
        # "ExecutionRole" is the construct's own id: only the logical id must carry the name.
        CfnOutput(self, "ExecutionRoleArn", value=self.execution_role.role_arn).override_logical_id(
            "ExecutionRole"
        )
        acknowledge_findings(self)

    def _logs(self, deployment: Deployment[Service]) -> list[iam.PolicyStatement]:
        group = _LOG_GROUPS.get(deployment.service.SECTION)
        if group is None:
            return []
        arn = self.format_arn(
            service="logs",
            resource="log-group",
            resource_name=group.format(name=deployment.name),
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        write = ["CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents"]
        return [
            iam.PolicyStatement(
                sid="WriteOtherLogs", actions=[f"logs:{verb}" for verb in write], resources=[arn, f"{arn}:*"]
            )
        ]
