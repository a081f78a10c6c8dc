"""The role that SageMaker runs model containers as."""

from collections.abc import Sequence
from typing import Final

import jsii
from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from tidegate._targets import Place

_METRIC_NAMESPACES: Final = ["AWS/SageMaker", "/aws/sagemaker/*"]


@jsii.implements(iam.IGrantable)
class ExecutionRole(Construct):
    """A narrow execution role for the models of one endpoint.

    It may read the artifact buckets, pull the given images, write the endpoint's logs and metrics, and read
    the endpoint's alarms. Its policy is a dependency of the role: whatever waits for the role waits for the
    policy.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        endpoint_name: Name of the endpoint whose containers take the role.
        artifact_buckets: Buckets with model artifacts.
        repository_arns: ARNs of the ECR repositories the images come from; none by default.

    Example:
        ExecutionRole(stack, "ExecutionRole", endpoint_name="digits", artifact_buckets=[bucket])

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint_name: str,
        artifact_buckets: Sequence[s3.IBucket],
        repository_arns: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self.policy = iam.ManagedPolicy(
            self,
            "Policy",
            description=f"What the model containers of {endpoint_name} may do",
            statements=[
                *_read(artifact_buckets),
                *_pull(repository_arns),
                *_observe(Place.of(Stack.of(self)), endpoint_name),
            ],
        )
        self.role: iam.IRole = iam.Role(
            self,
            "Resource",
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
            description=f"Taken by the model containers of {endpoint_name}",
            managed_policies=[self.policy],
        )
        """The role itself, for `Model` and for grants."""

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The principal to grant to."""
        return self.role.grant_principal


def _read(buckets: Sequence[s3.IBucket]) -> list[iam.PolicyStatement]:
    if not buckets:
        return []
    return [
        iam.PolicyStatement(
            sid="ReadArtifacts",
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[bucket.arn_for_objects("*") for bucket in buckets],
        ),
        iam.PolicyStatement(
            sid="ListArtifacts",
            actions=["s3:ListBucket"],
            resources=[bucket.bucket_arn for bucket in buckets],
        ),
    ]


def _pull(repository_arns: Sequence[str]) -> list[iam.PolicyStatement]:
    login = iam.PolicyStatement(sid="LogInToEcr", actions=["ecr:GetAuthorizationToken"], resources=["*"])
    if not repository_arns:
        return [login]
    pull = iam.PolicyStatement(
        sid="PullImages",
        actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        resources=list(repository_arns),
    )
    return [login, pull]


def _observe(place: Place, endpoint_name: str) -> list[iam.PolicyStatement]:
    logs = place.arn("logs", f"log-group:/aws/sagemaker/Endpoints/{endpoint_name}")
    return [
        iam.PolicyStatement(
            sid="WriteLogs",
            actions=[
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            resources=[logs, f"{logs}:*"],
        ),
        iam.PolicyStatement(
            sid="WriteMetrics",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringLike": {"cloudwatch:namespace": _METRIC_NAMESPACES}},
        ),
        iam.PolicyStatement(
            sid="ReadAlarms",
            actions=["cloudwatch:DescribeAlarms"],
            resources=[place.arn("cloudwatch", f"alarm:{endpoint_name}-*")],
        ),
    ]
