"""A real-time endpoint with one or more instance variants."""

from collections.abc import Sequence
from dataclasses import asdict

from aws_cdk import ArnFormat, CfnDeletionPolicy, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._endpoint_extras import add_extras
from tidegate._endpoint_resources import (
    check_endpoint,
    declared_variants,
    metrics_config,
    production_variant,
    warn_about,
)
from tidegate._fingerprint import fingerprint
from tidegate._guardrails import Guardrails, check_guardrails, check_scaled_fleet, declared
from tidegate.capacity_scaling import CapacityScaling
from tidegate.data_capture import DataCapture
from tidegate.deployment_guardrails import DeploymentGuardrails
from tidegate.explainer import Explainer
from tidegate.instance_variant import InstanceVariant
from tidegate.scaling_target import ScalingTarget
from tidegate.scheduled_capacity import ScheduledCapacity
from tidegate.step_policy import StepPolicy
from tidegate.tracking_policy import TrackingPolicy
from tidegate.variant_scaling import TargetTracking, VariantScaling


class RealTimeEndpoint(Construct):
    """A real-time endpoint: a named endpoint on an unnamed, retained configuration.

    Every property of a configuration is create-only, so any change makes a new one; the old one stays,
    because the endpoint may still roll back to it. Without scaling the template owns the instance counts.
    With scaling the scaler owns them: updates then keep the counts, and take the weights from the
    configuration.

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
    ) -> None:
        super().__init__(scope, construct_id)
        check_endpoint(variants, endpoint_name, metrics_frequency_seconds, encrypted=kms_key is not None)
        warn_about(self, variants)
        if guardrails is not None:
            check_guardrails(guardrails, variants, metrics_frequency_seconds)
        self._guardrails = guardrails
        self.variants: tuple[InstanceVariant, ...] = tuple(variants)
        """The variants, without a shadow."""
        self._scaling: dict[str, TargetTracking] = {}
        key_arn = kms_key.key_arn if kms_key is not None else None
        self._declared: list[object] = [*declared_variants(variants), [metrics_frequency_seconds, key_arn]]
        config = self._define_config(metrics_frequency_seconds, kms_key)
        self._declared += add_extras(
            self, config, variants=variants, shadow=shadow, data_capture=data_capture, explainer=explainer
        )
        resource = self._define_endpoint(endpoint_name, config)
        self.endpoint_config_name: str = config.attr_endpoint_config_name
        """Name of the stack's own configuration (a deploy-time token)."""
        self.endpoint_name: str = endpoint_name if endpoint_name is not None else resource.attr_endpoint_name
        """Name of the endpoint: the given one, else a deploy-time token."""
        self.endpoint_arn: str = Stack.of(self).format_arn(
            service="sagemaker",
            resource="endpoint",
            resource_name=self.endpoint_name.lower() if endpoint_name is not None else self.endpoint_name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        """ARN of the endpoint; SageMaker writes names in ARNs in lower case."""
        if guardrails is not None:
            self._guard(guardrails, endpoint_name)

    @property
    def shape_hash(self) -> str:
        """Digest of all that a deploy could change: models, variants, metrics, scaling. Read it last."""
        return fingerprint(self, [self._declared, *(asdict(tracking) for tracking in self._scaling.values())])

    def add_scaling(self, variant: InstanceVariant, *, tracking: TargetTracking) -> VariantScaling:
        """Scale `variant` by its load; from then on deploys keep the counts the scaler chose.

        Raises:
            ValueError: when the endpoint has no such variant, the variant is scaled already, or cannot be
                scaled.

        """
        self._check_scaling(variant, tracking.min_capacity)
        scaling = VariantScaling(
            self,
            f"Scaling-{variant.name}",
            endpoint_name=self._resource.attr_endpoint_name,
            variant=variant,
            tracking=tracking,
        )
        self._scaling[variant.name] = tracking
        self._resource.retain_all_variant_properties = True
        self._resource.exclude_retained_variant_properties = [
            sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type="DesiredWeight")
        ]
        return scaling

    def add_capacity_scaling(
        self,
        variant: InstanceVariant,
        *,
        min_capacity: int,
        max_capacity: int,
        policies: Sequence[TrackingPolicy | StepPolicy] = (),
        schedules: Sequence[ScheduledCapacity] = (),
    ) -> CapacityScaling:
        """Scale `variant` by any policies and schedules; deploys then keep the counts the scaler chose.

        Raises:
            ValueError: as `add_scaling` does, and for what `CapacityScaling` refuses.

        """
        self._check_scaling(variant, min_capacity)
        scaling = CapacityScaling(
            self,
            f"Scaling-{variant.name}",
            target=ScalingTarget.instances(self, variant),
            min_capacity=min_capacity,
            max_capacity=max_capacity,
            policies=policies,
            schedules=schedules,
        )
        self._declared.append([variant.name, min_capacity, max_capacity, repr((policies, schedules))])
        return scaling

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` invoke this endpoint."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:InvokeEndpoint"], resource_arns=[self.endpoint_arn]
        )

    def metric(
        self, metric_name: str, *, variant_name: str, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return an invocation metric of one variant (`AWS/SageMaker`), over one minute by default."""
        return cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name=metric_name,
            dimensions_map={"EndpointName": self.endpoint_name, "VariantName": variant_name},
            statistic=statistic,
            period=period if period is not None else Duration.minutes(1),
        )

    def metric_invocations(self, variant_name: str) -> cloudwatch.Metric:
        """Return the number of requests sent to the variant."""
        return self.metric("Invocations", variant_name=variant_name)

    def metric_server_errors(self, variant_name: str) -> cloudwatch.Metric:
        """Return the number of requests that ended with a 5xx status."""
        return self.metric("Invocation5XXErrors", variant_name=variant_name)

    def metric_model_errors(self, variant_name: str) -> cloudwatch.Metric:
        """Return the number of requests that the model container did not answer with 2xx."""
        return self.metric("InvocationModelErrors", variant_name=variant_name)

    def metric_model_latency(self, variant_name: str, *, statistic: str = "p90") -> cloudwatch.Metric:
        """Return the time the model container took, in microseconds; the 90th percentile by default."""
        return self.metric("ModelLatency", variant_name=variant_name, statistic=statistic)

    def _define_config(self, frequency: int | None, kms_key: kms.IKey | None) -> sagemaker.CfnEndpointConfig:
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            production_variants=[production_variant(variant) for variant in self.variants],
            kms_key_id=kms_key.key_arn if kms_key is not None else None,
            metrics_config=metrics_config(frequency),
        )
        config.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
        config.cfn_options.deletion_policy = CfnDeletionPolicy.DELETE
        return config

    def _define_endpoint(
        self, endpoint_name: str | None, config: sagemaker.CfnEndpointConfig
    ) -> sagemaker.CfnEndpoint:
        self._resource = sagemaker.CfnEndpoint(
            self,
            "Resource",
            endpoint_name=endpoint_name,
            endpoint_config_name=config.attr_endpoint_config_name,
        )
        return self._resource

    def _check_scaling(self, variant: InstanceVariant, min_capacity: int) -> None:
        if variant not in self.variants:
            names = [known.name for known in self.variants]
            raise ValueError(f"variant must be one of the endpoint's {names}, got {variant.name!r}")
        if self.node.try_find_child(f"Scaling-{variant.name}") is not None:
            raise ValueError(f"variant {variant.name!r} is scaled already")
        check_scaled_fleet(self._guardrails, variant.name, min_capacity)

    def _guard(self, guardrails: DeploymentGuardrails, endpoint_name: str | None) -> None:
        if endpoint_name is None:
            raise ValueError("guardrails need an endpoint_name: the alarms are made before the endpoint")
        parts = Guardrails(
            self,
            "Guardrails",
            guardrails=guardrails,
            variants=self.variants,
            dimensions={"EndpointName": endpoint_name, "EndpointConfigName": self.endpoint_config_name},
            name_prefix=endpoint_name,
        )
        self._resource.deployment_config = parts.deployment_config()
        self._resource.node.add_dependency(parts)
        self._declared.append(declared(self, guardrails))
