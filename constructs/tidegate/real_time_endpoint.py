"""A real-time endpoint with one or more instance variants."""

from collections.abc import Collection, Sequence

from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._endpoint_extras import add_extras
from tidegate._endpoint_resources import declared_variants, metrics_config, production_variant
from tidegate._endpoint_rules import EndpointShape, check_endpoint
from tidegate._guardrails import declared
from tidegate._scaled_endpoint import ScaledEndpoint
from tidegate.compatibility import Feature
from tidegate.data_capture import DataCapture
from tidegate.deployment_guardrails import DeploymentGuardrails
from tidegate.explainer import Explainer
from tidegate.instance_variant import InstanceVariant
from tidegate.variant_property import VariantProperty


class RealTimeEndpoint(ScaledEndpoint):
    """A real-time endpoint: a named endpoint on an unnamed, retained configuration.

    Every property of a configuration is create-only, so any change makes a new one; the old one stays,
    because the endpoint may still roll back to it. Without scaling the template owns the instance counts.
    With scaling the scaler owns them: updates then keep the counts, and take the weights from the
    configuration unless `retain` says otherwise.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        variants: One to ten variants with different names.
        endpoint_name: Stable name, at most 63 characters; CloudFormation's choice when None.
        metrics_frequency_seconds: How often the invocation metrics are published: one of 10, 30, 60, 120,
            180, 240, 300. SageMaker's default of 60 when None.
        kms_key: Key for the instances' storage volumes; an AWS key when None.
        guardrails: How SageMaker moves traffic to an updated fleet, and which alarms move it back; all at
            once without a bake and without alarms when None. Roles that the app defines are allowed to
            read the alarms; an imported role must allow it itself.
        shadow: Variant that gets copies of the requests and whose answers are dropped, beside exactly one
            variant; its weight is its share of the copies. None by default.
        data_capture: Which requests and answers are kept in S3; none when None.
        explainer: How answers are explained; not at all when None.
        detailed_observability: Whether SageMaker also scrapes the containers' `/metrics` and publishes
            metrics of each instance. Off by default.
        retain: The variant properties that deploys keep as they are on the live endpoint. When None, the
            counts of a scaled endpoint, and nothing of another one. For updates only, never at creation.

    Raises:
        ValueError: naming every fault at once.

    Example:
        live = InstanceVariant(name="live", model=model, instance_type="ml.m5.large", initial_count=2)
        endpoint = RealTimeEndpoint(stack, "Endpoint", variants=[live], endpoint_name="digits")
        endpoint.add_scaling(live, tracking=tracking)

    Source:
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        variants: Sequence[InstanceVariant],
        endpoint_name: str | None = None,
        metrics_frequency_seconds: int | None = None,
        kms_key: kms.IKey | None = None,
        guardrails: DeploymentGuardrails | None = None,
        shadow: InstanceVariant | None = None,
        data_capture: DataCapture | None = None,
        explainer: Explainer | None = None,
        detailed_observability: bool = False,
        retain: Collection[VariantProperty] | None = None,
    ) -> None:
        super().__init__(scope, construct_id, variants=variants, guardrails=guardrails, retained=retain)
        wanted = {Feature.VOLUME_KEY: kms_key is not None, Feature.DATA_CAPTURE: data_capture is not None}
        shape = EndpointShape(
            variants=variants,
            endpoint_name=endpoint_name,
            asynchronous=False,
            features={feature for feature, given in wanted.items() if given},
            frequency=metrics_frequency_seconds,
            retained=retain,
            guardrails=guardrails,
            shadow=shadow,
        )
        check_endpoint(self, shape)
        key_arn = kms_key.key_arn if kms_key is not None else None
        self._declared += [*declared_variants(variants), [metrics_frequency_seconds, key_arn]]
        config = self._define_config(metrics_frequency_seconds, kms_key, detailed=detailed_observability)
        self._declared += add_extras(
            self, config, variants=variants, shadow=shadow, data_capture=data_capture, explainer=explainer
        )
        # What is not the default alone: the digest of what was deployed before must stay as it was.
        self._declared += ["detailed"] if detailed_observability else []
        self._declared += [["retain", *(one.value for one in retain)]] if retain is not None else []
        self._serve_instances(config, endpoint_name=endpoint_name)
        if guardrails is not None:
            self._declared.append(declared(self, guardrails))

    def _define_config(
        self, frequency: int | None, kms_key: kms.IKey | None, *, detailed: bool
    ) -> sagemaker.CfnEndpointConfig:
        return sagemaker.CfnEndpointConfig(
            self,
            "Config",
            production_variants=[production_variant(variant) for variant in self.variants],
            kms_key_id=kms_key.key_arn if kms_key is not None else None,
            metrics_config=metrics_config(frequency, detailed=detailed),
        )
