"""What every kind of endpoint has: a stable name on an unnamed, retained configuration."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, CfnDeletionPolicy, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct


class HostedEndpoint(Construct):
    """Base of the kinds of endpoint; a subclass makes the configuration and calls `_serve` once.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.

    """

    endpoint_name: str
    """Name of the endpoint: the given one, else a deploy-time token."""
    endpoint_config_name: str
    """Name of the stack's own configuration (a deploy-time token)."""
    endpoint_arn: str
    """ARN of the endpoint; SageMaker writes names in ARNs in lower case."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)

    def _serve(
        self, config: sagemaker.CfnEndpointConfig, *, endpoint_name: str | None
    ) -> sagemaker.CfnEndpoint:
        # The endpoint may still roll back to a replaced configuration.
        config.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
        config.cfn_options.deletion_policy = CfnDeletionPolicy.DELETE
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Resource",
            endpoint_name=endpoint_name,
            endpoint_config_name=config.attr_endpoint_config_name,
        )
        self.endpoint_config_name = config.attr_endpoint_config_name
        self.endpoint_name = endpoint_name if endpoint_name is not None else endpoint.attr_endpoint_name
        self.endpoint_arn = Stack.of(self).format_arn(
            service="sagemaker",
            resource="endpoint",
            resource_name=self.endpoint_name.lower() if endpoint_name is not None else self.endpoint_name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        return endpoint

    def _grant(self, grantee: iam.IGrantable, actions: Sequence[str]) -> iam.Grant:
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=list(actions), resource_arns=[self.endpoint_arn]
        )

    def _metric(
        self, metric_name: str, *, variant_name: str | None, statistic: str, period: Duration | None
    ) -> cloudwatch.Metric:
        dimensions = {"EndpointName": self.endpoint_name}
        if variant_name is not None:
            dimensions["VariantName"] = variant_name
        return cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name=metric_name,
            dimensions_map=dimensions,
            statistic=statistic,
            period=period if period is not None else Duration.minutes(1),
        )
