"""What endpoints of instances share: variants, guardrails, and what a deploy keeps."""

from collections.abc import Collection, Sequence

from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from tidegate._endpoint_rules import check_scaled_fleet
from tidegate._guardrails import Guardrails
from tidegate._hosted_endpoint import HostedEndpoint
from tidegate._retention import keep_scaled_count, retain
from tidegate.deployment_guardrails import DeploymentGuardrails
from tidegate.instance_variant import InstanceVariant
from tidegate.variant_property import VariantProperty


class InstanceEndpoint(HostedEndpoint):
    """Base of the endpoints whose variants are fleets of instances.

    Args:
        scope: The parent construct.
        construct_id: Id within the parent.
        variants: The production variants.
        guardrails: The native deployment policy; None for all at once.
        retained: The properties that deploys keep; the default of the kind when None.

    """

    _resource: sagemaker.CfnEndpoint

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        variants: Sequence[InstanceVariant],
        guardrails: DeploymentGuardrails | None,
        retained: Collection[VariantProperty] | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._variants = tuple(variants)
        self._guardrails = guardrails
        self._retained = None if retained is None else tuple(retained)

    @property
    def variants(self) -> tuple[InstanceVariant, ...]:
        """The production variants, in the order given."""
        return self._variants

    def require_fleet(self, variant_name: str, min_capacity: int) -> None:
        """Check that a variant may shrink so far: a step of the guardrails is at least one instance.

        Raises:
            ValueError: when it may not.

        """
        for variant in self._variants:
            if variant.name == variant_name:
                check_scaled_fleet(self._guardrails, variant, min_capacity)

    def keep_counts(self, variant_name: str) -> None:
        """Let deploys keep the counts that a scaler chose.

        Raises:
            ValueError: when the endpoint was told to take them from the configuration.

        """
        keep_scaled_count(self._resource, self._retained, variant=variant_name)

    def _serve_instances(
        self, config: sagemaker.CfnEndpointConfig, *, endpoint_name: str | None
    ) -> sagemaker.CfnEndpoint:
        self._resource = self._serve(config, endpoint_name=endpoint_name)
        if self._retained is not None:
            retain(self._resource, self._retained)
        if self._guardrails is not None and endpoint_name is not None:
            self._guard(self._guardrails, endpoint_name)
        return self._resource

    def _guard(self, guardrails: DeploymentGuardrails, endpoint_name: str) -> None:
        parts = Guardrails(
            self,
            "Guardrails",
            guardrails=guardrails,
            variants=self.variants,
            dimensions={"EndpointName": endpoint_name, "EndpointConfigName": self.endpoint_config_name},
            name_prefix=endpoint_name,
        )
        self._resource.deployment_config = parts.deployment_config()
        self._resource.node.add_dependency(*parts.needs)
