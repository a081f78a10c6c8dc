"""The real-time kind's scaling and metrics, per variant."""

from collections.abc import Collection, Sequence
from dataclasses import asdict

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from constructs import Construct

from tidegate._fingerprint import fingerprint
from tidegate._instance_endpoint import InstanceEndpoint
from tidegate.capacity_scaling import CapacityScaling
from tidegate.compatibility_numbers import refusal
from tidegate.deployment_guardrails import DeploymentGuardrails
from tidegate.instance_variant import InstanceVariant
from tidegate.scaling_target import ScalingTarget
from tidegate.scheduled_capacity import ScheduledCapacity
from tidegate.step_policy import StepPolicy
from tidegate.tracking_policy import TrackingPolicy
from tidegate.variant_property import VariantProperty
from tidegate.variant_scaling import TargetTracking, VariantScaling


class ScaledEndpoint(InstanceEndpoint):
    """Base of an endpoint whose variants scale, and whose invocation metrics carry the variant.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        variants: The variants of the endpoint.
        guardrails: The guardrails, whose steps a scaled fleet must still allow.
        retained: The properties that deploys keep; the default when None.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        variants: Sequence[InstanceVariant],
        guardrails: DeploymentGuardrails | None,
        retained: Collection[VariantProperty] | None,
    ) -> None:
        super().__init__(scope, construct_id, variants=variants, guardrails=guardrails, retained=retained)
        self._scaling: dict[str, TargetTracking] = {}
        self._declared: list[object] = []

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
        self.require_scalable(variant, tracking.min_capacity)
        scaling = VariantScaling(
            self,
            f"Scaling-{variant.name}",
            endpoint_name=self._resource.attr_endpoint_name,
            variant=variant,
            tracking=tracking,
        )
        self._scaling[variant.name] = tracking
        self.keep_counts(variant.name)
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
        self.require_scalable(variant, min_capacity)
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

    def require_scalable(self, variant: InstanceVariant, min_capacity: int) -> None:
        """Check that `variant` is one of the endpoint's, not scaled yet, and may shrink so far.

        Raises:
            ValueError: when it is not.

        """
        if variant not in self._variants:
            names = [known.name for known in self._variants]
            raise ValueError(f"variant must be one of the endpoint's {names}, got {variant.name!r}")
        if self.node.try_find_child(f"Scaling-{variant.name}") is not None:
            raise ValueError(refusal("scaling-twice", f"variant {variant.name!r} is scaled already"))
        self.require_fleet(variant.name, min_capacity)

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` invoke this endpoint."""
        return self._grant(grantee, ["sagemaker:InvokeEndpoint"])

    def metric(
        self, metric_name: str, *, variant_name: str, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return an invocation metric of one variant (`AWS/SageMaker`), over one minute by default."""
        return self._metric(metric_name, variant_name=variant_name, statistic=statistic, period=period)

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
