"""An endpoint that queues its requests."""

from collections.abc import Collection, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._endpoint_resources import metrics_config, production_variant
from tidegate._endpoint_rules import EndpointShape, check_endpoint
from tidegate._instance_endpoint import InstanceEndpoint
from tidegate._role_needs import attach_needs
from tidegate.async_inference import AsyncInference
from tidegate.compatibility import Feature
from tidegate.deployment_guardrails import DeploymentGuardrails
from tidegate.instance_variant import InstanceVariant
from tidegate.variant_property import VariantProperty

_Config = sagemaker.CfnEndpointConfig


class AsyncEndpoint(InstanceEndpoint):
    """An asynchronous endpoint: requests up to 1 GB wait in a queue, answers go to S3, up to 60 minutes each.

    The execution roles that the app defines get a managed policy with what the delivery needs (see
    `AsyncInference.statements`), and the endpoint waits for it; add those statements to an imported role
    yourself. The configuration cannot be taken from an endpoint again, so an asynchronous endpoint does not
    become a real-time one in place. It publishes no `Invocations`: scale it on the backlog.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        variants: One to ten variants with different names.
        inference: Where answers and failures go, and whom to tell.
        endpoint_name: Stable name, at most 63 characters; CloudFormation's choice when None.
        kms_key: Key for the instances' storage volumes; an AWS key when None.
        metrics_frequency_seconds: How often the metrics of the instances are published: one of 10, 30, 60,
            120, 180, 240, 300. SageMaker's default of 60 when None. The queue's come every minute.
        detailed_observability: Whether SageMaker also scrapes the containers' `/metrics` and publishes
            metrics of each instance. Off by default.
        guardrails: How SageMaker moves the queue to an updated fleet, and which alarms move it back; all at
            once without a bake and without alarms when None. There is no rate of errors to watch, because
            nothing counts the requests: watch `async_failures` or latency.
        retain: The variant properties that deploys keep as they are on the live endpoint. When None, the
            counts of a scaled endpoint, and nothing of another one. For updates only, never at creation.

    Raises:
        ValueError: naming every fault at once.

    Example:
        inference = AsyncInference.to("s3://answers/ok", failures="s3://answers/failed")
        AsyncEndpoint(stack, "Endpoint", variants=[live], inference=inference, endpoint_name="slow")

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        variants: Sequence[InstanceVariant],
        inference: AsyncInference,
        endpoint_name: str | None = None,
        kms_key: kms.IKey | None = None,
        metrics_frequency_seconds: int | None = None,
        detailed_observability: bool = False,
        guardrails: DeploymentGuardrails | None = None,
        retain: Collection[VariantProperty] | None = None,
    ) -> None:
        super().__init__(scope, construct_id, variants=variants, guardrails=guardrails, retained=retain)
        shape = EndpointShape(
            variants=variants,
            endpoint_name=endpoint_name,
            asynchronous=True,
            features=[Feature.VOLUME_KEY] if kms_key is not None else [],
            frequency=metrics_frequency_seconds,
            guardrails=guardrails,
            retained=retain,
        )
        check_endpoint(self, shape)
        config = _Config(
            self,
            "Config",
            production_variants=[production_variant(variant) for variant in self.variants],
            async_inference_config=_config(inference),
            kms_key_id=kms_key.key_arn if kms_key is not None else None,
            metrics_config=metrics_config(metrics_frequency_seconds, detailed=detailed_observability),
        )
        endpoint = self._serve_instances(config, endpoint_name=endpoint_name)
        roles = [variant.model.role for variant in self.variants]
        purpose = "Deliver the answers of an asynchronous endpoint"
        for need in attach_needs(self, roles, inference.statements(), purpose=purpose):
            endpoint.node.add_dependency(need)

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` queue requests; the grantee also needs to write the request into S3."""
        return self._grant(grantee, ["sagemaker:InvokeEndpointAsync"])

    def metric(
        self, metric_name: str, *, statistic: str = "Maximum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return a metric of the queue (`AWS/SageMaker`); such metrics carry the endpoint's name only."""
        return self._metric(metric_name, variant_name=None, statistic=statistic, period=period)

    def metric_backlog_size(self) -> cloudwatch.Metric:
        """Return the number of requests that wait or are worked on."""
        return self.metric("ApproximateBacklogSize")

    def metric_backlog_size_per_instance(self) -> cloudwatch.Metric:
        """Return the backlog divided by the instances; target tracking from one instance on follows it."""
        return self.metric("ApproximateBacklogSizePerInstance", statistic="Average")

    def metric_backlog_without_capacity(self) -> cloudwatch.Metric:
        """Return 1 while requests wait and there is no instance: the signal to wake up from zero."""
        return self.metric("HasBacklogWithoutCapacity", statistic="Average")

    def metric_oldest_request_age(self) -> cloudwatch.Metric:
        """Return the age of the oldest waiting request, in seconds."""
        return self.metric("ApproximateAgeOfOldestRequest")


def _config(inference: AsyncInference) -> sagemaker.CfnEndpointConfig.AsyncInferenceConfigProperty:
    count = inference.max_concurrent_invocations_per_instance
    client = None
    if count is not None:
        client = _Config.AsyncInferenceClientConfigProperty(max_concurrent_invocations_per_instance=count)
    return _Config.AsyncInferenceConfigProperty(
        client_config=client,
        output_config=_Config.AsyncInferenceOutputConfigProperty(
            s3_output_path=inference.output_uri,
            s3_failure_path=inference.failure_uri,
            kms_key_id=inference.kms_key.key_arn if inference.kms_key is not None else None,
            notification_config=_notification(inference) if inference.topics else None,
        ),
    )


def _notification(
    inference: AsyncInference,
) -> sagemaker.CfnEndpointConfig.AsyncInferenceNotificationConfigProperty:
    kinds = {"SUCCESS": inference.success_topic, "ERROR": inference.error_topic}
    included = [f"{kind}_NOTIFICATION_TOPIC" for kind, topic in kinds.items() if topic is not None]
    return _Config.AsyncInferenceNotificationConfigProperty(
        success_topic=inference.success_topic.topic_arn if inference.success_topic is not None else None,
        error_topic=inference.error_topic.topic_arn if inference.error_topic is not None else None,
        include_inference_response_in=included if inference.answers_in_notifications else None,
    )
